// Package quickjs makes the WebAssembly module that doemu runs out of the qjs.wasm that
// github.com/fastschema/qjs ships: the same code, with a larger and checked stack, the host's
// hooks in place, and one export for the whole C API.
package quickjs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	_ "unsafe" // for go:linkname

	_ "github.com/fastschema/qjs" // ships the binary

	"github.com/doemu/doemu/emulator/isolate/internal/wasmedit"
)

//go:linkname shipped github.com/fastschema/qjs.wasmBytes
var shipped []byte

// Version names the module that Build makes: the shipped binary, and what is changed in it.
const Version = sum + "/8"

// Build returns the changed module and the data that a fresh instance needs in its memory.
func Build() (module []byte, data []wasmedit.Segment, err error) {
	if got := sha256.Sum256(shipped); hex.EncodeToString(got[:]) != sum {
		return nil, nil, fmt.Errorf("qjs.wasm has the checksum %x, but its addresses are known for %s only: "+
			"use the version of github.com/fastschema/qjs that go.mod names", got, sum)
	}
	m, err := wasmedit.Parse(shipped)
	if err != nil {
		return nil, nil, fmt.Errorf("read qjs.wasm: %w", err)
	}
	for _, step := range []func(*wasmedit.Module) error{moveStack, checkStack, dropExports, countBytes, addHooks, addContextHooks, addOps} {
		if err := step(m); err != nil {
			return nil, nil, fmt.Errorf("change qjs.wasm: %w", err)
		}
	}
	data, err = m.TakeData()
	if err != nil {
		return nil, nil, fmt.Errorf("take data out of qjs.wasm: %w", err)
	}
	hideNativeModules(data)
	data = append(data, wasmedit.Segment{Offset: overflowMessage, Bytes: []byte("Maximum call stack size exceeded\x00")})
	return m.Bytes(), data, nil
}

// moveStack gives C code a stack of 2 MiB behind the data instead of 64 KiB inside it.
func moveStack(m *wasmedit.Module) error {
	if err := m.SetMemoryMin(MinPages); err != nil {
		return err
	}
	return m.SetGlobal(stackTop)
}

// checkStack makes too deep recursion a RangeError where QuickJS calls functions, and a trap in
// all other functions that use the stack: they have no way to report it.
func checkStack(m *wasmedit.Module) error {
	var below = func(limit int64) []byte {
		code := []byte{opGlobalGet, 0}
		code = i32Const(code, limit)
		return append(code, opI32LtU, opIf, blockEmpty)
	}
	throw := below(stackLimit)
	throw = append(throw, opLocalGet, 0)
	throw = i32Const(throw, overflowMessage)
	throw = call(throw, fnThrowRangeError)
	throw = append(throw, opReturn, opEnd)
	trap := append(below(stackGuard), opUnreachable, opEnd)

	return m.Functions(func(index uint32, code []byte) error {
		switch {
		case index == fnCallInternal || index == fnCallCFunction:
			return m.Prepend(index, throw)
		case bytes.HasPrefix(code, []byte{opGlobalGet, 0, opI32Const}):
			return m.Prepend(index, trap)
		}
		return nil
	})
}

// dropExports leaves what booting needs: wazero makes an object for each export of each instance.
func dropExports(m *wasmedit.Module) error { return m.KeepExports("memory", "New_QJS") }

// countBytes lets QuickJS know how large its allocations are. As shipped it counts none of their
// bytes, and so would not collect cycles before the memory is full. The size stands in the word
// before each chunk, with flags in its three lowest bits, and includes that word.
func countBytes(m *wasmedit.Module) error {
	size := []byte{opLocalGet, 0, opI32Eqz, opIf, blockEmpty, opI32Const, 0, opReturn, opEnd}
	size = append(size, usableSize(0)...)
	function, err := m.AddFunction([]wasmedit.ValType{wasmedit.I32}, []wasmedit.ValType{wasmedit.I32}, size)
	if err != nil {
		return err
	}
	return m.SetTableElement(tableUsableSize, function)
}

// usableSize is the size of the chunk that a local points to.
func usableSize(local byte) []byte {
	size := []byte{opLocalGet, local, opI32Const, 4, opI32Sub, opI32Load, 2, 0}
	return append(i32Const(size, -8), opI32And, opI32Const, 4, opI32Sub)
}

// addHooks lets QuickJS ask the host for modules and tell it of rejections, and gives JavaScript functions
// that call the host.
func addHooks(m *wasmedit.Module) error {
	i32, i64 := wasmedit.I32, wasmedit.I64

	load := []byte{opLocalGet, 0, opI64Const, 0}
	load = i32Const(load, int32Of(HookLoadModule))
	load = append(load, opLocalGet, 1)
	load = append(call(load, fnHostProxy), opI32WrapI64)
	loader, err := m.AddFunction([]wasmedit.ValType{i32, i32, i32}, []wasmedit.ValType{i32}, load)
	if err != nil {
		return err
	}
	if err := m.SetTableElement(tableModuleLoader, loader); err != nil {
		return err
	}

	track := i32Const(nil, HostScratch)
	track = append(track, opLocalGet, 2, opI64Store, 3, 0)
	track = i32Const(track, HostScratch)
	track = append(track, opLocalGet, 3, opI64ExtendI32U, opI64Store, 3, 8)
	track = append(track, noteRejection()...)
	track = append(track, opLocalGet, 0, opLocalGet, 1)
	track = i32Const(track, int32Of(HookRejection))
	track = append(track, opI32Const, 0)
	track = append(call(track, fnHostProxy), opDrop)
	tracker, err := m.AddFunction([]wasmedit.ValType{i32, i64, i64, i32, i32}, nil, track)
	if err != nil {
		return err
	}

	poll := []byte{opI32Const, 0, opI64Const, 0}
	poll = append(i32Const(poll, int32Of(HookInterrupt)), opI32Const, 0)
	poll = append(call(poll, fnHostProxy), opI32WrapI64)
	interrupt, err := m.AddFunction([]wasmedit.ValType{i32, i32}, []wasmedit.ValType{i32}, poll)
	if err != nil {
		return err
	}
	if err := addTo(m, tracker, TableRejectionTracker); err != nil {
		return err
	}
	if err := addTo(m, interrupt, TableInterrupt); err != nil {
		return err
	}
	// The number of the function comes last, from QuickJS; the host gets its complement in the place of
	// the context, see HostCall.
	enter := []byte{opLocalGet, 4, opI32Const}
	enter = append(wasmedit.AppendI64(enter, -1), opI32Xor, opLocalGet, 1, opLocalGet, 2, opLocalGet, 3)
	function, err := m.AddFunction([]wasmedit.ValType{i32, i64, i32, i32, i32}, []wasmedit.ValType{i64}, call(enter, fnHostProxy))
	if err != nil {
		return err
	}
	return addTo(m, function, tableHostFunction)
}

// The table indices of the hooks, behind those of the shipped binary.
const (
	// TableRejectionTracker is the hook that reports rejections.
	TableRejectionTracker = 542
	// TableInterrupt is the hook that asks whether to go on.
	TableInterrupt = 543
	// tableHostFunction is what calls the host for JavaScript.
	tableHostFunction = 544
)

func addTo(m *wasmedit.Module, function, want uint32) error {
	index, err := m.AddTableElement(function)
	if err == nil && index != want {
		err = fmt.Errorf("function %d is table element %d, not %d", function, index, want)
	}
	return err
}

// hideNativeModules renames the modules with files, processes and timers that quickjs-libc
// registers, so that no program meets them by the names it knows. The host gives them nothing.
func hideNativeModules(data []wasmedit.Segment) {
	for i, s := range data {
		for _, name := range []string{"std", "os", "bjson"} {
			s.Bytes = bytes.ReplaceAll(s.Bytes, []byte("qjs:"+name), []byte("\x01\x01\x01\x01"+name))
		}
		data[i].Bytes = s.Bytes
	}
}
