package quickjs

import "github.com/doemu/doemu/emulator/isolate/internal/wasmedit"

// A context is what belongs to a flow of asynchronous code, such as the values of an AsyncLocalStorage.
// What a context is, JavaScript knows; QuickJS has four places where it must be asked, because something
// is about to run code later. In each, the function at ContextHooks is called if there is one.
const (
	// CarryHook takes a function that a promise's reaction will call, and gives the one to call
	// instead: for `then` its callbacks and the functions that settle the promise it made, for `await`
	// what goes on with the async function or generator.
	CarryHook = iota
	// AdoptHook takes a value that a promise is resolved with, and gives the one to take instead: the
	// `then` of a thenable is called later.
	AdoptHook
	// NoteHook takes a promise that is rejected while nobody handles it.
	NoteHook
	// ImportHook is told of import(), whose module is evaluated in a later job: it takes the job's number
	// where code asks for a module, the same below zero where the job begins, and 0 where it ends.
	ImportHook
	// ContextHookCount is their number.
	ContextHookCount
)

const (
	highTagObject    = -1
	highTagException = 6
)

// hookAddress is where a hook's function lies.
func hookAddress(hook int64) int64 { return ContextHooks + 8*hook }

// tagAt puts the tag of the value at an address on the stack.
func tagAt(code, address []byte) []byte {
	code = append(append(code, address...), opI64Load, 3, 0)
	return append(code, opI64Const, 32, opI64ShrU, opI32WrapI64)
}

// hooked begins an `if` for what is done only while there are hooks.
func hooked(code []byte) []byte {
	code = i32Const(tagAt(code, i32Const(nil, ContextHooks)), highTagObject)
	return append(code, opI32Eq, opIf, blockEmpty)
}

// noteRejection is, in the rejection tracker, the call of NoteHook: the promise is local 1, and local 3
// tells whether the promise is handled by now.
func noteRejection() []byte {
	code := append([]byte{opLocalGet, 3, opI32Eqz, opIf, blockEmpty}, hooked(nil)...)
	code = append(i32Const(code, noteScratch), opLocalGet, 1, opI64Store, 3, 0)
	code = append(i32Const(append(code, opLocalGet, 0), hookAddress(NoteHook)), opI64Load, 3, 0)
	code = i32Const(append(append(code, undefinedValue()...), opI32Const, 1), noteScratch)
	code = append(call(code, fnCall), opDrop)
	return append(code, opEnd, opEnd)
}

// addContextHooks makes QuickJS call the hooks. Both functions get other values in a stack frame of
// their own, so what their callers gave stays as it is.
func addContextHooks(m *wasmedit.Module) error {
	exchange, err := addExchange(m)
	if err != nil {
		return err
	}
	release, err := addRelease(m)
	if err != nil {
		return err
	}
	frame := func(code []byte, size byte, local byte) []byte {
		code = append(code, opGlobalGet, 0, opI32Const, size, opI32Sub, opLocalTee, local)
		return append(code, opGlobalSet, 0)
	}
	leave := func(code []byte, size byte, local byte) []byte {
		return append(code, opLocalGet, local, opI32Const, size, opI32Add, opGlobalSet, 0)
	}
	slot := func(local, offset byte) []byte { return []byte{opLocalGet, local, opI32Const, offset, opI32Add} }

	if err := addImportHook(m); err != nil {
		return err
	}

	// perform_promise_then(context, promise, two callbacks, two functions that settle) → int
	err = m.Wrap(fnPromiseThen, []wasmedit.ValType{wasmedit.I32, wasmedit.I32}, func(inner uint32) []byte {
		const callbacks, settlers, at, result = 2, 3, 4, 5
		values := []struct{ from, offset, to byte }{
			{callbacks, 0, 0}, {callbacks, 8, 8}, {settlers, 0, 16}, {settlers, 8, 24},
		}
		code := frame(hooked(nil), 32, at)
		for _, v := range values {
			code = append(append(append(code, opLocalGet, 0), slot(v.from, v.offset)...), slot(at, v.to)...)
			code = call(i32Const(code, hookAddress(CarryHook)), exchange)
		}
		code = append(append(code, opLocalGet, 0, opLocalGet, 1, opLocalGet, at), slot(at, 16)...)
		code = append(call(code, inner), opLocalSet, result)
		for _, v := range values {
			code = call(append(append(code, opLocalGet, 0), slot(at, v.to)...), release)
		}
		code = append(leave(code, 32, at), opLocalGet, result, opReturn, opEnd)
		return call(append(code, opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opLocalGet, 3), inner)
	})
	if err != nil {
		return err
	}

	// js_promise_resolve_function_call(context, function, this, argc, argv, flags) → value
	return m.Wrap(fnResolvePromise, []wasmedit.ValType{wasmedit.I32, wasmedit.I64}, func(inner uint32) []byte {
		const argc, argv, at, result = 3, 4, 6, 7
		code := append(hooked(nil), opBlock, blockEmpty)
		code = append(code, opLocalGet, argc, opI32Const, 1, opI32LtS)
		code = i32Const(append(code, opLocalGet, 1, opI32WrapI64, opI32Load16U, 1, objectClass), classResolveFunction)
		code = append(code, opI32Ne, opI32Or, opBrIf, 0)
		code = frame(code, 16, at)
		code = append(code, opLocalGet, 0, opLocalGet, argv, opLocalGet, at)
		code = call(i32Const(code, hookAddress(AdoptHook)), exchange)
		code = append(code, opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opI32Const, 1, opLocalGet, at, opLocalGet, 5)
		code = append(call(code, inner), opLocalSet, result)
		code = call(append(code, opLocalGet, 0, opLocalGet, at), release)
		code = append(leave(code, 16, at), opLocalGet, result, opReturn, opEnd, opEnd)
		return call(append(code, opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opLocalGet, 3, opLocalGet, 4, opLocalGet, 5), inner)
	})
}

// addImportHook makes QuickJS call ImportHook.
func addImportHook(m *wasmedit.Module) error {
	// A small integer is its value with the tag 0.
	code := i32Const(hooked(nil), importScratch)
	code = append(code, opLocalGet, 1, opI64ExtendI32U, opI64Store, 3, 0)
	code = append(i32Const(append(code, opLocalGet, 0), hookAddress(ImportHook)), opI64Load, 3, 0)
	code = i32Const(append(append(code, undefinedValue()...), opI32Const, 1), importScratch)
	code = append(call(code, fnCall), opDrop, opEnd)
	tell, err := m.AddFunction([]wasmedit.ValType{wasmedit.I32, wasmedit.I32}, nil, code)
	if err != nil {
		return err
	}
	// In the interpreter's loop, import() puts the job (table element 30) into a job's entry (local 7) for
	// a context (local 13).
	// The address of the job's arguments (24 behind the entry's) is its number.
	const context, entry, job, field, arguments = 13, 7, 30, 12, 24
	place := []byte{opLocalGet, entry, opI32Const, job, opI32Store, 2, field}
	asked := call([]byte{opLocalGet, context, opLocalGet, entry, opI32Const, arguments, opI32Add}, tell)
	if err := m.Insert(fnCallInternal, place, asked); err != nil {
		return err
	}
	// js_dynamic_import_job(context, argc, argv) → value
	return m.Wrap(fnImportJob, []wasmedit.ValType{wasmedit.I64}, func(inner uint32) []byte {
		const result = 3
		code := call([]byte{opLocalGet, 0, opI32Const, 0, opLocalGet, 2, opI32Sub}, tell)
		code = append(call(append(code, opLocalGet, 0, opLocalGet, 1, opLocalGet, 2), inner), opLocalSet, result)
		return append(call(append(code, opLocalGet, 0, opI32Const, 0), tell), opLocalGet, result)
	})
}

// addExchange adds a function (context, from, to, hook) that puts what the hook makes of the value at
// `from` into `to`. Only objects are asked for; where the hook throws, the value stays what it is.
// An object in `to` is the caller's own and must be released.
func addExchange(m *wasmedit.Module) (uint32, error) {
	const context, from, to, hook = 0, 1, 2, 3
	code := []byte{opLocalGet, to, opLocalGet, from, opI64Load, 3, 0, opI64Store, 3, 0}
	code = append(i32Const(tagAt(code, []byte{opLocalGet, from}), highTagObject), opI32Ne, opIf, blockEmpty, opReturn, opEnd)

	code = append(code, opLocalGet, to, opLocalGet, context, opLocalGet, hook, opI64Load, 3, 0)
	code = append(append(code, undefinedValue()...), opI32Const, 1, opLocalGet, from)
	code = append(call(code, fnCall), opI64Store, 3, 0)

	code = append(i32Const(tagAt(code, []byte{opLocalGet, to}), highTagException), opI32Eq, opIf, blockEmpty)
	code = append(code, opLocalGet, context, opLocalGet, context)
	code = call(call(code, fnGetException), fnFreeValue)
	code = append(code, opLocalGet, to, opLocalGet, from, opI64Load, 3, 0, opI64Store, 3, 0)
	// An object begins with the count of its references; the low half of its value is its address.
	code = append(code, opLocalGet, from, opI32Load, 2, 0, opLocalGet, from, opI32Load, 2, 0)
	code = append(code, opI32Load, 2, 0, opI32Const, 1, opI32Add, opI32Store, 2, 0, opEnd)
	i32 := wasmedit.I32
	return m.AddFunction([]wasmedit.ValType{i32, i32, i32, i32}, nil, code)
}

// addRelease adds a function (context, at) that lets go of the value at an address if it is an object.
func addRelease(m *wasmedit.Module) (uint32, error) {
	code := append(i32Const(tagAt(nil, []byte{opLocalGet, 1}), highTagObject), opI32Eq, opIf, blockEmpty)
	code = call(append(code, opLocalGet, 0, opLocalGet, 1, opI64Load, 3, 0), fnFreeValue)
	code = append(code, opEnd)
	return m.AddFunction([]wasmedit.ValType{wasmedit.I32, wasmedit.I32}, nil, code)
}
