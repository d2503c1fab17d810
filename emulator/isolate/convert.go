package isolate

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// The scratch memory of a heap: the arguments of the call from Go, those of calls that ops make,
// what calls tell of
// strings and buffers, then room for bytes on their way in.
const (
	scratchOuter = 0
	scratchInner = 256
	scratchSpan  = 480
	scratchBytes = 512
	scratchSize  = 64 << 10
	maxArgs      = 16
)

// lend copies bytes, with a NUL behind them, to where QuickJS can read them until giveBack.
func (i *Isolate) lend(text string) (at uint32) {
	n := len(text) + 1
	at = i.roots.Scratch + scratchBytes
	if n > scratchSize-scratchBytes {
		if at = i.malloc(n); at == 0 {
			i.mem.Exceed()
			panic(trap{ErrMemoryLimit})
		}
	}
	b := i.mem.Bytes()[at:]
	copy(b, text)
	b[len(text)] = 0
	return at
}

// giveBack ends what lend began.
func (i *Isolate) giveBack(at uint32) {
	if at != i.roots.Scratch+scratchBytes {
		i.freeMemory(at)
	}
}

// made is the value that the engine makes of bytes.
func (i *Isolate) made(make maker, text string) uint64 {
	at := i.lend(text)
	raw := i.makeAt(make, at, len(text))
	i.giveBack(at)
	return raw
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
		return i.made(i.code.Xnew_string, v.text)
	case kindBytes:
		return i.made(i.code.Xnew_bytes, stringOf(v.bytes))
	case kindJSON:
		return i.made(i.code.Xparse_json, stringOf(v.bytes))
	case kindRows:
		return i.made(i.newRows, stringOf(v.bytes))
	case kindHandle:
		return v.bits
	}
	return tagged(tagUndefined, 0)
}

// Release drops a handle.
func (i *Isolate) Release(h Handle) { i.free(h.raw) }

// Keep makes a value in the heap and keeps it.
func (i *Isolate) Keep(v Value) Handle { return Handle{i.toRaw(v)} }

// Share gives a handle's value to a call and keeps the handle as well.
func (i *Isolate) Share(h Handle) Value { return i.hold(h.raw).Value() }

// The classes of objects whose bytes are taken as they are.
const (
	classArrayBuffer       = 20
	classSharedArrayBuffer = 21
	classUint8Array        = 24
)

func (i *Isolate) cString(at uint32) string {
	b := i.mem.Bytes()[at:]
	return string(b[:bytes.IndexByte(b, 0)])
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

// view gives the bytes of an ArrayBuffer or Uint8Array in place: valid until the next call into the engine.
func (i *Isolate) view(raw uint64) ([]byte, bool) {
	switch i.class(raw) {
	case classArrayBuffer, classSharedArrayBuffer, classUint8Array:
		return i.buffer(raw)
	}
	return nil, false
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
	case tagString, tagRope:
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
