package quickjs

// The numbers of the one build of qjs.wasm whose SHA-256 is sum: function indices, table indices,
// addresses and field offsets, read out of the binary. They hold for no other build.
const (
	sum = "88fcbeead33cca3ec8394feb0fb3eec8047ec9ac5062aba7a63799cee11989b7"

	fnHostProxy         = 0 // the import env.jsFunctionProxy
	fnThrowRangeError   = 40
	fnMalloc            = 101
	fnFree              = 103
	fnCallCFunction     = 257
	fnCallInternal      = 266
	fnExecutePendingJob = 279
	fnFreeValue         = 280
	fnNewFromShape      = 287 // JS_NewObjectFromShape, which uses a reference to the shape up
	fnResolvePromise    = 333 // js_promise_resolve_function_call
	fnNewStringLen      = 348
	fnToCStringLen      = 357
	fnFreeCString       = 361
	fnNewCFunction      = 289 // JS_NewCFunction3
	fnThrow             = 370
	fnGetException      = 371
	fnGetPropertyStr    = 412
	fnCall              = 451
	fnGetModuleNS       = 484
	fnEvalFunction      = 488
	fnEval              = 493
	fnImportJob         = 460 // js_dynamic_import_job: what import() leaves to do
	fnParseJSON         = 519
	fnNewArrayBuffer    = 570
	fnPromiseThen       = 650 // perform_promise_then

	// classResolveFunction is the class of the functions that resolve a promise; their function
	// above also serves those that reject.
	classResolveFunction = 51
	// objectClass is the field of JSObject with its class, 16 bits.
	objectClass = 6
	// ObjectShape is the field of JSObject that points to its JSShape, objectProps to its properties:
	// eight bytes each, in the order of the shape.
	ObjectShape = 16
	objectProps = 20
	// The fields of JSObject that an array has: how many elements there is room for, where they are,
	// and how many there are. An array's length is its first property.
	arrayRoom   = 32
	arrayValues = 36
	arrayCount  = 40
	// ShapeCount is the field of JSShape with the number of its properties.
	ShapeCount = 32
	// The classes of plain objects and arrays.
	classObject = 1
	classArray  = 2
	// contextFunctionPrototype is the field of JSContext with Function.prototype.
	contextFunctionPrototype = 48
	// genericMagic is the kind of C functions that are called with a number of their own, JS_CFUNC_generic_magic.
	genericMagic = 1
	// contextArrayShape is the field of JSContext that points to the shape of new arrays.
	contextArrayShape = 36
	// RuntimeAllocations and RuntimeBytes are the fields of JSRuntime with the number of allocations and their bytes, of which each counts
	// allocationBytes more than it holds.
	RuntimeAllocations = 20
	RuntimeBytes       = 24
	allocationBytes    = 8

	tableModuleLoader = 7
	tableUsableSize   = 153 // malloc_usable_size, in JSMallocFunctions
	// ContextRuntime is the field of JSContext that points to its JSRuntime.
	ContextRuntime = 16
	// ContextRandom is the field of JSContext that Math.random goes on from; it must not be 0.
	ContextRandom = 264
	// RuntimeGCThreshold is the field of JSRuntime past which allocations start a collection.
	RuntimeGCThreshold = 116
	// RuntimeInterruptHandler and RuntimeRejectionTracker are fields of JSRuntime: table indices.
	RuntimeInterruptHandler = 152
	RuntimeRejectionTracker = 172

	// PageSize is WebAssembly's page of memory.
	PageSize = 65536

	// MinPages is the size that the memory starts with: data, then the stack. QuickJS's heap
	// begins behind it.
	MinPages = stackTop / PageSize

	stackBase = 3 * PageSize  // first byte of the moved stack
	stackTop  = 35 * PageSize // one past its last byte
	// stackLimit leaves room for about 4,800 calls: wazero's own stack, which also grows with each,
	// ends at 50 MB, and its end is not an exception but a trap.
	stackLimit = stackBase + 768<<10
	stackGuard = stackBase + 64<<10

	// overflowMessage and HostScratch lie below the guard, where no stack frame ever reaches.
	overflowMessage = stackBase + 256
	// HostScratch is where engine hooks leave the arguments that do not fit their call.
	HostScratch = stackBase + 512
	// noteScratch is where the promise lies that NoteHook is called with.
	noteScratch = HostScratch + 16
	// importScratch is where the number lies that ImportHook is called with.
	importScratch = noteScratch + 8
	// ContextHooks is where the functions lie that carry a context, eight bytes each. While
	// there is none, promises do as they always do.
	ContextHooks = stackBase + 640
)

// HostCall is the number of the host function that JavaScript calls, by the first argument that the host
// gets; ok is false when that is a context, for a hook of the engine.
func HostCall(context uint64) (number int, ok bool) { return int(^int32(context)), int32(context) < 0 }

// What the engine's hooks pass to the host as argc.
const (
	// HookRejection reports a promise (this) that was rejected without a handler, or got one
	// later: at HostScratch lie the reason and whether it is handled now, eight bytes each.
	HookRejection = 0xffff_ffff
	// HookLoadModule asks for the module whose NUL-terminated name is at argv; the answer is
	// its JSModuleDef, or 0 after an exception was thrown.
	HookLoadModule = 0xffff_fffe
	// HookInterrupt is called again and again by running code: the answer 1 ends it with an exception
	// that it cannot catch. The call also lets Go's scheduler stop the goroutine: code that never
	// calls Go would keep the garbage collector waiting, and with it the whole program.
	HookInterrupt = 0xffff_fffd
)

// Op is an operation of QuickJS's C API, reached through the one export OpExport.
type Op uint64

// OpExport is the name of the function (op i32, a i32, b i64, c i64, d i32, e i32) → i64. The first
// argument of most is the JSContext.
const OpExport = "doemu_op"

// The operations, with the arguments that they use.
const (
	OpCall            Op = iota // a context, b function, d argc, e argv: JS_Call with this undefined
	OpRunJobs                   // a runtime, d scratch pointer: all pending jobs; 0, or -1 after an exception
	OpNewString                 // a context, d bytes, e length: JS_NewStringLen
	OpParseJSON                 // a context, d bytes (NUL behind), e length: JS_ParseJSON
	OpNewArrayBuffer            // a context, d bytes, e length: JS_NewArrayBufferCopy
	OpFreeValue                 // a context, b value
	OpToCString                 // a context, b value, d where the length goes: JS_ToCStringLen2
	OpFreeCString               // a context, d string
	OpMalloc                    // d size
	OpFree                      // d pointer
	OpThrow                     // a context, b value
	OpGetException              // a context
	OpEval                      // a context, b bytes, c length, d file name, e flags: JS_Eval
	OpEvalFunction              // a context, b function or module
	OpModuleNamespace           // a context, d module
	OpNewHostFunction           // a context, d number, e name: a function that calls the host, see HostCall
	OpNewRows                   // a context, d rows in the form of rows.go: an array of them
	OpGetProperty               // a context, b object, d name: JS_GetPropertyStr
	opCount
)
