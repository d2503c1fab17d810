package storage

import (
	"errors"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Error is a failure of storage with the text that programs see.
type Error struct {
	Message string
	// Critical tells that SQLite gave the transaction up: the object must be reset.
	Critical bool
	// Constraint tells that the commit failed because of what the program wrote.
	Constraint bool
	Err        error
}

func (e *Error) Error() string { return e.Message }

// Unwrap is SQLite's own error.
func (e *Error) Unwrap() error { return e.Err }

func failure(message string) *Error { return &Error{Message: message} }

// codes are the names of SQLite's primary result codes. https://sqlite.org/rescode.html
var codes = map[sqlite3.ErrorCode]string{
	sqlite3.ERROR: "ERROR", sqlite3.INTERNAL: "INTERNAL", sqlite3.PERM: "PERM", sqlite3.ABORT: "ABORT", sqlite3.BUSY: "BUSY",
	sqlite3.LOCKED: "LOCKED", sqlite3.NOMEM: "NOMEM", sqlite3.READONLY: "READONLY", sqlite3.INTERRUPT: "INTERRUPT",
	sqlite3.IOERR: "IOERR", sqlite3.CORRUPT: "CORRUPT", sqlite3.NOTFOUND: "NOTFOUND", sqlite3.FULL: "FULL",
	sqlite3.CANTOPEN: "CANTOPEN", sqlite3.PROTOCOL: "PROTOCOL", sqlite3.EMPTY: "EMPTY", sqlite3.SCHEMA: "SCHEMA",
	sqlite3.TOOBIG: "TOOBIG", sqlite3.CONSTRAINT: "CONSTRAINT", sqlite3.MISMATCH: "MISMATCH", sqlite3.MISUSE: "MISUSE",
	sqlite3.NOLFS: "NOLFS", sqlite3.AUTH: "AUTH", sqlite3.FORMAT: "FORMAT", sqlite3.RANGE: "RANGE", sqlite3.NOTADB: "NOTADB",
}

// extended are the names of the extended codes that programs meet.
var extended = map[sqlite3.ExtendedErrorCode]string{
	sqlite3.CONSTRAINT_CHECK: "CONSTRAINT_CHECK", sqlite3.CONSTRAINT_COMMITHOOK: "CONSTRAINT_COMMITHOOK",
	sqlite3.CONSTRAINT_FOREIGNKEY: "CONSTRAINT_FOREIGNKEY", sqlite3.CONSTRAINT_FUNCTION: "CONSTRAINT_FUNCTION",
	sqlite3.CONSTRAINT_NOTNULL: "CONSTRAINT_NOTNULL", sqlite3.CONSTRAINT_PRIMARYKEY: "CONSTRAINT_PRIMARYKEY",
	sqlite3.CONSTRAINT_TRIGGER: "CONSTRAINT_TRIGGER", sqlite3.CONSTRAINT_UNIQUE: "CONSTRAINT_UNIQUE",
	sqlite3.CONSTRAINT_VTAB: "CONSTRAINT_VTAB", sqlite3.CONSTRAINT_ROWID: "CONSTRAINT_ROWID",
	sqlite3.CONSTRAINT_PINNED: "CONSTRAINT_PINNED", sqlite3.CONSTRAINT_DATATYPE: "CONSTRAINT_DATATYPE",
	sqlite3.ABORT_ROLLBACK: "ABORT_ROLLBACK", sqlite3.LOCKED_SHAREDCACHE: "LOCKED_SHAREDCACHE",
	sqlite3.BUSY_RECOVERY: "BUSY_RECOVERY", sqlite3.BUSY_SNAPSHOT: "BUSY_SNAPSHOT", sqlite3.BUSY_TIMEOUT: "BUSY_TIMEOUT",
}

// sqlError is an error of a statement in workerd's form: the message, where in the query, the code.
func sqlError(err error, query string) error {
	var e *sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	message := strings.TrimPrefix(e.Error(), "sqlite3: ")
	if _, detail, ok := strings.Cut(message, ": "); ok {
		message = detail
	}
	if rest := e.SQL(); rest != "" && len(rest) <= len(query) {
		message += " at offset " + itoa(len(query)-len(rest))
	}
	message += ": SQLITE_" + codes[e.Code()]
	if name, ok := extended[e.ExtendedCode()]; ok {
		message += " (extended: SQLITE_" + name + ")"
	}
	if e.Code() == sqlite3.BUSY {
		message = "NOSENTRY " + message
	}
	return &Error{Message: message, Critical: critical(e.Code()), Constraint: e.Code() == sqlite3.CONSTRAINT, Err: err}
}

func critical(code sqlite3.ErrorCode) bool {
	switch code {
	case sqlite3.FULL, sqlite3.IOERR, sqlite3.NOMEM, sqlite3.INTERRUPT, sqlite3.CORRUPT, sqlite3.NOTADB:
		return true
	}
	return false
}
