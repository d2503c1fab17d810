package isolate

import "bytes"

// What follows calls the engine: internal/quickjs/source/face.c says what each function does.

func (i *Isolate) malloc(n int) uint32 {
	faults, ok := i.enter()
	if !ok {
		return 0
	}
	at := uint32(i.code.Xmalloc(i.roots.Context, int32(n)))
	i.exit(faults)
	return at
}

func (i *Isolate) freeMemory(at uint32) {
	if faults, ok := i.enter(); ok {
		i.code.Xfree(i.roots.Context, int32(at))
		i.exit(faults)
	}
}

// free drops a reference.
func (i *Isolate) free(raw uint64) {
	if !isCounted(raw) {
		return
	}
	if faults, ok := i.enter(); ok {
		i.code.Xfree_value(i.roots.Context, int64(raw))
		i.exit(faults)
	}
}

// hold counts one more reference to a value that lives elsewhere.
func (i *Isolate) hold(raw uint64) Handle {
	if isCounted(raw) {
		if faults, ok := i.enter(); ok {
			i.code.Xdup_value(int64(raw))
			i.exit(faults)
		}
	}
	return Handle{raw}
}

// call calls a function with arguments that lie in memory, and leaves them.
func (i *Isolate) call(function uint64, argc, argv uint32) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	result := uint64(i.code.Xcall(i.roots.Context, int64(function), int32(argc), int32(argv)))
	i.exit(faults)
	return result
}

// jobs runs all promise jobs, and tells whether none threw.
func (i *Isolate) jobs() bool {
	faults, ok := i.enter()
	if !ok {
		return true
	}
	failed := i.code.Xrun_jobs(i.roots.Context)
	i.exit(faults)
	return failed == 0
}

// pending takes the exception that was thrown.
func (i *Isolate) pending() uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawUndefined
	}
	raw := uint64(i.code.Xexception(i.roots.Context))
	i.exit(faults)
	return raw
}

// throwValue throws a value, and uses it up.
func (i *Isolate) throwValue(raw uint64, catchable bool) uint64 {
	throw := i.code.Xthrow_value
	if !catchable && tagOf(raw) == tagObject {
		throw = i.code.Xthrow_uncatchable
	}
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw = uint64(throw(i.roots.Context, int64(raw)))
	i.exit(faults)
	return raw
}

// newFunction makes a function that calls the host with a number; a name in memory ends with NUL.
func (i *Isolate) newFunction(number int, name uint32) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw := uint64(i.code.Xnew_function(i.roots.Context, int32(number), int32(name)))
	i.exit(faults)
	return raw
}

// propertyAt is a property of an object by a name in memory.
func (i *Isolate) propertyAt(object uint64, name uint32) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw := uint64(i.code.Xproperty(i.roots.Context, int64(object), int32(name)))
	i.exit(faults)
	return raw
}

// evalAt evaluates a text in memory, which has the name that lies there.
func (i *Isolate) evalAt(text uint32, n int, name, flags uint32) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw := uint64(i.code.Xeval(i.roots.Context, int32(text), int32(n), int32(name), int32(flags)))
	i.exit(faults)
	return raw
}

// writeCode is the code of a script that was compiled.
func (i *Isolate) writeCode(script uint64) ([]byte, bool) {
	faults, ok := i.enter()
	if !ok {
		return nil, false
	}
	out := i.roots.Scratch + scratchSpan
	at := uint32(i.code.Xwrite_code(i.roots.Context, int64(script), int32(out)))
	i.exit(faults)
	if at == 0 {
		return nil, false
	}
	defer i.freeMemory(at)
	return bytes.Clone(i.mem.Bytes()[at:][:i.load32(out)]), true
}

// runCodeAt evaluates the code of a script that lies in memory.
func (i *Isolate) runCodeAt(code uint32, n int) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw := uint64(i.code.Xrun_code(i.roots.Context, int32(code), int32(n)))
	i.exit(faults)
	return raw
}

// evalModule evaluates a module that was compiled, and gives its promise.
func (i *Isolate) evalModule(module uint64) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw := uint64(i.code.Xeval_module(i.roots.Context, int64(module)))
	i.exit(faults)
	return raw
}

func (i *Isolate) namespace(module uint64) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw := uint64(i.code.Xnamespace(i.roots.Context, int64(module)))
	i.exit(faults)
	return raw
}

// The states of a promise.
const (
	promisePending  = 0
	promiseRejected = 2
)

// promiseState is a promise's state, and a reference to its result.
func (i *Isolate) promiseState(promise uint64) (state int, result uint64) {
	faults, ok := i.enter()
	if !ok {
		return promisePending, rawUndefined
	}
	state = int(i.code.Xpromise_state(i.roots.Context, int64(promise)))
	result = uint64(i.code.Xpromise_result(i.roots.Context, int64(promise)))
	i.exit(faults)
	return state, result
}

// make makes a value of one of the forms that come as bytes.
type maker func(context, at, n int32) int64

func (i *Isolate) makeAt(make maker, at uint32, n int) uint64 {
	faults, ok := i.enter()
	if !ok {
		return rawException
	}
	raw := uint64(make(i.roots.Context, int32(at), int32(n)))
	i.exit(faults)
	return raw
}

// characters are those of a string value, where they lie: no limit on their number. Wide ones have two bytes each. They
// are good until the next call into the engine.
func (i *Isolate) characters(raw uint64) (b []byte, wide bool) {
	faults, ok := i.enter()
	if !ok {
		return nil, false
	}
	at := i.roots.Scratch + scratchSpan
	failed := i.code.Xcharacters(i.roots.Context, int64(raw), int32(at))
	i.exit(faults)
	if failed != 0 {
		i.mem.Exceed()
		panic(trap{ErrMemoryLimit})
	}
	wide = i.load32(at+8) != 0
	n := i.load32(at + 4)
	if wide {
		n *= 2
	}
	return i.mem.Bytes()[i.load32(at):][:n:n], wide
}

// buffer is the bytes of an ArrayBuffer, SharedArrayBuffer, typed array or DataView, as the buffer has them now.
func (i *Isolate) buffer(raw uint64) ([]byte, bool) {
	if tagOf(raw) != tagObject {
		return nil, false
	}
	faults, ok := i.enter()
	if !ok {
		return nil, false
	}
	at := i.roots.Scratch + scratchSpan
	failed := i.code.Xbytes(int64(raw), int32(at))
	i.exit(faults)
	if failed != 0 {
		return nil, false
	}
	n := i.load32(at + 4)
	return i.mem.Bytes()[i.load32(at):][:n:n], true
}

// class is the engine's number for an object's class; 0 for other values.
func (i *Isolate) class(raw uint64) int {
	if tagOf(raw) != tagObject {
		return 0
	}
	faults, ok := i.enter()
	if !ok {
		return 0
	}
	class := i.code.Xclass_of(int64(raw))
	i.exit(faults)
	return int(class)
}

// viewState tells how a typed array or DataView lies on its buffer.
func (i *Isolate) viewState(raw uint64) ViewState {
	faults, ok := i.enter()
	if !ok {
		return ViewFixed
	}
	state := i.code.Xview_state(int64(raw))
	i.exit(faults)
	return ViewState(state)
}

// formSize is the number of properties of an object.
func (i *Isolate) formSize(raw uint64) int {
	faults, ok := i.enter()
	if !ok {
		return 0
	}
	n := i.code.Xform_size(int64(raw))
	i.exit(faults)
	return int(n)
}

func (i *Isolate) setContextHooks(argv uint32) (before bool) {
	faults, ok := i.enter()
	if !ok {
		return false
	}
	if before = i.code.Xhas_context_hooks(i.roots.Context) != 0; !before {
		i.code.Xset_context_hooks(i.roots.Context, int32(argv))
	}
	i.exit(faults)
	return before
}

// freeze prepares the heap for an image: what is in it is never freed and its reference counts are never written, and
// what forks allocate comes behind it, on pages of their own. What was free before is lost, and does not count as used.
func (i *Isolate) freeze() (err error) {
	defer i.recoverTrap(&err)
	if faults, ok := i.enter(); ok {
		i.roots.Lost += uint32(i.code.Xfreeze(i.roots.Context))
		i.exit(faults)
	}
	return nil
}

// Collect frees cycles with the next object that JavaScript makes.
func (i *Isolate) Collect() {
	if faults, ok := i.enter(); ok {
		i.code.Xcollect_after(i.roots.Context, 0)
		i.exit(faults)
	}
}

// Shared tells whether anything but the handle keeps its value, an object, alive.
func (i *Isolate) Shared(h Handle) bool {
	faults, ok := i.enter()
	if !ok {
		return true
	}
	shared := i.code.Xis_shared(int64(h.raw))
	i.exit(faults)
	return shared != 0
}
