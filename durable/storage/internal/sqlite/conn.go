// Package sqlite is the thin layer between an object's storage and
// github.com/ncruces/go-sqlite3. That library opens and configures the
// connection; statements go directly to the functions it translated from C,
// because its own statements box every column, hide the exact error text and
// keep the counters that rowsRead and rowsWritten need out of reach.
package sqlite

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/ncruces/go-sqlite3/ext/rtree"
)

// pointer is an address in SQLite's own memory, 0 for none.
type pointer = int32

// Config says how to open a connection.
type Config struct {
	// URI names the database, as in "file:/dir/name.sqlite?mode=rwc".
	//
	// https://sqlite.org/uri.html
	URI string
	// MaxMemory bounds the memory of the connection, in bytes.
	MaxMemory int64
	// Authorize decides what a statement may do while it is compiled. A nil
	// function allows everything.
	Authorize func(action sqlite3.AuthorizerActionCode, name3rd, name4th, schema, inner string) sqlite3.AuthorizerReturnCode
	// BusyTimeout is how long to wait for another process's lock.
	BusyTimeout time.Duration
}

// Conn is one connection. It is not safe for concurrent use.
type Conn struct {
	conn   *sqlite3.Conn
	api    api
	memory *[]byte
	db     pointer

	interrupter interrupter

	// row is the row that was read last.
	row         Row
	scratch     pointer
	scratchSize int
	counting    bool
	// loading is set while a module runs the statements it begins with.
	loading bool
	// module is the virtual table module that the statement being compiled uses
	// to make a table.
	module   string
	hasFTS5  bool
	hasRTree bool
}

// Open opens a connection.
//
// https://sqlite.org/c3ref/open.html
func Open(config Config) (*Conn, error) {
	ctx := sqlite3.WithMaxMemory(context.Background(), config.MaxMemory)
	conn, err := sqlite3.OpenContext(ctx, config.URI)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", config.URI, err)
	}
	c := &Conn{conn: conn}
	if err := c.attach(); err != nil {
		return nil, fmt.Errorf("open database %s: %w", config.URI, err)
	}
	c.SetInterrupt(context.Background())
	c.counting = c.sourceID() == countedSourceID
	if c.counting {
		c.disableStat4()
	}
	// The library adds this table-valued function, which workerd has not.
	if err := c.removeModule("generate_series"); err != nil {
		return nil, c.failOpen(config, err)
	}
	if config.Authorize != nil {
		authorize := func(action sqlite3.AuthorizerActionCode, name3rd, name4th, schema, inner string) sqlite3.AuthorizerReturnCode {
			if c.loading {
				return sqlite3.AUTH_OK
			}
			if action == sqlite3.AUTH_CREATE_VTABLE {
				c.module = name4th
			}
			return config.Authorize(action, name3rd, name4th, schema, inner)
		}
		if err := conn.SetAuthorizer(authorize); err != nil {
			return nil, c.failOpen(config, err)
		}
	}
	if err := conn.BusyTimeout(config.BusyTimeout); err != nil {
		return nil, c.failOpen(config, err)
	}
	return c, nil
}

func (c *Conn) failOpen(config Config, err error) error {
	return fmt.Errorf("open database %s: %w", config.URI, closing(c.conn, err))
}

// closing closes the connection after a failure and returns the failure.
func closing(conn *sqlite3.Conn, err error) error {
	if closeErr := conn.Close(); closeErr != nil {
		return fmt.Errorf("%w (and close: %w)", err, closeErr)
	}
	return err
}

// Close closes the connection. All its statements must have been closed.
//
// https://sqlite.org/c3ref/close.html
func (c *Conn) Close() error {
	c.SetInterrupt(context.Background())
	end := c.conn.Close
	if c.Lost() {
		end = c.api.Close
	}
	if err := end(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Config sets a boolean option of the connection.
//
// https://sqlite.org/c3ref/db_config.html
func (c *Conn) Config(option sqlite3.DBConfig, value bool) error {
	if c.Lost() {
		return errInterrupted()
	}
	_, err := c.conn.Config(option, value)
	return err
}

// Limit sets a limit of the connection.
//
// https://sqlite.org/c3ref/limit.html
func (c *Conn) Limit(category sqlite3.LimitCategory, value int) {
	c.conn.Limit(category, value)
}

// CreateFunction registers a scalar function.
//
// https://sqlite.org/c3ref/create_function.html
func (c *Conn) CreateFunction(name string, args int, fn sqlite3.ScalarFunction) error {
	return c.conn.CreateFunction(name, args, sqlite3.DIRECTONLY, fn)
}

// Autocommit reports whether no transaction is open.
//
// https://sqlite.org/c3ref/get_autocommit.html
func (c *Conn) Autocommit() bool { return c.api.Xsqlite3_get_autocommit(c.db) != 0 }

// Changes returns how many rows the last INSERT, UPDATE or DELETE changed.
//
// https://sqlite.org/c3ref/changes.html
func (c *Conn) Changes() int64 { return c.api.Xsqlite3_changes64(c.db) }

// loadFor loads the virtual table module whose absence an error message tells,
// and reports whether it did. Loading only what is used saves time and memory
// in every connection.
func (c *Conn) loadFor(err *Error) bool {
	if name, ok := strings.CutPrefix(err.Message, "no such module: "); ok {
		return c.loadModule(name)
	}
	if name, ok := strings.CutPrefix(err.Message, "no such function: "); ok {
		switch strings.ToLower(name) {
		case "fts5", "fts5_source_id", "fts5_locale", "fts5_insttoken", "bm25", "highlight", "snippet":
			return c.loadModule("fts5")
		case "rtreecheck", "rtreenode", "rtreedepth":
			return c.loadModule("rtree")
		}
	}
	return false
}

// loadModule loads a virtual table module unless it is there, and reports
// whether it did.
func (c *Conn) loadModule(name string) bool {
	c.loading = true
	defer func() { c.loading = false }()
	switch strings.ToLower(name) {
	case "fts5", "fts5vocab":
		if !c.hasFTS5 {
			c.hasFTS5 = true
			return fts5.Register(c.conn) == nil
		}
	case "rtree", "rtree_i32":
		if !c.hasRTree {
			c.hasRTree = true
			return rtree.Register(c.conn) == nil
		}
	}
	return false
}

// removeModule takes away a virtual table module.
//
// https://sqlite.org/c3ref/create_module.html
func (c *Conn) removeModule(name string) *Error {
	p := c.copyIn(name, 1)
	if p == 0 {
		return c.noMemory()
	}
	defer c.api.Xsqlite3_free(p)
	return c.check(c.api.Xsqlite3_create_module(c.db, p, 0, 0))
}

// alloc returns size bytes of SQLite's memory that hold until the next call.
func (c *Conn) alloc(size int) pointer {
	if size > c.scratchSize {
		c.api.Xsqlite3_free(c.scratch)
		c.scratchSize = max(size, 4096)
		c.scratch = c.api.Xsqlite3_malloc64(int64(c.scratchSize))
		if c.scratch == 0 {
			c.scratchSize = 0
		}
	}
	return c.scratch
}

// copyIn returns a fresh copy of the bytes in SQLite's memory, or 0 when there
// is no room.
func (c *Conn) copyIn(data string, extra int) pointer {
	p := c.api.Xsqlite3_malloc64(int64(len(data) + extra))
	if p != 0 {
		copy((*c.memory)[uint32(p):], data)
		clear((*c.memory)[int(uint32(p))+len(data):][:extra])
	}
	return p
}

func (c *Conn) read32(p pointer) int32 {
	if c.Lost() {
		return 0
	}
	return int32(binary.LittleEndian.Uint32((*c.memory)[uint32(p):]))
}

func (c *Conn) write32(p pointer, v int32) {
	if c.Lost() {
		return
	}
	binary.LittleEndian.PutUint32((*c.memory)[uint32(p):], uint32(v))
}

// text copies a C string.
func (c *Conn) text(p pointer) string {
	if p == 0 {
		return ""
	}
	b := (*c.memory)[uint32(p):]
	n := 0
	for b[n] != 0 {
		n++
	}
	return string(b[:n])
}

func (c *Conn) sourceID() string { return c.text(c.api.Xsqlite3_sourceid()) }
