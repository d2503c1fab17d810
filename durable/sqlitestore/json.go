package storage

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"
)

// AppendRows appends the values of the next rows, at most so many, as one JSON array. It stops before
// a row that JSON cannot say; ok is false if that is the first.
func (c *Cursor) AppendRows(dst []byte, most int) (out []byte, ok bool, err error) {
	if c.err != nil {
		return dst, true, c.err
	}
	columns := c.stmt.ColumnCount()
	dst = append(dst, '[')
	for rows := 0; c.row && rows < most; rows++ {
		if !c.plain(columns) {
			if rows == 0 {
				return dst, false, nil
			}
			break
		}
		for n := range columns {
			if rows > 0 || n > 0 {
				dst = append(dst, ',')
			}
			dst = c.appendValue(dst, n)
		}
		if err := c.step(); err != nil {
			return dst, true, err
		}
	}
	return append(dst, ']'), true, nil
}

// plain tells whether JSON can say the row: no bytes, no infinite numbers.
func (c *Cursor) plain(columns int) bool {
	for n := range columns {
		switch c.stmt.ColumnType(n) {
		case sqlite3.BLOB:
			return false
		case sqlite3.FLOAT:
			if math.IsInf(c.stmt.ColumnFloat(n), 0) {
				return false
			}
		}
	}
	return true
}

func (c *Cursor) appendValue(dst []byte, n int) []byte {
	switch c.stmt.ColumnType(n) {
	case sqlite3.INTEGER:
		return appendInt(dst, c.stmt.ColumnInt64(n))
	case sqlite3.FLOAT:
		return strconv.AppendFloat(dst, c.stmt.ColumnFloat(n), 'g', -1, 64)
	case sqlite3.TEXT:
		return appendString(dst, c.stmt.ColumnRawText(n))
	}
	return append(dst, "null"...)
}

// appendInt writes an integer as JavaScript's numbers have it: those that are too large lose digits.
func appendInt(dst []byte, v int64) []byte {
	if v > 1<<53 || v < -1<<53 {
		return strconv.AppendFloat(dst, float64(v), 'g', -1, 64)
	}
	return strconv.AppendInt(dst, v, 10)
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string; bytes that are not UTF-8 become U+FFFD.
func appendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size, escape := 1, ""
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(text[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
			escape = "\ufffd"
		case c < ' ':
			escape = "\\u00" + string(hexDigits[c>>4]) + string(hexDigits[c&15])
		default:
			escape = "\\" + string(c)
		}
		dst = append(append(dst, text[start:i]...), escape...)
		i += size
		start = i
	}
	return append(append(dst, text[start:]...), '"')
}
