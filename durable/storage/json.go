package storage

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// jsonKey is a property of a row object: its name as JSON with the colon, and
// the column that its value comes from.
type jsonKey struct {
	text   []byte
	column int
}

// AppendJSON takes up to max rows and appends them to dst as a JSON array, of
// objects or of arrays. It returns how many rows it took.
//
// JSON cannot say a BLOB or an infinity. ok is false when the next row, not
// yet taken, holds one: then [Cursor.Next] has to take it. An error in
// computing a row is returned by the call that would take the row before it,
// as in workerd; the rows before that one are returned first.
func (c *Cursor) AppendJSON(dst []byte, limit int, asObjects bool) (out []byte, rows int, ok bool, err error) {
	if asObjects && c.keys == nil {
		c.keys = jsonKeys(c.columns)
	}
	dst = append(dst, '[')
	for rows < limit {
		row, more, err := c.current()
		if err != nil {
			if rows > 0 {
				break
			}
			return dst, 0, true, err
		}
		if !more {
			break
		}
		if !sayable(row, len(c.columns)) {
			return append(dst, ']'), rows, false, nil
		}
		start := len(dst)
		if rows > 0 {
			dst = append(dst, ',')
		}
		if asObjects {
			dst = c.appendObject(dst, row)
		} else {
			dst = c.appendArray(dst, row)
		}
		if err := c.advance(); err != nil {
			dst = dst[:start]
			if rows > 0 {
				break
			}
			return dst, 0, true, err
		}
		rows++
	}
	return append(dst, ']'), rows, true, nil
}

func (c *Cursor) appendObject(dst []byte, row *sqlite.Row) []byte {
	dst = append(dst, '{')
	for i, key := range c.keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, key.text...)
		dst = appendValue(dst, row, key.column)
	}
	return append(dst, '}')
}

func (c *Cursor) appendArray(dst []byte, row *sqlite.Row) []byte {
	dst = append(dst, '[')
	for i := range c.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendValue(dst, row, i)
	}
	return append(dst, ']')
}

// jsonKeys returns the properties of a row object. Of columns with the same
// name the last gives the value and the first the place. A column named
// __proto__ makes no property: in workerd it sets the prototype.
func jsonKeys(columns []string) []jsonKey {
	keys := []jsonKey{}
	places := map[string]int{}
	for i, name := range columns {
		if place, ok := places[name]; ok {
			keys[place].column = i
			continue
		}
		if name == "__proto__" {
			continue
		}
		places[name] = len(keys)
		keys = append(keys, jsonKey{text: append(AppendJSONString(nil, []byte(name)), ':'), column: i})
	}
	return keys
}

// sayable reports whether JSON can say all values of the row.
func sayable(row *sqlite.Row, columns int) bool {
	for i := range columns {
		switch row.Type(i) {
		case sqlite3.BLOB:
			return false
		case sqlite3.FLOAT:
			if math.IsInf(row.Float(i), 0) || math.IsNaN(row.Float(i)) {
				return false
			}
		}
	}
	return true
}

func appendValue(dst []byte, row *sqlite.Row, i int) []byte {
	switch row.Type(i) {
	case sqlite3.INTEGER:
		return strconv.AppendInt(dst, row.Int(i), 10)
	case sqlite3.FLOAT:
		return appendFloat(dst, row.Float(i))
	case sqlite3.TEXT:
		return AppendJSONString(dst, row.Bytes(i))
	}
	return append(dst, "null"...)
}

// appendFloat appends a finite number. Whole ones are common, and quicker to
// write as integers.
func appendFloat(dst []byte, f float64) []byte {
	if i := int64(f); float64(i) == f && i > -1<<53 && i < 1<<53 && (i != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(dst, i, 10)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

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
