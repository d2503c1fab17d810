package sqlite

import (
	"encoding/binary"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// Result codes that are not errors.
const (
	codeOK   = 0
	codeRow  = 100
	codeDone = 101
)

// codeInterrupt is the error code of what was asked to end.
const codeInterrupt = int32(sqlite3.INTERRUPT)

// Stmt is a compiled statement.
//
// https://sqlite.org/c3ref/stmt.html
type Stmt struct {
	conn     *Conn
	handle   pointer
	readOnly bool
	params   int
	names    []string
	counter  counter
}

// Prepare compiles the first statement of the text and returns what follows
// it. The statement is nil when the text holds none.
//
// https://sqlite.org/c3ref/prepare.html
func (c *Conn) Prepare(text string, flags sqlite3.PrepareFlag) (s *Stmt, tail string, err *Error) {
	c.module = ""
	s, tail, err = c.prepare(text, flags)
	switch {
	case err != nil && c.loadFor(err):
		return c.prepare(text, flags)
	case err == nil && c.module != "" && c.loadModule(c.module):
		s.Close()
		return c.prepare(text, flags)
	}
	return s, tail, err
}

func (c *Conn) prepare(text string, flags sqlite3.PrepareFlag) (*Stmt, string, *Error) {
	// Two result words, then the text: the text's size is passed without its
	// final NUL, which makes SQLite check the length limit at once.
	p := c.copyIn("\x00\x00\x00\x00\x00\x00\x00\x00"+text, 1)
	if p == 0 {
		return nil, "", c.noMemory()
	}
	defer func() { c.api.Xsqlite3_free(p) }()
	rc, err := c.guard(func() int32 {
		return c.api.Xsqlite3_prepare_v3(c.db, p+8, int32(len(text)), int32(flags), p, p+4)
	})
	if err != nil {
		return nil, "", err
	}
	if rc != codeOK {
		return nil, "", c.fail(rc)
	}
	tail := text[c.read32(p+4)-(p+8):]
	handle := c.read32(p)
	if handle == 0 {
		return nil, tail, nil
	}
	s := &Stmt{
		conn:     c,
		handle:   handle,
		readOnly: c.api.Xsqlite3_stmt_readonly(handle) != 0,
		params:   int(c.api.Xsqlite3_bind_parameter_count(handle)),
	}
	s.readNames()
	return s, tail, nil
}

// readNames caches the names of the result columns.
func (s *Stmt) readNames() {
	s.names = make([]string, s.conn.api.Xsqlite3_column_count(s.handle))
	for i := range s.names {
		s.names[i] = s.conn.text(s.conn.api.Xsqlite3_column_name(s.handle, int32(i)))
	}
}

// ReadOnly reports whether the statement makes no changes to the database.
func (s *Stmt) ReadOnly() bool { return s.readOnly }

// Params returns the highest parameter number.
func (s *Stmt) Params() int { return s.params }

// Columns returns the names of the result columns, which the caller must not
// change.
func (s *Stmt) Columns() []string { return s.names }

// Close destroys the statement.
func (s *Stmt) Close() {
	s.conn.api.Xsqlite3_finalize(s.handle)
	s.counter.release(s.conn)
	s.handle = 0
}

// Step runs the statement to its next row, and reports whether there is one.
//
// https://sqlite.org/c3ref/step.html
func (s *Stmt) Step() (row bool, err *Error) {
	rc, err := s.conn.guard(func() int32 { return s.conn.api.Xsqlite3_step(s.handle) })
	if err != nil {
		return false, err
	}
	s.stepped(rc == codeRow)
	switch rc {
	case codeRow:
		return true, nil
	case codeDone:
		return false, nil
	default:
		return false, s.conn.fail(rc)
	}
}

// Start is the first [Stmt.Step] of a run. It notices when SQLite had to
// compile the statement again because the schema has changed.
func (s *Stmt) Start() (row bool, err *Error) {
	s.resetCounts()
	row, err = s.Step()
	if err != nil && s.conn.loadFor(err) {
		s.Reset()
		row, err = s.Step()
	}
	if int(s.conn.api.Xsqlite3_column_count(s.handle)) != len(s.names) {
		s.readNames()
	}
	return row, err
}

// Reset ends the run, so that the statement can be run again. The error that
// it would return has been reported by Step.
func (s *Stmt) Reset() { s.conn.api.Xsqlite3_reset(s.handle) }

// ClearBindings sets all parameters to NULL.
func (s *Stmt) ClearBindings() { s.conn.api.Xsqlite3_clear_bindings(s.handle) }

// BindNull binds NULL to the parameter, counted from 1.
func (s *Stmt) BindNull(i int) *Error {
	return s.conn.check(s.conn.api.Xsqlite3_bind_null(s.handle, int32(i)))
}

// BindInt binds an INTEGER.
func (s *Stmt) BindInt(i int, v int64) *Error {
	return s.conn.check(s.conn.api.Xsqlite3_bind_int64(s.handle, int32(i), v))
}

// BindFloat binds a REAL, or NULL if the number is NaN.
func (s *Stmt) BindFloat(i int, v float64) *Error {
	return s.conn.check(s.conn.api.Xsqlite3_bind_double(s.handle, int32(i), v))
}

// BindText binds a TEXT.
func (s *Stmt) BindText(i int, v string) *Error {
	p := s.conn.copyIn(v, 1)
	if p == 0 {
		return s.conn.noMemory()
	}
	return s.conn.check(s.conn.api.Xsqlite3_bind_text_go(s.handle, int32(i), p, int64(len(v))))
}

// BindBlob binds a BLOB.
func (s *Stmt) BindBlob(i int, v []byte) *Error {
	if len(v) == 0 {
		return s.conn.check(s.conn.api.Xsqlite3_bind_zeroblob64(s.handle, int32(i), 0))
	}
	p := s.conn.api.Xsqlite3_malloc64(int64(len(v)))
	if p == 0 {
		return s.conn.noMemory()
	}
	copy((*s.conn.memory)[uint32(p):], v)
	return s.conn.check(s.conn.api.Xsqlite3_bind_blob_go(s.handle, int32(i), p, int64(len(v))))
}

// Row is the current row of a statement, valid until the statement is stepped,
// reset or another row is read from the same connection.
type Row struct {
	memory []byte
	types  []byte
	data   []byte
}

// Row reads all columns of the current row.
func (s *Stmt) Row() (*Row, *Error) {
	row := &s.conn.row
	n := len(s.names)
	if n == 0 {
		*row = Row{}
		return row, nil
	}
	p := s.conn.alloc(n * 9)
	if p == 0 {
		return nil, s.conn.noMemory()
	}
	if rc := s.conn.api.Xsqlite3_columns_go(s.handle, int32(n), p+int32(n)*8, p); rc != codeOK {
		return nil, s.conn.fail(rc)
	}
	at := int(uint32(p))
	row.memory = *s.conn.memory
	row.data = row.memory[at : at+n*8]
	row.types = row.memory[at+n*8 : at+n*9]
	return row, nil
}

// Type returns the type of a column, counted from 0.
func (r *Row) Type(i int) sqlite3.Datatype { return sqlite3.Datatype(r.types[i]) }

// Int returns the value of an INTEGER column.
func (r *Row) Int(i int) int64 { return int64(binary.LittleEndian.Uint64(r.data[i*8:])) }

// Float returns the value of a REAL column.
func (r *Row) Float(i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(r.data[i*8:]))
}

// Bytes returns the value of a TEXT or BLOB column in SQLite's own memory.
func (r *Row) Bytes(i int) []byte {
	p := binary.LittleEndian.Uint32(r.data[i*8:])
	size := binary.LittleEndian.Uint32(r.data[i*8+4:])
	if size == 0 {
		return nil
	}
	return r.memory[p:][:size:size]
}
