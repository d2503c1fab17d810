package storage

import (
	"crypto/rand"
	"io"

	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// Error is a failure that a program sees: Class is the JavaScript class of the
// exception and Message its exact text.
type Error struct {
	Class   string
	Message string

	// Reset says that the object cannot go on: its storage has lost writes
	// which it may have relied on, and every caller must get this error.
	Reset bool

	// ResetProperty says that the exception carries durableObjectReset: true.
	ResetProperty bool

	// Code is SQLite's result code, 0 if the failure is not SQLite's.
	Code sqlite3.ErrorCode

	// Internal says that programs see an internal error only, as in workerd. Reason is what happened, for people.
	Internal bool
	Reason   string
}

// Error returns the class and the message.
func (e *Error) Error() string { return e.Class + ": " + e.Message }

// ReadOnly reports whether something was to be written through a connection
// that cannot write.
func (e *Error) ReadOnly() bool { return e.Code == sqlite3.READONLY }

// Interrupted reports whether a statement was ended before it was done: see [DB.Interrupt].
func (e *Error) Interrupted() bool { return e.Code == sqlite3.INTERRUPT }

// plainError returns an exception of class Error.
func plainError(message string) *Error { return &Error{Class: "Error", Message: message} }

// typeError returns an exception of class TypeError.
func typeError(message string) *Error { return &Error{Class: "TypeError", Message: message} }

// fromSQLite turns a failure of SQLite into the exception that workerd throws.
func fromSQLite(err *sqlite.Error) *Error {
	text := err.Error()
	if err.Code == sqlite3.BUSY {
		// workerd marks this text for its own error reporting, and programs see it.
		text = "NOSENTRY " + text
	}
	return &Error{Class: "Error", Message: text, Code: err.Code}
}

// internalError is what programs see of a failure which is not theirs to know, as workerd words it: a text that nothing
// can be made of, but find it in a log.
func internalError(random io.Reader) *Error {
	const digits, letters = 24, "0123456789abcdefghijklmnopqrstuv"
	reference := make([]byte, digits)
	if random == nil {
		random = rand.Reader
	}
	_, _ = io.ReadFull(random, reference) // zeros refer as well
	for i, b := range reference {
		reference[i] = letters[b&31]
	}
	return &Error{Class: "Error", Message: "internal error; reference = " + string(reference), Reset: true, Internal: true}
}

// critical reports whether SQLite ends the open transaction when it meets the
// error.
//
// https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
func critical(code sqlite3.ErrorCode) bool {
	switch code {
	case sqlite3.FULL, sqlite3.IOERR, sqlite3.NOMEM, sqlite3.INTERRUPT:
		return true
	}
	return false
}
