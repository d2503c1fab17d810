// Package serialized reads serialized values in Go: V8's structured-clone format, of the versions 13
// to 15. All of the format is known to src/serialize beside it.
package serialized

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// deepest is how far values may be nested: what is deeper is left to JavaScript.
const deepest = 200

// AppendJSON appends a serialized value to dst as JSON text. Ok is false where JSON.parse would not give
// the same value: undefined, holes, dates, maps, bytes, references and whatever else JSON has not got,
// and damaged data. Out is then not to be used.
//
// QuickJS parses JSON many times faster than a program of its own reads the format.
func AppendJSON(dst, data []byte) (out []byte, ok bool) {
	r := reader{data: data}
	if len(data) == 0 || data[0] != tagVersion {
		return dst, false
	}
	r.at = 1
	if version, ok := r.varint(); !ok || version < 13 || version > 15 {
		return dst, false
	}
	return r.value(dst, deepest)
}

// IsArray tells whether data begins as a serialized array does.
func IsArray(data []byte) bool {
	r := reader{data: data}
	if len(data) == 0 || data[0] != tagVersion {
		return false
	}
	r.at = 1
	if version, ok := r.varint(); !ok || version < 13 || version > 15 {
		return false
	}
	tag := r.tag()
	return tag == tagArray || tag == tagSparseArray
}

// The tags of the format that have a counterpart in JSON.
const (
	tagVersion     = 0xff
	tagPadding     = 0x00
	tagObjectCount = '?'
	tagNull        = '0'
	tagTrue        = 'T'
	tagFalse       = 'F'
	tagInt32       = 'I'
	tagUint32      = 'U'
	tagDouble      = 'N'
	tagOneByte     = '"'
	tagTwoByte     = 'c'
	tagUTF8        = 'S'
	tagObject      = 'o'
	tagEndObject   = '{'
	tagArray       = 'A'
	tagEndArray    = '$'
)

type reader struct {
	data []byte
	at   int
}

// tag is the next tag that means anything; 0 at the end.
func (r *reader) tag() byte {
	for r.at < len(r.data) {
		r.at++
		if t := r.data[r.at-1]; t != tagPadding {
			return t
		}
	}
	return 0
}

func (r *reader) varint() (uint32, bool) {
	v, n := binary.Uvarint(r.data[r.at:])
	if n <= 0 || v > math.MaxUint32 {
		return 0, false
	}
	r.at += n
	return uint32(v), true
}

func (r *reader) bytes(n uint32) ([]byte, bool) {
	if uint64(n) > uint64(len(r.data)-r.at) {
		return nil, false
	}
	b := r.data[r.at:][:n]
	r.at += int(n)
	return b, true
}

func (r *reader) value(dst []byte, depth int) ([]byte, bool) {
	tag := r.tag()
	if tag == tagObjectCount {
		if _, ok := r.varint(); !ok {
			return dst, false
		}
		tag = r.tag()
	}
	switch tag {
	case tagNull:
		return append(dst, "null"...), true
	case tagTrue:
		return append(dst, "true"...), true
	case tagFalse:
		return append(dst, "false"...), true
	case tagInt32, tagUint32, tagDouble:
		return r.number(dst, tag)
	case tagOneByte, tagTwoByte, tagUTF8:
		return r.text(dst, tag)
	case tagObject:
		return r.object(dst, depth-1)
	case tagArray:
		return r.array(dst, depth-1)
	}
	return dst, false
}

func (r *reader) number(dst []byte, tag byte) ([]byte, bool) {
	if tag == tagDouble {
		b, ok := r.bytes(8)
		if !ok {
			return dst, false
		}
		f := math.Float64frombits(binary.LittleEndian.Uint64(b))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return dst, false
		}
		return appendNumber(dst, f), true
	}
	n, ok := r.varint()
	if tag == tagInt32 {
		return strconv.AppendInt(dst, int64(int32(n>>1)^-int32(n&1)), 10), ok
	}
	return strconv.AppendUint(dst, uint64(n), 10), ok
}

func (r *reader) text(dst []byte, tag byte) ([]byte, bool) {
	n, ok := r.varint()
	if !ok {
		return dst, false
	}
	b, ok := r.bytes(n)
	if !ok {
		return dst, false
	}
	dst = append(dst, '"')
	switch tag {
	case tagOneByte:
		for _, c := range b {
			dst = appendRune(dst, rune(c))
		}
	case tagUTF8:
		if !utf8.Valid(b) {
			return dst, false
		}
		for _, c := range string(b) {
			dst = appendRune(dst, c)
		}
	case tagTwoByte:
		for len(b) >= 2 {
			c := rune(binary.LittleEndian.Uint16(b))
			b = b[2:]
			if utf16.IsSurrogate(c) {
				if len(b) < 2 {
					return dst, false
				}
				if c = utf16.DecodeRune(c, rune(binary.LittleEndian.Uint16(b))); c == utf8.RuneError {
					return dst, false
				}
				b = b[2:]
			}
			dst = appendRune(dst, c)
		}
		if len(b) > 0 {
			return dst, false
		}
	}
	return append(dst, '"'), true
}

// appendRune appends a character of a JSON string.
func appendRune(dst []byte, c rune) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', byte(c))
	case c < ' ':
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
	case c < utf8.RuneSelf:
		return append(dst, byte(c))
	}
	return utf8.AppendRune(dst, c)
}

func (r *reader) object(dst []byte, depth int) ([]byte, bool) {
	if depth < 0 {
		return dst, false
	}
	dst = append(dst, '{')
	for count := uint32(0); ; count++ {
		tag := r.tag()
		if tag == tagEndObject {
			n, ok := r.varint()
			return append(dst, '}'), ok && n == count
		}
		if count > 0 {
			dst = append(dst, ',')
		}
		ok := false
		switch tag {
		case tagOneByte, tagTwoByte, tagUTF8:
			dst, ok = r.text(dst, tag)
		case tagInt32, tagUint32:
			dst, ok = r.number(append(dst, '"'), tag)
			dst = append(dst, '"')
		}
		if !ok {
			return dst, false
		}
		if dst, ok = r.value(append(dst, ':'), depth); !ok {
			return dst, false
		}
	}
}

func (r *reader) array(dst []byte, depth int) ([]byte, bool) {
	length, ok := r.varint()
	// Each element takes a byte at least.
	if !ok || depth < 0 || uint64(length) > uint64(len(r.data)-r.at) {
		return dst, false
	}
	dst = append(dst, '[')
	for n := range length {
		if n > 0 {
			dst = append(dst, ',')
		}
		if dst, ok = r.value(dst, depth); !ok {
			return dst, false
		}
	}
	// Further properties of an array have no place in JSON.
	if r.tag() != tagEndArray {
		return dst, false
	}
	properties, ok := r.varint()
	if !ok || properties != 0 {
		return dst, false
	}
	end, ok := r.varint()
	return append(dst, ']'), ok && end == length
}

// appendNumber writes a finite number as JavaScript does.
// https://tc39.es/ecma262/#sec-numeric-types-number-tostring
func appendNumber(dst []byte, f float64) []byte {
	if size := math.Abs(f); size == 0 || size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// Go writes at least two digits of an exponent, JavaScript as many as it has.
	if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '+' || dst[n-3] == '-') {
		dst = append(dst[:n-2], dst[n-1])
	}
	return dst
}
