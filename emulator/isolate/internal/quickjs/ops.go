package quickjs

import "github.com/doemu/doemu/emulator/isolate/internal/wasmedit"

// Instructions, https://webassembly.github.io/spec/core/binary/instructions.html
const (
	opUnreachable   = 0x00
	opBlock         = 0x02
	opLoop          = 0x03
	opIf            = 0x04
	opElse          = 0x05
	opEnd           = 0x0b
	opBrIf          = 0x0d
	opBrTable       = 0x0e
	opReturn        = 0x0f
	opCall          = 0x10
	opDrop          = 0x1a
	opLocalGet      = 0x20
	opLocalSet      = 0x21
	opLocalTee      = 0x22
	opGlobalGet     = 0x23
	opGlobalSet     = 0x24
	opI32Load       = 0x28
	opI64Load       = 0x29
	opI32Load16U    = 0x2f
	opI32Store      = 0x36
	opI64Store      = 0x37
	opI32Const      = 0x41
	opI64Const      = 0x42
	opI32Eqz        = 0x45
	opI32Eq         = 0x46
	opI32Ne         = 0x47
	opI32LtS        = 0x48
	opI32LtU        = 0x49
	opI32GtS        = 0x4a
	opI32Add        = 0x6a
	opI32Sub        = 0x6b
	opI32And        = 0x71
	opI32Or         = 0x72
	opI32Xor        = 0x73
	opI32Shl        = 0x74
	opI64Or         = 0x84
	opI64ShrU       = 0x88
	opI32WrapI64    = 0xa7
	opI64ExtendI32S = 0xac
	opI64ExtendI32U = 0xad
	blockEmpty      = 0x40
)

func i32Const(code []byte, v int64) []byte {
	return wasmedit.AppendI64(append(code, opI32Const), v)
}

// undefinedValue is the instruction for JavaScript's undefined.
func undefinedValue() []byte { return wasmedit.AppendI64([]byte{opI64Const}, 3<<32) }

func call(code []byte, function uint32) []byte {
	code = append(code, opCall)
	for function >= 0x80 {
		code = append(code, byte(function)|0x80)
		function >>= 7
	}
	return append(code, byte(function))
}

// int32Of is the signed form in which i32.const takes an unsigned number.
func int32Of(v uint32) int64 { return int64(int32(v)) }

// The parameters of the exported function.
const (
	argOp = iota
	argA
	argB
	argC
	argD
	argE
)

// addOps exports one function for the whole C API: wazero keeps a stack for every function that
// the host has a handle of, so one handle an isolate saves much memory.
func addOps(m *wasmedit.Module) error {
	get := func(locals ...byte) (code []byte) {
		for _, l := range locals {
			code = append(code, opLocalGet, l)
		}
		return code
	}
	ret := func(code []byte) []byte { return append(code, opReturn) }
	ret32 := func(code []byte) []byte { return append(code, opI64ExtendI32U, opReturn) }
	void := func(code []byte) []byte { return append(code, opI64Const, 0, opReturn) }
	undefined := undefinedValue()

	bodies := make([][]byte, opCount)
	bodies[OpCall] = ret(call(append(append(get(argA, argB), undefined...), get(argD, argE)...), fnCall))
	bodies[OpRunJobs] = runJobs(get)
	bodies[OpNewString] = ret(call(get(argA, argD, argE), fnNewStringLen))
	bodies[OpParseJSON] = ret(call(append(get(argA, argD, argE), i32Const(nil, overflowMessage+64)...), fnParseJSON))
	bodies[OpNewArrayBuffer] = ret(call(get(argA, argD, argE), fnNewArrayBuffer))
	bodies[OpFreeValue] = void(call(get(argA, argB), fnFreeValue))
	bodies[OpToCString] = ret32(call(append(get(argA, argD, argB), opI32Const, 0), fnToCStringLen))
	bodies[OpFreeCString] = void(call(get(argA, argD), fnFreeCString))
	bodies[OpMalloc] = ret32(call(get(argD), fnMalloc))
	bodies[OpFree] = void(call(get(argD), fnFree))
	bodies[OpThrow] = ret(call(get(argA, argB), fnThrow))
	bodies[OpGetException] = ret(call(get(argA), fnGetException))
	bodies[OpEval] = ret(call(append(append(get(argA, argB), opI32WrapI64, opLocalGet, argC, opI32WrapI64), get(argD, argE)...), fnEval))
	bodies[OpEvalFunction] = ret(call(get(argA, argB), fnEvalFunction))
	bodies[OpModuleNamespace] = ret(call(get(argA, argD), fnGetModuleNS))
	function := append(i32Const(get(argA), tableHostFunction), get(argE)...)
	function = append(function, opI32Const, 0, opI32Const, genericMagic, opLocalGet, argD, opLocalGet, argA, opI64Load, 3, contextFunctionPrototype)
	bodies[OpNewHostFunction] = ret(call(function, fnNewCFunction))
	rows, err := addRows(m)
	if err != nil {
		return err
	}
	bodies[OpNewRows] = ret(call(get(argA, argD), rows))
	bodies[OpGetProperty] = ret(call(get(argA, argB, argD), fnGetPropertyStr))

	// A block for each operation around one br_table: the case of operation i stands behind the
	// end of the block i.
	var code []byte
	for range bodies {
		code = append(code, opBlock, blockEmpty)
	}
	code = append(code, opBlock, blockEmpty, opLocalGet, argOp, opBrTable, byte(opCount))
	for i := range bodies {
		code = append(code, byte(i)+1)
	}
	code = append(code, 0, opEnd, opUnreachable)
	for _, body := range bodies {
		code = append(code, opEnd)
		code = append(code, body...)
	}
	code = append(code, opUnreachable)

	i32, i64 := wasmedit.I32, wasmedit.I64
	index, err := m.AddFunction([]wasmedit.ValType{i32, i32, i64, i64, i32, i32}, []wasmedit.ValType{i64}, code)
	if err != nil {
		return err
	}
	return m.Export(OpExport, index)
}

// runJobs is a loop of JS_ExecutePendingJob for as long as there are jobs.
func runJobs(get func(...byte) []byte) []byte {
	code := []byte{opLoop, blockEmpty}
	code = call(append(code, get(argA, argD)...), fnExecutePendingJob)
	code = append(code, opLocalTee, argE, opI32Const, 0, opI32GtS, opBrIf, 0, opEnd)
	return append(code, opLocalGet, argE, opI64ExtendI32S, opReturn)
}
