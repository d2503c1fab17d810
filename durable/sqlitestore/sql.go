package storage

import (
	"errors"
	"math"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// What exec says of queries that it does not take, in workerd's words.
var (
	errNoStatement = failure("SQL code did not contain a statement.")
	errParameters  = failure("When executing multiple SQL statements in a single call, only the last statement can have parameters.")
	errBindings    = failure("Wrong number of parameter bindings for SQL query.")
	errTransaction = failure("To execute a transaction, please use the state.storage.transaction() or " +
		"state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API " +
		"is safer because it will automatically roll back on exceptions, and because it interacts correctly with Durable " +
		"Objects' automatic atomic write coalescing.")
)

// Cursor is the rows of a statement, one of which is always read ahead.
type Cursor struct {
	db    *DB
	stmt  *sqlite3.Stmt
	query string // the statement's text, by which it goes back to the cache; "" if it does not
	names []string
	row   bool // the statement stands on a row that has not been given out
	read  int64
	wrote int64
	err   error
}

// Exec executes a query of one or more statements; the cursor is of the last. Bindings are float64,
// string, []byte or nil.
func (db *DB) Exec(query string, bindings []any) (*Cursor, error) {
	if stmt := db.prepared.take(query); stmt != nil {
		return db.start(stmt, query, query, bindings)
	}
	for rest := query; ; {
		stmt, tail, err := db.prepare(rest, query)
		if err != nil {
			return nil, err
		}
		if stmt == nil {
			return nil, errNoStatement
		}
		if strings.TrimSpace(tail) == "" {
			cached := ""
			if rest == query {
				cached = query
			}
			return db.start(stmt, cached, query, bindings)
		}
		if stmt.BindCount() > 0 {
			stmt.Close()
			return nil, errParameters
		}
		c, err := db.start(stmt, "", query, nil)
		if err != nil {
			return nil, err
		}
		c.Close()
		rest = tail
	}
}

func (db *DB) prepare(sql, query string) (*sqlite3.Stmt, string, error) {
	if transactionWord(sql) {
		return nil, "", errTransaction
	}
	db.user = true
	defer func() { db.user = false }()
	stmt, tail, err := db.conn.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, "", sqlError(err, query)
	}
	return stmt, tail, nil
}

// transactionWord tells whether a statement would begin or end a transaction.
func transactionWord(sql string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(sql, " \t\r\n;"), " ")
	switch strings.ToUpper(strings.TrimRight(word, ";\n\r\t")) {
	case "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE":
		return true
	}
	return false
}

// start binds and makes the first step, in which writes happen.
func (db *DB) start(stmt *sqlite3.Stmt, cached, query string, bindings []any) (*Cursor, error) {
	c := &Cursor{db: db, stmt: stmt, query: cached}
	fail := func(err error) (*Cursor, error) {
		stmt.Close()
		return nil, db.noticed(err)
	}
	if stmt.BindCount() != len(bindings) {
		return fail(errBindings)
	}
	for n, v := range bindings {
		if err := bind(stmt, n+1, v); err != nil {
			return fail(sqlError(err, query))
		}
	}
	if !stmt.ReadOnly() {
		if err := db.write(); err != nil {
			return fail(err)
		}
	}
	db.cursors[c] = struct{}{}
	before := db.conn.TotalChanges()
	if err := c.step(); err != nil {
		delete(db.cursors, c)
		return fail(err)
	}
	c.wrote = db.conn.TotalChanges() - before
	return c, nil
}

func bind(stmt *sqlite3.Stmt, n int, v any) error {
	switch v := v.(type) {
	case nil:
		return stmt.BindNull(n)
	case float64:
		if math.IsNaN(v) {
			return stmt.BindNull(n)
		}
		return stmt.BindFloat(n, v)
	case string:
		return stmt.BindText(n, v)
	case []byte:
		if v == nil {
			v = []byte{}
		}
		return stmt.BindBlob(n, v)
	}
	return errors.New("a value that cannot be bound")
}

// step reads the next row ahead.
func (c *Cursor) step() error {
	c.db.user = true
	c.row = c.stmt.Step()
	c.db.user = false
	if c.row {
		c.read++
		return nil
	}
	err := c.stmt.Err()
	c.names = c.columns()
	c.read = max(c.read, int64(c.stmt.Status(sqlite3.STMTSTATUS_FULLSCAN_STEP, false))+min(c.read, 1))
	c.release()
	return checked(err, c.stmt.SQL())
}

// release gives the statement back when it has ended.
func (c *Cursor) release() {
	delete(c.db.cursors, c)
	c.row = false
	if c.query != "" {
		c.db.prepared.put(c.query, c.stmt)
		return
	}
	c.stmt.Close()
}

// Close ends the cursor before its last row.
func (c *Cursor) Close() {
	if _, open := c.db.cursors[c]; open && c.err == nil {
		c.names = c.columns()
		c.release()
	}
}

// Columns are the names of the columns.
func (c *Cursor) Columns() []string {
	if c.names == nil {
		c.names = c.columns()
	}
	return c.names
}

func (c *Cursor) columns() []string {
	if c.names != nil {
		return c.names
	}
	names := make([]string, c.stmt.ColumnCount())
	for n := range names {
		names[n] = c.stmt.ColumnName(n)
	}
	return names
}

// Counts are the rows read and written so far.
func (c *Cursor) Counts() (read, written int64, err error) { return c.read, c.wrote, c.err }

// Done tells whether all rows were given out.
func (c *Cursor) Done() bool { return !c.row }

// Row gives the next row: values are nil, int64, float64, string or []byte.
func (c *Cursor) Row() (values []any, err error) {
	if c.err != nil || !c.row {
		return nil, c.err
	}
	values = make([]any, c.stmt.ColumnCount())
	for n := range values {
		switch c.stmt.ColumnType(n) {
		case sqlite3.INTEGER:
			values[n] = c.stmt.ColumnInt64(n)
		case sqlite3.FLOAT:
			values[n] = c.stmt.ColumnFloat(n)
		case sqlite3.TEXT:
			values[n] = c.stmt.ColumnText(n)
		case sqlite3.BLOB:
			values[n] = append([]byte{}, c.stmt.ColumnRawBlob(n)...)
		}
	}
	return values, c.step()
}
