package sqlite

import (
	"strconv"

	"github.com/ncruces/go-sqlite3"
)

// Error is a failure that SQLite reported.
type Error struct {
	Code     sqlite3.ErrorCode
	Extended sqlite3.ExtendedErrorCode
	// Message is SQLite's own message.
	Message string
	// Offset is the place in the statement's text, in bytes, or -1.
	Offset int
}

// Error returns the text in the form that workerd gives it:
// "<message>[ at offset <n>]: <code>[ (extended: <code>)]".
func (e *Error) Error() string {
	text := e.Message
	if e.Offset >= 0 {
		text += " at offset " + strconv.Itoa(e.Offset)
	}
	name := codeNames[e.Code]
	if name == "" {
		name = "SQLITE_UNKNOWN_ERROR_CODE(" + strconv.Itoa(int(e.Code)) + ")"
	}
	text += ": " + name
	if extended := extendedNames[e.Extended]; extended != "" {
		text += " (extended: " + extended + ")"
	}
	return text
}

func (c *Conn) check(rc int32) *Error {
	if rc == codeOK {
		return nil
	}
	return c.fail(rc)
}

// fail describes the connection's last failure.
func (c *Conn) fail(rc int32) *Error {
	if c.Lost() {
		return errInterrupted()
	}
	return &Error{
		Code:     sqlite3.ErrorCode(rc),
		Extended: sqlite3.ExtendedErrorCode(c.api.Xsqlite3_extended_errcode(c.db)),
		Message:  c.text(c.api.Xsqlite3_errmsg(c.db)),
		Offset:   int(c.api.Xsqlite3_error_offset(c.db)),
	}
}

func (c *Conn) noMemory() *Error {
	if c.Lost() {
		return errInterrupted()
	}
	return &Error{Code: sqlite3.NOMEM, Extended: sqlite3.ExtendedErrorCode(sqlite3.NOMEM), Message: "out of memory", Offset: -1}
}
