// Package storage is the storage of Durable Objects: a SQLite database for each object, with the
// tables, limits and error texts that workerd has, in the files that wrangler makes.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
package storage

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Options say how an object's database is opened.
type Options struct {
	// Now is the emulator's clock.
	Now func() time.Time
	// SQL tells whether the class was declared with SQLite storage.
	SQL bool
}

// DB is the open database of one object. It belongs to one goroutine at a time.
type DB struct {
	conn    *sqlite3.Conn
	path    string // "" in memory
	options Options

	user  bool // the statement that is prepared or stepped is a program's
	open  bool // the implicit transaction has begun
	depth int  // savepoints of transaction() and transactionSync()
	mark  bool // the savepoint of the turn is set

	system   map[string]*sqlite3.Stmt // doemu's own statements, by their text
	kv       tableState
	meta     tableState
	prepared cache
	cursors  map[*Cursor]struct{}
	failed   error
}

// tableState is what is known of one of the hidden tables.
type tableState byte

const (
	tableUnknown tableState = iota
	tableAbsent
	tableThere
)

func itoa(n int) string { return strconv.Itoa(n) }

// open opens a database file, or one in memory for the empty path.
func open(path string, options Options) (*DB, error) {
	db := &DB{path: path, options: options}
	return db, db.connect()
}

// busyTime is how long another program may hold the file.
const busyTime = 2 * time.Second

func (db *DB) connect() error {
	name := ":memory:"
	if db.path != "" {
		name = db.path
	}
	conn, err := sqlite3.Open(name)
	if err != nil {
		return fmt.Errorf("open database %s: %w", db.path, err)
	}
	db.conn = conn
	db.system = map[string]*sqlite3.Stmt{}
	db.cursors = map[*Cursor]struct{}{}
	db.prepared = cache{}
	db.kv, db.meta = tableUnknown, tableUnknown
	db.open, db.depth, db.mark = false, 0, false
	if err := db.configure(); err != nil {
		conn.Close()
		return fmt.Errorf("open database %s: %w", db.path, err)
	}
	return nil
}

func (db *DB) configure() error {
	if err := db.conn.BusyTimeout(busyTime); err != nil {
		return err
	}
	// NORMAL does not wait for the disk at every commit: what was committed survives the end of the
	// process, kill -9 included, though not of the machine. Nor does a new file wait for it.
	setup := `PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-256`
	if err := db.conn.Exec(setup); err != nil {
		return err
	}
	for limit, value := range limits {
		db.conn.Limit(limit, value)
	}
	for option, on := range map[sqlite3.DBConfig]bool{
		sqlite3.DBCONFIG_DEFENSIVE: true, sqlite3.DBCONFIG_DQS_DML: true, sqlite3.DBCONFIG_DQS_DDL: true,
	} {
		if _, err := db.conn.Config(option, on); err != nil {
			return err
		}
	}
	return db.conn.SetAuthorizer(db.authorize)
}

// limits are workerd's. https://sqlite.org/limits.html
var limits = map[sqlite3.LimitCategory]int{
	sqlite3.LIMIT_LENGTH: 4_194_304, sqlite3.LIMIT_SQL_LENGTH: 100_000, sqlite3.LIMIT_COLUMN: 100,
	sqlite3.LIMIT_EXPR_DEPTH: 100, sqlite3.LIMIT_COMPOUND_SELECT: 5, sqlite3.LIMIT_VDBE_OP: 25_000,
	sqlite3.LIMIT_FUNCTION_ARG: 127, sqlite3.LIMIT_ATTACHED: 0, sqlite3.LIMIT_LIKE_PATTERN_LENGTH: 50,
	sqlite3.LIMIT_VARIABLE_NUMBER: 100, sqlite3.LIMIT_TRIGGER_DEPTH: 10,
}

// Close closes the database; what is not committed is rolled back. The write-ahead log goes into
// the file.
func (db *DB) Close() error {
	if db.conn == nil {
		return nil
	}
	db.prepared.clear()
	for c := range db.cursors {
		c.stmt.Close()
	}
	for _, stmt := range db.system {
		stmt.Close()
	}
	err := db.conn.Close()
	db.conn = nil
	return err
}

// DeleteAll removes everything, by removing the file. It is not for open transactions.
func (db *DB) DeleteAll() error {
	for c := range db.cursors {
		c.err = failure("SQLite query was canceled because the database was deleted.")
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("delete database: %w", err)
	}
	if db.path != "" {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(db.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("delete database: %w", err)
			}
		}
	}
	return db.connect()
}

// systemStmt is one of doemu's own statements, prepared once.
func (db *DB) systemStmt(sql string) (*sqlite3.Stmt, error) {
	if stmt := db.system[sql]; stmt != nil {
		return stmt, nil
	}
	stmt, _, err := db.conn.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, sqlError(err, sql)
	}
	db.system[sql] = stmt
	return stmt, nil
}

// run executes one of doemu's own statements that has no result.
func (db *DB) run(sql string) error {
	stmt, err := db.systemStmt(sql)
	if err != nil {
		return err
	}
	return checked(stmt.Exec(), sql)
}

func checked(err error, sql string) error {
	if err == nil {
		return nil
	}
	return sqlError(err, sql)
}

// there finds out whether a hidden table exists.
func (db *DB) there(state *tableState, name string) (bool, error) {
	if *state == tableUnknown {
		stmt, err := db.systemStmt(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`)
		if err != nil {
			return false, err
		}
		if err := stmt.BindText(1, name); err != nil {
			return false, err
		}
		*state = tableAbsent
		if stmt.Step() {
			*state = tableThere
		}
		if err := stmt.Reset(); err != nil {
			return false, sqlError(err, "")
		}
	}
	return *state == tableThere, nil
}

// DatabaseSize is the size of the database in bytes, without free pages.
func (db *DB) DatabaseSize() (int64, error) {
	stmt, err := db.systemStmt(`SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size`)
	if err != nil {
		return 0, err
	}
	defer stmt.Reset()
	if !stmt.Step() {
		return 0, checked(stmt.Err(), "")
	}
	return stmt.ColumnInt64(0), nil
}
