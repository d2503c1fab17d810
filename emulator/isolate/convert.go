package isolate

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/doemu/doemu/emulator/isolate/internal/quickjs"
)

// The scratch memory of a heap: the arguments of the call from Go, those of calls that ops make,
// then room for bytes on their way in.
const (
	scratchOuter = 0
	scratchInner = 256
	scratchBytes = 512
	scratchSize  = 64 << 10
	maxArgs      = 16
)

// lend copies bytes, with a NUL behind them, to where QuickJS can read them during f.
func (i *Isolate) lend(text string, f func(at uint32) uint64) uint64 {
	n := len(text) + 1
	if n <= scratchSize-scratchBytes {
		at := i.roots.Scratch + scratchBytes
		copy(i.mem.bytes()[at:], text)
		i.mem.bytes()[int(at)+len(text)] = 0
		return f(at)
	}
	at := uint32(i.op(quickjs.OpMalloc, 0, 0, uint32(n), 0))
	if at == 0 {
		i.mem.exceeded = true
		panic(trap{ErrMemoryLimit})
	}
	copy(i.mem.bytes()[at:], text)
	i.mem.bytes()[int(at)+len(text)] = 0
	result := f(at)
	i.op(quickjs.OpFree, 0, 0, at, 0)
	return result
}

func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// toRaw makes a JavaScript value; the caller owns it.
func (i *Isolate) toRaw(v Value) uint64 {
	switch v.kind {
	case kindNull:
		return tagged(tagNull, 0)
	case kindBool:
		return tagged(tagBool, uint32(v.bits))
	case kindNumber:
		return rawNumber(v.Float())
	case kindString:
		return i.lend(v.text, func(at uint32) uint64 { return i.op(quickjs.OpNewString, 0, 0, at, uint32(len(v.text))) })
	case kindBytes:
		return i.lend(stringOf(v.bytes), func(at uint32) uint64 { return i.op(quickjs.OpNewArrayBuffer, 0, 0, at, uint32(len(v.bytes))) })
	case kindJSON:
		return i.lend(stringOf(v.bytes), func(at uint32) uint64 { return i.op(quickjs.OpParseJSON, 0, 0, at, uint32(len(v.bytes))) })
	case kindRows:
		return i.lend(stringOf(v.bytes), func(at uint32) uint64 { return i.op(quickjs.OpNewRows, 0, 0, at, 0) })
	case kindHandle:
		return v.bits
	}
	return tagged(tagUndefined, 0)
}

func (i *Isolate) free(raw uint64) {
	if isCounted(raw) {
		i.op(quickjs.OpFreeValue, raw, 0, 0, 0)
	}
}

// hold counts one more reference to a value that lives elsewhere.
func (i *Isolate) hold(raw uint64) Handle {
	if isCounted(raw) {
		i.store32(uint32(raw), i.load32(uint32(raw))+1)
	}
	return Handle{raw}
}

// Release drops a handle.
func (i *Isolate) Release(h Handle) { i.free(h.raw) }

// Keep makes a value in the heap and keeps it.
func (i *Isolate) Keep(v Value) Handle { return Handle{i.toRaw(v)} }

// Share gives a handle's value to a call and keeps the handle as well.
func (i *Isolate) Share(h Handle) Value { return i.hold(h.raw).Value() }

// Shared tells whether anything but the handle keeps its value, an object, alive.
func (i *Isolate) Shared(h Handle) bool { return i.load32(uint32(h.raw)) > 1 }

// QuickJS's own structures, read in place: strings, and the two kinds of objects with bytes.
const (
	stringLength = 4  // 31 bits of length, one that tells 16-bit characters
	stringForm   = 8  // the bit sliceBit tells whether it is a slice
	stringChars  = 20 // the characters; of a slice the string that has them
	sliceStart   = 24 // of a slice: the byte at which it begins in the characters of that string
	sliceBit     = 1 << 29
	objectFlags  = 5  // bits
	objectClass  = 6  // 16 bits
	objectBytes  = 32 // JSArrayBuffer * of an ArrayBuffer
	objectView   = 32 // JSTypedArray * of a typed array or DataView

	bufferLength   = 0
	bufferDetached = 8 // a boolean
	bufferData     = 12

	viewBuffer = 12 // the ArrayBuffer's JSObject *
	viewOffset = 16
	viewLength = 20
	viewTracks = 24 // a boolean

	// flagUncatchable marks an error that unwinds everything.
	flagUncatchable = 0x20

	classArrayBuffer       = 19
	classSharedArrayBuffer = 20
	classUint8Array        = 23
)

func (i *Isolate) cString(at uint32) string {
	b := i.mem.bytes()[at:]
	return string(b[:bytes.IndexByte(b, 0)])
}

// characters are those of a string value, where they lie: no call into the engine, and no limit on their number. Wide
// ones have two bytes each. A long substring is a slice: it has no characters of its own. No other place knows of that.
func (i *Isolate) characters(raw uint64) (b []byte, wide bool) {
	at := uint32(raw)
	head := i.load32(at + stringLength)
	n, wide := head&^(1<<31), head>>31 != 0
	start := uint32(0)
	if i.load32(at+stringForm)&sliceBit != 0 {
		at, start = i.load32(at+stringChars), i.load32(at+sliceStart)
	}
	if wide {
		n *= 2
	}
	return i.mem.bytes()[at+stringChars+start:][:n:n], wide
}

// text reads a string value. Lone surrogates become U+FFFD, as in every conversion to UTF-8.
func (i *Isolate) text(raw uint64) string {
	b, wide := i.characters(raw)
	if !wide {
		return latin1(b)
	}
	return string(utf16.Decode(i.units(raw)))
}

// ascii reads a string of ASCII characters in place.
func (i *Isolate) ascii(raw uint64) (string, bool) {
	b, wide := i.characters(raw)
	if wide {
		return "", false
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return "", false
		}
	}
	return stringOf(b), true
}

// units reads a string's UTF-16 code units.
func (i *Isolate) units(raw uint64) []uint16 {
	b, wide := i.characters(raw)
	if !wide {
		units := make([]uint16, len(b))
		for k, c := range b {
			units[k] = uint16(c)
		}
		return units
	}
	units := make([]uint16, len(b)/2)
	for k := range units {
		units[k] = binary.LittleEndian.Uint16(b[2*k:])
	}
	return units
}

// wtf8 is UTF-16 in bytes, little-endian, in the form in which QuickJS takes strings: UTF-8, and
// three bytes for a lone surrogate.
func wtf8(b []byte) string {
	out := make([]byte, 0, len(b))
	for len(b) >= 2 {
		r := rune(binary.LittleEndian.Uint16(b))
		b = b[2:]
		if utf16.IsSurrogate(r) {
			if len(b) >= 2 {
				if pair := utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b))); pair != utf8.RuneError {
					out = utf8.AppendRune(out, pair)
					b = b[2:]
					continue
				}
			}
			out = append(out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return stringOf(out)
}

func latin1(b []byte) string {
	high := 0
	for _, c := range b {
		high += int(c >> 7)
	}
	if high == 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b)+high)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return stringOf(out)
}

// class is the engine's number for an object's class.
func (i *Isolate) class(raw uint64) int {
	if tagOf(raw) != tagObject {
		return 0
	}
	return int(binary.LittleEndian.Uint16(i.mem.bytes()[uint32(raw)+objectClass:]))
}

// viewState tells how a typed array or DataView lies on its buffer.
func (i *Isolate) viewState(raw uint64) ViewState {
	view := i.load32(uint32(raw) + objectView)
	buffer := i.load32(i.load32(view+viewBuffer) + objectBytes)
	size := uint64(i.load32(buffer + bufferLength))
	offset, length := uint64(i.load32(view+viewOffset)), uint64(i.load32(view+viewLength))
	switch tracks := i.mem.bytes()[view+viewTracks] != 0; {
	case tracks && offset <= size:
		return ViewTracks
	case tracks || offset+length > size:
		return ViewOutOfBounds
	}
	return ViewFixed
}

// view gives the bytes of an ArrayBuffer or Uint8Array in place: valid until the next call into
// the engine. What the buffer has now is what counts: the length that a typed array keeps of itself is
// that of a buffer which may have been transferred, and whose bytes are another's by now.
func (i *Isolate) view(raw uint64) ([]byte, bool) {
	if tagOf(raw) != tagObject {
		return nil, false
	}
	at := uint32(raw)
	switch i.class(raw) {
	case classArrayBuffer, classSharedArrayBuffer:
		return i.buffer(i.load32(at + objectBytes)), true
	case classUint8Array:
		view := i.load32(at + objectView)
		b := i.buffer(i.load32(i.load32(view+viewBuffer) + objectBytes))
		offset, length := uint64(i.load32(view+viewOffset)), uint64(i.load32(view+viewLength))
		switch tracks := i.mem.bytes()[view+viewTracks] != 0; {
		case tracks && offset <= uint64(len(b)):
			return b[offset:], true
		case tracks || offset+length > uint64(len(b)):
			return nil, true
		}
		return b[offset : offset+length], true
	}
	return nil, false
}

// buffer gives the bytes of a JSArrayBuffer, none if it is detached.
func (i *Isolate) buffer(at uint32) []byte {
	if i.mem.bytes()[at+bufferDetached] != 0 {
		return nil
	}
	data, size := i.load32(at+bufferData), i.load32(at+bufferLength)
	return i.mem.bytes()[data:][:size:size]
}

// fromRaw is the Go form of a value. Objects other than bytes become handles, which the caller
// must pass on or release.
func (i *Isolate) fromRaw(raw uint64) Value {
	switch tagOf(raw) {
	case tagUndefined:
		return Value{}
	case tagNull:
		return Null()
	case tagBool:
		return Bool(uint32(raw) != 0)
	case tagString:
		return String(i.text(raw))
	}
	if f, ok := numberOf(raw); ok {
		return Number(f)
	}
	if b, ok := i.view(raw); ok {
		return Bytes(bytes.Clone(b))
	}
	return i.hold(raw).Value()
}
