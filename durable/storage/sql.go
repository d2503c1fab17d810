package storage

import (
	"errors"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// Value is a SQL value: nil, bool, int64, float64, string or []byte. A result
// is never a bool. A binding of a JavaScript number is a float64 even when it
// is integral, as in workerd, and a bool is stored as the text true or false.
type Value = any

// Exec runs one or more SQL statements, each but the last only to its first
// row, and returns a cursor over the rows of the last. The first row has been
// computed when it returns, so writes happen even if nobody reads the cursor.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#exec
//
// It keeps neither the text nor the bindings themselves.
func (d *DB) Exec(query string, bindings ...Value) (*Cursor, error) {
	entry := d.cache.get(query)
	if entry != nil && entry.schema != d.schema && !entry.busy {
		d.cache.remove(entry)
		entry = nil
	}
	var failure *Error
	reused := false
	switch {
	case entry == nil:
		if entry, failure = d.compile(query, sqlite3.PREPARE_PERSISTENT); failure == nil {
			d.cache.add(entry)
		}
	case entry.busy:
		// SQLite runs a statement once at a time, so a cursor that is still
		// open gets a sibling that is not kept.
		entry, failure = d.compile(query, 0)
	default:
		reused = true
		failure = d.repeat(entry)
	}
	if failure != nil {
		return nil, failure
	}
	cursor, failure := d.start(entry, bindings)
	if failure != nil {
		d.finish(entry)
		return nil, failure
	}
	cursor.reused = reused
	d.cache.trim()
	return cursor, nil
}

// compile compiles all statements of a text, and runs each but the last.
func (d *DB) compile(query string, flags sqlite3.PrepareFlag) (*cacheEntry, *Error) {
	query = strings.Clone(query) // the entry keeps it
	entry := &cacheEntry{text: query}
	rest := query
	for {
		stmt, tail, effect, failure := d.prepareUser(rest, flags)
		if failure != nil {
			entry.close()
			return nil, failure
		}
		if stmt == nil {
			entry.close()
			return nil, plainError("SQL code did not contain a statement.")
		}
		tail = strings.TrimLeft(tail, " \t\n\r\v\f")
		if tail == "" {
			entry.stmt = stmt
			entry.change = effect
			entry.schema = d.schema
			return entry, nil
		}
		entry.prelude = append(entry.prelude, preludeStatement{stmt, effect})
		if stmt.Params() != 0 {
			failure = plainError("When executing multiple SQL statements in a single call, only the last " +
				"statement can have parameters.")
		} else {
			failure = d.runPrelude(stmt, effect)
		}
		if failure != nil {
			entry.close()
			return nil, failure
		}
		rest = tail
	}
}

// repeat runs the statements before the last one of a compiled text again.
func (d *DB) repeat(entry *cacheEntry) *Error {
	for _, p := range entry.prelude {
		if err := d.runPrelude(p.stmt, p.change); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) runPrelude(stmt *sqlite.Stmt, effect change) *Error {
	if !stmt.ReadOnly() {
		if err := d.beginWrite(); err != nil {
			return err
		}
	}
	defer stmt.Reset()
	defer d.distrust()()
	if _, err := stmt.Start(); err != nil {
		return d.failed(err)
	}
	d.changed(stmt, effect)
	return nil
}

// changed notes that a statement which has run may have outdated others. One
// such as CREATE TABLE IF NOT EXISTS that found nothing to do has not.
func (d *DB) changed(stmt *sqlite.Stmt, effect change) {
	if effect == changeSchema && stmt.Counting() {
		read, written := stmt.Counts()
		if read == 0 && written == 0 {
			return
		}
	}
	if effect != changeNothing {
		d.schema++
	}
}

// distrust makes the authorizer strict until the returned function is called.
// SQLite may compile a statement again whenever it is stepped.
func (d *DB) distrust() func() {
	d.auth.trusted = false
	return func() { d.auth.trusted = true }
}

// prepareUser compiles a statement of the program, and tells whether it may
// change the schema or settings that other statements were compiled for.
func (d *DB) prepareUser(text string, flags sqlite3.PrepareFlag) (stmt *sqlite.Stmt, tail string, effect change, failure *Error) {
	d.auth.transaction, d.auth.change = false, changeNothing
	restore := d.distrust()
	stmt, tail, err := d.conn.Prepare(text, flags)
	if err != nil && err.Code == sqlite3.ERROR && strings.HasSuffix(err.Message, ": syntax error") {
		if rewritten, rest, ok := rewriteLimited(text); ok {
			stmt, tail, err = d.prepareLimited(rewritten, rest, flags, err)
		}
	}
	restore()
	if err != nil {
		return nil, "", changeNothing, d.refusal(err)
	}
	if stmt != nil && d.auth.change == changeSettings && d.earlierWrites() {
		// SQLite sets what a PRAGMA says when it compiles it, so it has to be compiled once more.
		stmt.Close()
		if d.Commit() != nil {
			return nil, "", changeNothing, d.broken
		}
		return d.prepareUser(text, flags)
	}
	if stmt != nil && d.auth.change == changeSchema && renamesToReserved(text[:len(text)-len(tail)]) {
		stmt.Close()
		return nil, "", changeNothing, &Error{Class: "Error", Message: "not authorized: SQLITE_AUTH", Code: sqlite3.AUTH}
	}
	if stmt != nil {
		stmt.CountRows()
	}
	return stmt, tail, d.auth.change, nil
}

// prepareLimited compiles a statement that was rewritten because of its LIMIT.
// If the rewriting is at fault, the first failure is the one to tell.
func (d *DB) prepareLimited(text, tail string, flags sqlite3.PrepareFlag, first *sqlite.Error) (*sqlite.Stmt, string, *sqlite.Error) {
	stmt, rest, err := d.conn.Prepare(text, flags)
	switch {
	case err != nil && (strings.HasSuffix(err.Message, ": syntax error") || err.Message == "no such column: rowid"):
		return nil, "", first
	case err != nil:
		return nil, "", err
	case strings.TrimSpace(rest) != "":
		stmt.Close()
		return nil, "", first
	}
	return stmt, tail, nil
}

// refusal words the failure to compile a statement.
func (d *DB) refusal(err *sqlite.Error) *Error {
	if d.auth.transaction && err.Code == sqlite3.AUTH {
		return plainError(transactionText)
	}
	if name, ok := strings.CutPrefix(err.Message, "not authorized to use function: "); ok {
		if _, foreign := foreignFunctions[strings.ToLower(name)]; foreign {
			err.Message = "no such function: " + name
		}
	}
	return d.failed(err)
}

// start binds the last statement's parameters and runs it to its first row.
func (d *DB) start(entry *cacheEntry, bindings []Value) (*Cursor, *Error) {
	stmt := entry.stmt
	if len(bindings) != stmt.Params() {
		return nil, plainError("Wrong number of parameter bindings for SQL query.")
	}
	if !stmt.ReadOnly() {
		if err := d.beginWrite(); err != nil {
			return nil, err
		}
	}
	for i, value := range bindings {
		if err := bind(stmt, i+1, value); err != nil {
			return nil, d.failed(err)
		}
	}
	entry.busy = true
	cursor := &Cursor{db: d, entry: entry}
	restore := d.distrust()
	row, err := stmt.Start()
	restore()
	if err != nil {
		return nil, d.failed(err)
	}
	d.changed(stmt, entry.change)
	cursor.columns = stmt.Columns()
	d.cursors[cursor] = struct{}{}
	if !row {
		cursor.end()
	}
	return cursor, nil
}

func bind(stmt *sqlite.Stmt, i int, value Value) *sqlite.Error {
	switch v := value.(type) {
	case nil:
		return stmt.BindNull(i)
	case bool:
		if v {
			return stmt.BindText(i, "true")
		}
		return stmt.BindText(i, "false")
	case int64:
		return stmt.BindInt(i, v)
	case float64:
		return stmt.BindFloat(i, v)
	case string:
		return stmt.BindText(i, v)
	case []byte:
		return stmt.BindBlob(i, v)
	}
	return &sqlite.Error{Code: sqlite3.MISMATCH, Message: "unsupported type of binding", Offset: -1}
}

// finish ends a run of a statement, and closes it unless it is kept.
func (d *DB) finish(entry *cacheEntry) {
	entry.busy = false
	if !entry.cached {
		entry.close()
		return
	}
	entry.stmt.Reset()
	entry.stmt.ClearBindings()
}

// Size returns the size of the database in bytes, without its free pages.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#databasesize
func (d *DB) Size() (int64, error) {
	stmt, err := d.statement(fixedSize)
	if err != nil {
		return 0, err
	}
	defer stmt.Reset()
	row, stepErr := stmt.Step()
	if stepErr != nil {
		return 0, d.failed(stepErr)
	}
	if !row {
		return 0, errors.New("read database size: no row")
	}
	columns, rowErr := stmt.Row()
	if rowErr != nil {
		return 0, d.failed(rowErr)
	}
	return columns.Int(0) * columns.Int(1), nil
}
