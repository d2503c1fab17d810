// What Go calls of QuickJS, and what QuickJS calls of Go. It is one unit with the engine, whose structures it reads: so
// nothing outside of this file knows how they lie in memory.
//
// Pointers and JSValues are as in quickjs.h: 32 bits, and 64 with the tag in the upper half. A function that gives a
// JSValue gives a reference with it; one that takes a JSValueConst leaves the caller's.

#include "quickjs.c"

#define EXPORT(name) __attribute__((export_name(#name), used))
#define IMPORT(name) __attribute__((import_module("doemu"), import_name(#name)))

// A call of the host function with this number. The result is the caller's; an exception has been thrown.
IMPORT(call) JSValue host_call(int number, int argc, JSValueConst *argv);
// The module with this name, or NULL after an exception was thrown.
IMPORT(module) JSModuleDef *host_module(const char *name);
// A promise was rejected without a handler, or got its first one later.
IMPORT(rejection) void host_rejection(JSValueConst promise, JSValueConst reason, int handled);
// Running code asks again and again: 1 ends it with an exception that it cannot catch.
IMPORT(interrupt) int host_interrupt(void);
// Nanoseconds since 1970, as code sees them.
IMPORT(now) int64_t host_now(void);

static JSModuleDef *load_module(JSContext *ctx, const char *name, void *opaque) { return host_module(name); }

static int interrupt(JSRuntime *rt, void *opaque) { return host_interrupt(); }

static void track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool handled, void *opaque)
{
    if (!handled && has_context_hooks(ctx))
        JS_FreeValue(ctx, call_context_hook(ctx, JS_CONTEXT_NOTE, promise));
    host_rejection(promise, reason, handled);
}

// stack_size is the C stack that the linker reserves below all data; what is below stack_guard is for functions that
// do not look how deep they are.
enum { stack_size = 2 << 20, stack_guard = 192 << 10 };

// A runtime with one context. The collector of cycles starts when so many bytes are in use.
EXPORT(new_context) JSContext *face_new_context(size_t gc_threshold)
{
    JSRuntime *rt = JS_NewRuntime();
    JSContext *ctx;

    if (!rt)
        return NULL;
    rt->stack_limit = stack_guard;
    JS_SetGCThreshold(rt, gc_threshold);
    JS_SetHiddenFiles(rt, "doemu:");
    JS_SetModuleLoaderFunc(rt, NULL, load_module, NULL);
    JS_SetInterruptHandler(rt, interrupt, NULL);
    JS_SetHostPromiseRejectionTracker(rt, track_rejection, NULL);
    ctx = JS_NewContext(rt);
    if (!ctx)
        return NULL;
    return ctx;
}

// Where Math.random goes on. It must not be 0.
EXPORT(set_random) void face_set_random(JSContext *ctx, uint64_t state) { ctx->random_state = state; }

// Memory of the runtime's, for what the host passes on.
EXPORT(malloc) void *face_malloc(JSContext *ctx, size_t size) { return js_malloc_rt(ctx->rt, size); }
EXPORT(free) void face_free(JSContext *ctx, void *p) { js_free_rt(ctx->rt, p); }

EXPORT(dup_value) void face_dup_value(JSValueConst v) { js_dup(v); }
EXPORT(free_value) void face_free_value(JSContext *ctx, JSValue v) { JS_FreeValue(ctx, v); }

// Whether anything but one reference keeps an object alive.
EXPORT(is_shared) int face_is_shared(JSValueConst v) { return JS_REF_COUNT(JS_VALUE_GET_PTR(v)) > 1; }

// Calls a function with this undefined.
EXPORT(call) JSValue face_call(JSContext *ctx, JSValueConst function, int argc, JSValueConst *argv)
{
    return JS_Call(ctx, function, JS_UNDEFINED, argc, argv);
}

// Runs all jobs; -1 after an exception.
EXPORT(run_jobs) int face_run_jobs(JSContext *ctx)
{
    JSContext *in;
    int ret;

    do
        ret = JS_ExecutePendingJob(ctx->rt, &in);
    while (ret > 0);
    return ret;
}

// A string of UTF-8, in which a lone surrogate may be three bytes.
EXPORT(new_string) JSValue face_new_string(JSContext *ctx, const char *p, size_t length) { return JS_NewStringLen(ctx, p, length); }
// A string of characters of one byte each, or of two.
EXPORT(new_string8) JSValue face_new_string8(JSContext *ctx, const uint8_t *p, int length) { return js_new_string8_len(ctx, (const char *)p, length); }
EXPORT(new_string16) JSValue face_new_string16(JSContext *ctx, const uint16_t *p, int length) { return js_new_string16_len(ctx, p, length); }
// The value of a JSON text, behind which a NUL must be.
EXPORT(parse_json) JSValue face_parse_json(JSContext *ctx, const char *p, size_t length) { return JS_ParseJSON(ctx, p, length, "<json>"); }
// An ArrayBuffer with a copy of the bytes.
EXPORT(new_bytes) JSValue face_new_bytes(JSContext *ctx, const uint8_t *p, size_t length) { return JS_NewArrayBufferCopy(ctx, p, length); }

struct span {
    const void *p;
    uint32_t length; // of characters or bytes
    uint32_t wide;   // whether characters have two bytes
};

// The characters of a string in whatever form the engine keeps it. They stay while the value is referred to. It gives
// -1 if there is no memory to bring them together.
EXPORT(characters) int face_characters(JSContext *ctx, JSValueConst v, struct span *out)
{
    JSString *p;

    if (JS_VALUE_GET_TAG(v) == JS_TAG_STRING_ROPE) {
        JSStringRope *r = JS_VALUE_GET_PTR(v);
        JSValue flat = js_linearize_string_rope(ctx, js_dup(v));
        if (JS_IsException(flat))
            return -1;
        // The rope keeps it from now on.
        JS_FreeValue(ctx, flat);
        if (JS_VALUE_GET_TAG(r->left) != JS_TAG_STRING)
            return -1;
        p = JS_VALUE_GET_STRING(r->left);
        if (p->len != r->len)
            return -1;
    } else {
        p = JS_VALUE_GET_STRING(v);
    }
    out->p = strv(p);
    out->length = p->len;
    out->wide = p->is_wide_char;
    return 0;
}

static bool is_view(JSObject *p) { return is_typed_array(p->class_id) || p->class_id == JS_CLASS_DATAVIEW; }

// How a typed array or DataView lies on its buffer: 0 with a length of its own, 1 with that of the buffer, 2 beyond it.
EXPORT(view_state) int face_view_state(JSValueConst v)
{
    JSTypedArray *ta = JS_VALUE_GET_OBJ(v)->u.typed_array;
    JSArrayBuffer *abuf = ta->buffer->u.array_buffer;
    int64_t size = abuf->detached ? 0 : abuf->byte_length;

    if (ta->track_rab)
        return ta->offset <= size ? 1 : 2;
    return (int64_t)ta->offset + ta->length > size ? 2 : 0;
}

// The bytes of an ArrayBuffer, SharedArrayBuffer, typed array or DataView, as the buffer has them now; -1 for another value.
EXPORT(bytes) int face_bytes(JSValueConst v, struct span *out)
{
    JSObject *p;
    JSArrayBuffer *abuf;
    uint32_t offset = 0, length, size;

    if (JS_VALUE_GET_TAG(v) != JS_TAG_OBJECT)
        return -1;
    p = JS_VALUE_GET_OBJ(v);
    if (p->class_id == JS_CLASS_ARRAY_BUFFER || p->class_id == JS_CLASS_SHARED_ARRAY_BUFFER) {
        abuf = p->u.array_buffer;
        length = abuf->byte_length;
    } else if (is_view(p)) {
        JSTypedArray *ta = p->u.typed_array;
        abuf = ta->buffer->u.array_buffer;
        offset = ta->offset;
        size = abuf->byte_length;
        length = ta->track_rab ? (offset <= size ? size - offset : 0) : ta->length;
        if (offset > size || length > size - offset)
            length = 0;
    } else {
        return -1;
    }
    if (abuf->detached || !abuf->data)
        length = 0;
    out->p = length ? abuf->data + offset : NULL;
    out->length = length;
    return 0;
}

// The engine's number for an object's class, which no program can forge; 0 for other values.
EXPORT(class_of) int face_class_of(JSValueConst v)
{
    return JS_VALUE_GET_TAG(v) == JS_TAG_OBJECT ? JS_VALUE_GET_OBJ(v)->class_id : 0;
}

EXPORT(throw_value) JSValue face_throw_value(JSContext *ctx, JSValue v) { return JS_Throw(ctx, v); }
// Throws an error that neither catch nor finally sees.
EXPORT(throw_uncatchable) JSValue face_throw_uncatchable(JSContext *ctx, JSValue v)
{
    JS_SetUncatchableError(ctx, v);
    return JS_Throw(ctx, v);
}
EXPORT(exception) JSValue face_exception(JSContext *ctx) { return JS_GetException(ctx); }

// Evaluates a text, behind which a NUL must be, or only compiles it: flags are those of JS_Eval.
EXPORT(eval) JSValue face_eval(JSContext *ctx, const char *text, size_t length, const char *name, int flags)
{
    return JS_Eval(ctx, text, length, name, flags);
}
// The code of a script that was compiled, without its text, in memory of the engine's; its length comes after the pointer.
EXPORT(write_code) uint8_t *face_write_code(JSContext *ctx, JSValueConst script, size_t *length)
{
    return JS_WriteObject(ctx, length, script, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
}
// Evaluates the code of a script that write_code wrote, with the same engine.
EXPORT(run_code) JSValue face_run_code(JSContext *ctx, const uint8_t *code, size_t length)
{
    JSValue script = JS_ReadObject(ctx, code, length, JS_READ_OBJ_BYTECODE);
    return JS_IsException(script) ? script : JS_EvalFunction(ctx, script);
}
// Evaluates a module that was compiled: a promise.
EXPORT(eval_module) JSValue face_eval_module(JSContext *ctx, JSValue module)
{
    if (JS_ResolveModule(ctx, module) < 0) {
        JS_FreeValue(ctx, module);
        return JS_EXCEPTION;
    }
    return JS_EvalFunction(ctx, module);
}
EXPORT(module_of) JSModuleDef *face_module_of(JSValueConst v) { return JS_VALUE_GET_PTR(v); }
EXPORT(namespace) JSValue face_namespace(JSContext *ctx, JSValueConst module) { return JS_GetModuleNamespace(ctx, JS_VALUE_GET_PTR(module)); }
// 0 pending, 1 fulfilled, 2 rejected.
EXPORT(promise_state) int face_promise_state(JSContext *ctx, JSValueConst promise) { return JS_PromiseState(ctx, promise); }
EXPORT(promise_result) JSValue face_promise_result(JSContext *ctx, JSValueConst promise) { return JS_PromiseResult(ctx, promise); }

static JSValue call_host(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int number)
{
    return host_call(number, argc, argv);
}

// A function that calls the host with a number.
EXPORT(new_function) JSValue face_new_function(JSContext *ctx, int number, const char *name)
{
    return JS_NewCFunctionMagic(ctx, call_host, name, 0, JS_CFUNC_generic_magic, number);
}

EXPORT(property) JSValue face_property(JSContext *ctx, JSValueConst object, const char *name) { return JS_GetPropertyStr(ctx, object, name); }

EXPORT(set_context_hooks) void face_set_context_hooks(JSContext *ctx, JSValueConst *hooks)
{
    for (int i = 0; i < JS_CONTEXT_HOOK_COUNT; i++)
        ctx->context_hooks[i] = js_dup(hooks[i]);
}
EXPORT(has_context_hooks) int face_has_context_hooks(JSContext *ctx) { return has_context_hooks(ctx); }

// Collects cycles with the first object that is made after so many bytes more are in use.
EXPORT(collect_after) void face_collect_after(JSContext *ctx, size_t bytes)
{
    ctx->rt->malloc_gc_threshold = bytes ? ctx->rt->malloc_state.malloc_size + bytes : 0;
}
EXPORT(collect) void face_collect(JSContext *ctx) { JS_RunGC(ctx->rt); }
EXPORT(used_bytes) size_t face_used_bytes(JSContext *ctx) { return ctx->rt->malloc_state.malloc_size; }

// Rows come into a heap as one text of bytes, and are made by one call: to parse them from JSON, or to define the
// properties of each by itself, takes several times longer. The values follow the header, row behind row. One is the
// JSValue itself, if that is a number, null or anything else without a reference count. Otherwise it is a JSValue with
// the tag of strings or of objects, with a length in the place of the pointer, and so many bytes behind it: of UTF-8
// for a string, of the contents for an ArrayBuffer.
struct rows {
    JSValueConst form; // an object whose shape all rows take, with a property for each column; or undefined for values alone
    uint32_t count;    // of rows, or 0 for one by itself and not in an array
    uint32_t columns;  // at least 1
    uint8_t values[];
};

static JSValue row_value(JSContext *ctx, const uint8_t **in)
{
    JSValue v;
    uint32_t length;

    memcpy(&v, *in, sizeof(v));
    *in += sizeof(v);
    switch (JS_VALUE_GET_TAG(v)) {
    case JS_TAG_STRING:
        length = JS_VALUE_GET_INT(v);
        v = JS_NewStringLen(ctx, (const char *)*in, length);
        *in += length;
        break;
    case JS_TAG_OBJECT:
        length = JS_VALUE_GET_INT(v);
        v = JS_NewArrayBufferCopy(ctx, *in, length);
        *in += length;
        break;
    }
    return v;
}

// An object of the form with the next values. A collection may start with each object that is made, so all properties
// have values before the first of these.
static JSValue row_object(JSContext *ctx, JSShape *shape, uint32_t columns, const uint8_t **in)
{
    JSValue object = JS_NewObjectFromShape(ctx, js_dup_shape(shape), JS_CLASS_OBJECT, NULL);
    JSObject *p;

    if (JS_IsException(object))
        return object;
    p = JS_VALUE_GET_OBJ(object);
    for (uint32_t i = 0; i < columns; i++)
        p->prop[i].u.value = JS_UNDEFINED;
    for (uint32_t i = 0; i < columns; i++) {
        JSValue v = row_value(ctx, in);
        if (JS_IsException(v)) {
            JS_FreeValue(ctx, object);
            return v;
        }
        p->prop[i].u.value = v;
    }
    return object;
}

EXPORT(new_rows) JSValue face_new_rows(JSContext *ctx, const struct rows *rows)
{
    const uint8_t *in = rows->values;
    JSShape *shape = JS_VALUE_GET_TAG(rows->form) == JS_TAG_OBJECT ? JS_VALUE_GET_OBJ(rows->form)->shape : NULL;
    JSValue array, v;
    JSObject *p;

    if (rows->count == 0)
        return shape ? row_object(ctx, shape, rows->columns, &in) : row_value(ctx, &in);
    array = JS_NewArray(ctx);
    if (JS_IsException(array))
        return array;
    p = JS_VALUE_GET_OBJ(array);
    if (expand_fast_array(ctx, p, rows->count) < 0) {
        JS_FreeValue(ctx, array);
        return JS_EXCEPTION;
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        v = shape ? row_object(ctx, shape, rows->columns, &in) : row_value(ctx, &in);
        if (JS_IsException(v)) {
            JS_FreeValue(ctx, array);
            return v;
        }
        p->u.array.u.values[p->u.array.count++] = v;
    }
    p->prop[0].u.value = js_int32(rows->count);
    return array;
}

// How many properties the form of an object has.
EXPORT(form_size) int face_form_size(JSValueConst object) { return JS_VALUE_GET_OBJ(object)->shape->prop_count; }

// leave_ring takes the head out of a list, which stays a ring: what is in it may still take itself out.
static void leave_ring(struct list_head *head)
{
    if (list_empty(head))
        return;
    head->prev->next = head->next;
    head->next->prev = head->prev;
    init_list_head(head);
}

// Makes what is in the heap fit to be shared by heaps that begin as copies of its pages: garbage is collected; nothing
// that is there is ever counted or freed again, and no collection visits it; all memory that comes from now on lies
// behind it. Returns the bytes that were free and are not any more.
EXPORT(freeze) size_t face_freeze(JSContext *ctx)
{
    JSRuntime *rt = ctx->rt;
    JSArenaState *s = &rt->arena_state;
    struct list_head *el;
    uint8_t *end, *p;
    size_t taken = 0;

    JS_RunGC(rt);
    for (int i = 0; i < JS_ARENA_BLOCK_SIZE_COUNT; i++) {
        list_for_each(el, &s->arena_list[i]) {
            JSArena *ar = list_entry(el, JSArena, link);
            for (int k = 0; k < ar->n_blocks; k++) {
                JSMallocBlockHeader *b = arena_get_block(ar, k, arena_block_sizes[i]);
                b->ref_count = JS_RC_IMMORTAL;
            }
            // One more than there are: the arena never seems empty, whatever of it is freed.
            taken += (ar->n_blocks - ar->n_used_blocks) * arena_block_sizes[i];
            ar->n_used_blocks = ar->n_blocks + 1;
        }
        while (!list_empty(&s->free_arena_list[i]))
            list_del(s->free_arena_list[i].next);
        leave_ring(&s->arena_list[i]);
    }
    list_for_each(el, &s->large_list) {
        list_entry(el, JSLargeBlock, link)->header.ref_count = JS_RC_IMMORTAL;
    }
    leave_ring(&s->large_list);
    leave_ring(&rt->gc_obj_list);
    // What the C library has free between allocations is taken, the largest first, so that new memory is all at the end.
    end = malloc(1 << 20);
    if (!end)
        return taken;
    for (size_t size = 512 << 10; size >= 16; size = size > 4096 ? size - size / 16 : size - 8) {
        while ((p = malloc(size)) && p < end)
            taken += malloc_usable_size(p);
        free(p);
    }
    free(end);
    return taken;
}

// What the C library asks the system for. There is none: of WASI it gets the time, which is that of the host, and no file.
enum { errno_badf = 8 };

int32_t __imported_wasi_snapshot_preview1_clock_time_get(int32_t id, int64_t precision, int32_t time)
{
    *(int64_t *)(intptr_t)time = host_now();
    return 0;
}

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd) { return errno_badf; }
int32_t __imported_wasi_snapshot_preview1_fd_fdstat_get(int32_t fd, int32_t stat) { return errno_badf; }
int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t offset, int32_t whence, int32_t at) { return errno_badf; }
int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t parts, int32_t count, int32_t written) { return errno_badf; }
