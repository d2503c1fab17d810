package storage

import "unicode/utf8"

// AppendJSONString appends text as a JSON string. Each ill-formed part of the text becomes
// U+FFFD, cut as a browser's UTF-8 decoder cuts it.
//
// https://encoding.spec.whatwg.org/#utf-8-decoder
func AppendJSONString(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); {
		b := text[i]
		if b >= utf8.RuneSelf {
			if r, size := utf8.DecodeRune(text[i:]); r != utf8.RuneError || size != 1 {
				i += size
				continue
			}
			dst = append(dst, text[start:i]...)
			dst = append(dst, "\uFFFD"...)
			i += illFormed(text[i:])
			start = i
			continue
		}
		if b >= ' ' && b != '"' && b != '\\' {
			i++
			continue
		}
		dst = append(dst, text[start:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
		i++
		start = i
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}

// illFormed returns how many bytes at the start of an ill-formed sequence
// stand for one replacement character: the longest beginning of a well-formed
// one, at least one byte.
func illFormed(text []byte) int {
	b := text[0]
	low, high := byte(0x80), byte(0xBF)
	var need int
	switch {
	case b >= 0xC2 && b <= 0xDF:
		need = 1
	case b >= 0xE0 && b <= 0xEF:
		need = 2
	case b >= 0xF0 && b <= 0xF4:
		need = 3
	}
	switch b {
	case 0xE0:
		low = 0xA0
	case 0xED:
		high = 0x9F
	case 0xF0:
		low = 0x90
	case 0xF4:
		high = 0x8F
	}
	n := 1
	for n <= need && n < len(text) && text[n] >= low && text[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// wellFormed is text with U+FFFD for each ill-formed part, cut as in [AppendJSONString].
func wellFormed(text []byte) []byte {
	var out []byte
	for len(text) > 0 {
		if r, size := utf8.DecodeRune(text); r != utf8.RuneError || size != 1 {
			out, text = append(out, text[:size]...), text[size:]
			continue
		}
		out, text = append(out, "\uFFFD"...), text[illFormed(text):]
	}
	return out
}
