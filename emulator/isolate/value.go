package isolate

import "math"

type kind uint8

const (
	kindUndefined kind = iota
	kindNull
	kindBool
	kindNumber
	kindString
	kindBytes
	kindJSON
	kindRows
	kindHandle
)

// Value is what crosses between Go and JavaScript: undefined, null, a boolean, a number, a string,
// bytes (an ArrayBuffer), a value given as JSON text, or a handle on a JavaScript value. The zero
// Value is undefined.
type Value struct {
	kind  kind
	bits  uint64
	text  string
	bytes []byte
}

// Undefined and Null are JavaScript's undefined and null.
func Undefined() Value { return Value{} }
func Null() Value      { return Value{kind: kindNull} }

// Bool is a boolean.
func Bool(b bool) Value {
	v := Value{kind: kindBool}
	if b {
		v.bits = 1
	}
	return v
}

// Number is a number.
func Number(f float64) Value { return Value{kind: kindNumber, bits: math.Float64bits(f)} }

// Int is a number.
func Int(i int) Value { return Number(float64(i)) }

// String is a string; bytes that are not UTF-8 become U+FFFD.
func String(s string) Value { return Value{kind: kindString, text: s} }

// UTF16 is the string of UTF-16 code units in little-endian bytes; lone surrogates stay.
func UTF16(b []byte) Value { return String(wtf8(b)) }

// Bytes is an ArrayBuffer with a copy of b.
func Bytes(b []byte) Value { return Value{kind: kindBytes, bytes: b} }

// JSON is the value that a JSON text stands for. The text is parsed inside the isolate.
func JSON(text []byte) Value { return Value{kind: kindJSON, bytes: text} }

// IsUndefined and IsNull tell whether the value is undefined, or null.
func (v Value) IsUndefined() bool { return v.kind == kindUndefined }
func (v Value) IsNull() bool      { return v.kind == kindNull }

// IsBool tells whether the value is a boolean.
func (v Value) IsBool() bool { return v.kind == kindBool }

// IsString and IsBytes tell which of a Value's forms it has.
func (v Value) IsString() bool { return v.kind == kindString }
func (v Value) IsBytes() bool  { return v.kind == kindBytes }

// Float is the number, or 0 for other kinds.
func (v Value) Float() float64 {
	if v.kind == kindNumber {
		return math.Float64frombits(v.bits)
	}
	return 0
}

// Truth is the boolean, or false for other kinds.
func (v Value) Truth() bool { return v.kind == kindBool && v.bits == 1 }

// Text is the string, or "" for other kinds.
func (v Value) Text() string { return v.text }

// Data is the bytes, or nil for other kinds.
func (v Value) Data() []byte { return v.bytes }

// Handle keeps a JavaScript value alive in its isolate. Pass it back with Value, which uses it up,
// or drop it with [Isolate.Release].
type Handle struct{ raw uint64 }

// Value gives the handle's value to a call.
func (h Handle) Value() Value { return Value{kind: kindHandle, bits: h.raw} }

// JSValue is QuickJS's 64-bit form: a tag in the upper half, or a number shifted out of the tags'
// way.
const (
	tagBigInt    = -9
	tagSymbol    = -8
	tagString    = -7
	tagRope      = -6 // a string that was put together
	tagModule    = -3
	tagObject    = -1
	tagInt       = 0
	tagBool      = 1
	tagNull      = 2
	tagUndefined = 3
	tagException = 6
	tagShortInt  = 7 // a BigInt of 32 bits

	// floatShift is what QuickJS takes off the upper half of a double.
	floatShift = 0x7ff80000 + 9 + 1
	rawNaN     = 1<<64 - 0xa<<32

	rawUndefined = tagUndefined << 32
	rawException = tagException << 32
)

func tagOf(raw uint64) int32              { return int32(raw >> 32) }
func tagged(tag int32, low uint32) uint64 { return uint64(uint32(tag))<<32 | uint64(low) }
func isException(raw uint64) bool         { return tagOf(raw) == tagException }
func isCounted(raw uint64) bool           { return tagOf(raw) < 0 && tagOf(raw) >= tagBigInt }
func isString(raw uint64) bool            { return tagOf(raw) == tagString || tagOf(raw) == tagRope }

func rawNumber(f float64) uint64 {
	if i := int32(f); float64(i) == f && (i != 0 || !math.Signbit(f)) {
		return tagged(tagInt, uint32(i))
	}
	if f != f {
		return rawNaN
	}
	return math.Float64bits(f) - floatShift<<32
}

func numberOf(raw uint64) (float64, bool) {
	switch tag := tagOf(raw); {
	case tag == tagInt:
		return float64(int32(raw)), true
	case uint32(tag) >= 8 && uint32(tag) < uint32(0xffff_fff7):
		return math.Float64frombits(raw + floatShift<<32), true
	}
	return 0, false
}
