package quickjs

import (
	"slices"

	"github.com/doemu/doemu/emulator/isolate/internal/wasmedit"
)

// Rows come into a heap as one text of bytes, and one function in the heap makes them all: to parse them
// from JSON, or to define the properties of every row by themselves, takes QuickJS several times longer.
//
// The text is a header and then the values, row behind row. A value is the JSValue itself, if that is a
// number, null or anything else without a reference count. Otherwise it is a JSValue with the tag of
// strings or of objects, with a length in the place of the pointer, and so many bytes behind it: of
// UTF-8 for a string, of the contents for an ArrayBuffer. All integers are little-endian.
const (
	// RowsTemplate is a JSValue: an object whose shape all rows take, with a property for each column in
	// the order of the columns; or undefined for values that are no rows.
	RowsTemplate = 0
	// RowsCount is the number of rows, or 0 for one row by itself and not in an array. RowsColumns is the
	// number of values in a row, at least 1. Both have 32 bits.
	RowsCount   = 8
	RowsColumns = 12
	// RowsHeader is the size of the header.
	RowsHeader = 16
)

// Upper halves of JSValues.
const (
	tagString    = -7
	tagObject    = -1
	tagException = 6
)

// addRows adds the function (context i32, rows i32) → array of the rows, or the one row.
//
// A collection of garbage may start with each object that it makes. So an object's properties have
// values before anything else is made, and the array's count never includes an element that it does not
// have yet; what only a local of the function points to is kept by its reference count. It can fail for
// want of memory only, and then the whole isolate is broken: nothing is freed.
func addRows(m *wasmedit.Module) (function uint32, err error) {
	const (
		context = iota
		in      // what is to be read next
		rows    // to come
		columns
		array
		shape  // of the rows, or 0
		slot   // in the array, of the row
		at     // where the next value goes
		left   // values of the row to come
		length // of a string or an ArrayBuffer
		value  // a JSValue
	)
	get := func(local byte) []byte { return []byte{opLocalGet, local} }
	set := func(local byte) []byte { return []byte{opLocalSet, local} }
	load := func(pointer, offset byte) []byte { return []byte{opLocalGet, pointer, opI32Load, 0, offset} }
	number := func(n int64) []byte { return i32Const(nil, n) }
	add := func(local byte, n int64) []byte {
		return slices.Concat(get(local), number(n), []byte{opI32Add, opLocalSet, local})
	}
	store32 := func(offset byte) []byte { return []byte{opI32Store, 0, offset} }
	store64 := []byte{opI64Store, 0, 0}
	call := func(function uint32) []byte { return call(nil, function) }
	tag := []byte{opLocalGet, value, opI64Const, 32, opI64ShrU, opI32WrapI64}
	is := func(tag []byte, n int64) []byte { return slices.Concat(tag, number(n), []byte{opI32Eq}) }
	when := func(condition []byte, then ...[]byte) []byte {
		return slices.Concat(condition, []byte{opIf, blockEmpty}, slices.Concat(then...), []byte{opEnd})
	}
	// loop repeats the steps until the local, counted down at their end, is 0.
	loop := func(local byte, steps ...[]byte) []byte {
		return slices.Concat([]byte{opLoop, blockEmpty}, slices.Concat(steps...), add(local, -1), get(local), []byte{opBrIf, 0, opEnd})
	}
	failed := when(is(tag, tagException), get(value), []byte{opReturn})
	// count changes a field of a structure by what the code leaves on the stack.
	count := func(pointer byte, offset byte, change []byte) []byte {
		return slices.Concat(get(pointer), load(pointer, offset), change, []byte{opI32Add}, store32(offset))
	}
	newObject := func(shape byte, class int64) []byte {
		return slices.Concat(count(shape, 0, number(1)),
			get(context), get(shape), number(class), call(fnNewFromShape), set(value), failed)
	}
	counted := func(make uint32) []byte {
		return slices.Concat(get(value), []byte{opI32WrapI64}, set(length),
			get(context), get(in), get(length), call(make), set(value), failed,
			get(in), get(length), []byte{opI32Add}, set(in))
	}

	makeArray := [][]byte{
		load(context, contextArrayShape), set(shape),
		newObject(shape, classArray),
		get(value), {opI32WrapI64}, set(array),
		// The elements, one after the other, which the engine frees as an allocation of its own.
		get(rows), number(3), {opI32Shl}, call(fnMalloc), set(slot),
		when(slices.Concat(get(slot), []byte{opI32Eqz}), []byte{opUnreachable}),
		load(context, ContextRuntime), set(at),
		count(at, RuntimeAllocations, number(1)),
		count(at, RuntimeBytes, slices.Concat(usableSize(slot), number(allocationBytes), []byte{opI32Add})),
		get(array), get(slot), store32(arrayValues),
		get(array), get(rows), store32(arrayRoom),
	}
	code := slices.Concat(
		load(in, RowsColumns), set(columns),
		load(in, RowsCount), set(rows),
		get(rows), []byte{opIf, blockEmpty}, slices.Concat(makeArray...), []byte{opElse},
		number(1), set(rows), get(in), number(RowsCount), []byte{opI32Add}, set(slot), // no array
		[]byte{opEnd},

		// The shape of undefined is that of no object.
		number(0), set(shape),
		get(in), []byte{opI64Load, 0, RowsTemplate}, set(value),
		when(is(tag, tagObject), get(value), []byte{opI32WrapI64, opI32Load, 0, ObjectShape}, set(shape)),
		add(in, RowsHeader),

		loop(rows,
			get(slot), set(at),
			when(get(shape),
				newObject(shape, classObject),
				get(slot), get(value), store64,
				get(value), []byte{opI32WrapI64, opI32Load, 0, objectProps}, set(at),
				get(columns), set(left),
				loop(left, get(at), undefinedValue(), store64, add(at, 8)),
				get(value), []byte{opI32WrapI64, opI32Load, 0, objectProps}, set(at),
			),
			get(columns), set(left),
			loop(left,
				get(in), []byte{opI64Load, 0, 0}, set(value),
				add(in, 8),
				when(is(tag, tagString), counted(fnNewStringLen)),
				when(is(tag, tagObject), counted(fnNewArrayBuffer)),
				get(at), get(value), store64,
				add(at, 8),
			),
			when(slices.Concat(get(array), []byte{opI32Eqz}), get(slot), []byte{opI64Load, 0, 0, opReturn}),
			add(slot, 8),
			count(array, arrayCount, number(1)),
		),
		// The length, a small integer: its tag is 0.
		load(array, objectProps), load(array, arrayCount), []byte{opI64ExtendI32U}, store64,
		get(array), []byte{opI64ExtendI32U}, wasmedit.AppendI64([]byte{opI64Const}, tagObject<<32), []byte{opI64Or},
	)
	i32, i64 := wasmedit.I32, wasmedit.I64
	return m.AddFunction([]wasmedit.ValType{i32, i32}, []wasmedit.ValType{i64}, code,
		i32, i32, i32, i32, i32, i32, i32, i32, i64)
}
