package storage

import (
	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// Cursor is the result of [DB.Exec]. It always holds the next row: taking one
// computes the one after it, so that a query without more rows ends at once.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#returns
type Cursor struct {
	db      *DB
	entry   *cacheEntry
	columns []string
	fields  *Fields // nil until they are asked for
	// failure ends the cursor: every further call returns it.
	failure  *Error
	canceled bool

	read, written int64
	reused        bool // the statement had been compiled before
}

// Columns returns the names of the columns, which the caller must not change.
// They stay known when the cursor has ended.
func (c *Cursor) Columns() []string { return c.columns }

// Done reports whether all rows have been taken.
func (c *Cursor) Done() bool { return c.entry == nil && c.failure == nil && !c.canceled }

// Writes reports whether the cursor has rows left of a statement that writes: until they are taken nothing can be
// committed.
func (c *Cursor) Writes() bool { return c.entry != nil && !c.entry.stmt.ReadOnly() }

// Counts returns how many rows the query has read and written so far, the row
// that the cursor holds included.
func (c *Cursor) Counts() (read, written int64, err error) {
	if c.canceled {
		return 0, 0, errCanceled()
	}
	if c.entry != nil {
		c.read, c.written = c.entry.stmt.Counts()
	}
	return c.read, c.written, nil
}

// Next returns the values of the next row, or nil at the end.
func (c *Cursor) Next() ([]Value, error) {
	row, ok, err := c.current()
	if !ok || err != nil {
		return nil, err
	}
	values := make([]Value, len(c.columns))
	for i := range values {
		values[i] = value(row, i)
	}
	if err := c.advance(); err != nil {
		return nil, err
	}
	return values, nil
}

func value(row *sqlite.Row, i int) Value {
	switch row.Type(i) {
	case sqlite3.INTEGER:
		return row.Int(i)
	case sqlite3.FLOAT:
		return row.Float(i)
	case sqlite3.TEXT:
		return string(row.Bytes(i))
	case sqlite3.BLOB:
		return append([]byte{}, row.Bytes(i)...)
	}
	return nil
}

// current returns the row that the cursor holds.
func (c *Cursor) current() (row *sqlite.Row, ok bool, err error) {
	switch {
	case c.failure != nil:
		return row, false, c.failure
	case c.canceled:
		return row, false, errCanceled()
	case c.entry == nil:
		return row, false, nil
	}
	row, rowErr := c.entry.stmt.Row()
	if rowErr != nil {
		return row, false, c.fail(rowErr)
	}
	return row, true, nil
}

// advance computes the next row.
func (c *Cursor) advance() error {
	c.db.auth.trusted = false
	more, err := c.entry.stmt.Step()
	c.db.auth.trusted = true
	if err != nil {
		return c.fail(err)
	}
	if !more {
		c.end()
	}
	return nil
}

func (c *Cursor) fail(err *sqlite.Error) error {
	failure := c.db.failed(err)
	c.end()
	c.failure = failure
	return failure
}

// Close ends the cursor without taking its remaining rows. The counters stay.
func (c *Cursor) Close() {
	if c.entry != nil {
		c.end()
	}
}

// end gives the statement back.
func (c *Cursor) end() {
	c.read, c.written = c.entry.stmt.Counts()
	c.release()
}

func (c *Cursor) release() {
	delete(c.db.cursors, c)
	entry := c.entry
	c.entry = nil
	c.db.finish(entry)
}

// cancel ends the cursor because its database is gone.
func (c *Cursor) cancel() {
	c.release()
	c.canceled = true
}

func errCanceled() error {
	return plainError("SQLite query was canceled because the database was deleted.")
}

// Reused reports whether the statement had been compiled by an earlier Exec.
func (c *Cursor) Reused() bool { return c.reused }
