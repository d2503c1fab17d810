package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs/mvcc"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

const (
	// maxMemory is the most that one connection's SQLite may allocate.
	maxMemory = 128 << 20
	// busyTimeout is how long to wait for another process, such as a person's
	// sqlite3 shell, that holds the file's lock.
	busyTimeout = time.Second
	// cachePages keeps the page cache of an idle object small: with the
	// operating system's own cache a miss costs little.
	cachePages = 24
)

// Options says how to open an object's database.
type Options struct {
	// Path is the file, or the name of a database in memory if Memory is set.
	Path   string
	Memory bool
	// ReadOnly opens the database to look at it, while an object may have it
	// open. Nothing is made or changed.
	ReadOnly bool
	// Still says of a database that is opened to look at it that nobody writes to it
	// meanwhile. Then no file is made beside it, as a log needs one that is shared
	// by its readers.
	Still bool
	// Limits bounds what may be stored.
	Limits Limits
	// Clock is what SQL functions such as datetime('now') ask; nil is the
	// system's time. Random is where SQL functions such as random() take their
	// seed from; nil is the system's randomness.
	Clock  func() time.Time
	Random io.Reader
	// History keeps earlier states, so that they can be restored. Nil keeps
	// none.
	History *History

	// memory is the history of a database in memory.
	memory *memoryHistory
}

// DB is the database of one object. It belongs to one goroutine.
type DB struct {
	options Options
	conn    *sqlite.Conn
	live    atomic.Pointer[sqlite.Conn] // conn, for other goroutines
	auth    authorizer
	fixed   [fixedCount]*sqlite.Stmt
	cache   statementCache
	cursors map[*Cursor]struct{}
	list    *ListIterator

	txn      transaction
	keyValue tableState
	metadata tableState
	// schema counts the changes of the schema, so that compiled statements can
	// be told from those that SQLite would have to compile again.
	schema int
	// origin is the file, unless the database is only looked at.
	origin origin
	// broken is the failure after which nothing more can be written.
	broken *Error
	// doomed is the failure that the next commit will have: the transaction is not the one any more that it was.
	doomed *Error

	// timeline is nil without history, file without a history file.
	timeline *timeline
	file     *fileHistory
	restored bool
}

// Open opens an object's database, and makes it if there is none.
func Open(options Options) (*DB, error) {
	db := &DB{options: options}
	if options.Memory && options.History != nil && options.History.Clock != nil {
		if options.memory == nil {
			db.options.memory = newMemoryHistory(options.Path)
		}
		db.restored = db.options.memory.restore(options.History.Clock().UnixMilli())
	}
	if err := db.open(); err != nil {
		return nil, err
	}
	if err := db.openHistory(); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

func (d *DB) open() error {
	uri, err := d.options.uri()
	if err != nil {
		return err
	}
	d.auth = authorizer{trusted: true}
	conn, err := sqlite.Open(sqlite.Config{
		URI:         uri,
		MaxMemory:   maxMemory,
		Authorize:   d.auth.authorize,
		BusyTimeout: busyTimeout,
	})
	if err != nil {
		return err
	}
	d.conn = conn
	d.live.Store(conn)
	d.cursors = map[*Cursor]struct{}{}
	if err := d.configure(); err != nil {
		return errors.Join(fmt.Errorf("open database %s: %w", d.options.Path, err), d.close())
	}
	if !d.options.Memory && !d.options.ReadOnly {
		if err := d.origin.note(d.options.Path); err != nil {
			return errors.Join(fmt.Errorf("open database: %w", err), d.close())
		}
	}
	return nil
}

// uri names the database for SQLite, and makes the directory of one that may
// have to be made.
func (o Options) uri() (string, error) {
	mode := "rwc"
	if o.ReadOnly {
		mode = "ro"
	}
	if o.Memory {
		return "file:/" + url.PathEscape(o.Path) + "?vfs=mvcc&mode=" + mode, nil
	}
	if !o.ReadOnly {
		if err := os.MkdirAll(filepath.Dir(o.Path), 0o777); err != nil {
			return "", fmt.Errorf("make directory of database: %w", err)
		}
	}
	if o.ReadOnly && o.Still && !o.hasLog() {
		mode += "&immutable=1"
	}
	return fileURI(o.Path, mode), nil
}

// hasLog reports whether a process that died has left a log that is not in the
// database yet.
func (o Options) hasLog() bool {
	info, err := os.Stat(o.Path + "-wal")
	return err == nil && info.Size() > 0
}

// configure sets the connection up as workerd does.
func (d *DB) configure() error {
	// First of all: SQLite takes its seed when it first needs randomness.
	if err := d.conn.SetEnvironment(d.options.Clock, d.options.Random); err != nil {
		return fmt.Errorf("configure connection: %w", err)
	}
	for _, option := range []struct {
		name  sqlite3.DBConfig
		value bool
	}{
		{sqlite3.DBCONFIG_DEFENSIVE, true},
		{sqlite3.DBCONFIG_DQS_DML, true},
		{sqlite3.DBCONFIG_DQS_DDL, true},
		{sqlite3.DBCONFIG_TRUSTED_SCHEMA, true},
		// Otherwise SQLite compiles a statement again when it sees its
		// parameters, and the rows of that run remain uncounted.
		{sqlite3.DBCONFIG_ENABLE_QPSG, true},
	} {
		if err := d.conn.Config(option.name, option.value); err != nil {
			return fmt.Errorf("configure connection: %w", err)
		}
	}
	// A commit must survive the death of this process, not a power failure:
	// NORMAL writes the log at each commit and leaves it to the operating
	// system to bring it to the disk.
	pragmas := []string{"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL"}
	if d.options.Memory || d.options.ReadOnly {
		pragmas = nil
	}
	pragmas = append(pragmas, fmt.Sprintf("PRAGMA cache_size=%d", cachePages))
	if size := d.options.Limits.DatabaseBytes; size > 0 {
		pragmas = append(pragmas, fmt.Sprintf("PRAGMA max_page_count=%d", size/4096))
	}
	for _, pragma := range pragmas {
		if err := d.run(pragma); err != nil {
			return err
		}
	}
	err := d.conn.CreateFunction("load_extension", -1, func(ctx sqlite3.Context, _ ...sqlite3.Value) {
		ctx.ResultError(errors.New("not authorized"))
	})
	if err != nil {
		return fmt.Errorf("configure connection: %w", err)
	}
	d.options.Limits.apply(d.conn)
	return nil
}

// run executes a statement of this package that is not worth keeping.
func (d *DB) run(text string) error {
	stmt, _, err := d.conn.Prepare(text, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	defer stmt.Close()
	for {
		row, err := stmt.Step()
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		if !row {
			return nil
		}
	}
}

// SetInterrupt makes running and later statements fail once the context is
// done.
func (d *DB) SetInterrupt(ctx context.Context) { d.conn.SetInterrupt(ctx) }

// Interrupt makes the statement that runs fail, and later ones, until Resume is called. It may be called from any
// goroutine: it is how a watchdog ends an endless query. One that does not end by itself costs the connection: the
// database is broken then.
func (d *DB) Interrupt() {
	if conn := d.live.Load(); conn != nil {
		conn.Interrupt()
	}
}

// Resume lets statements run again.
func (d *DB) Resume() { d.conn.Resume() }

// Lost reports whether a statement had to be ended by force.
func (d *DB) Lost() bool { return d.conn.Lost() }

// Broken returns the failure after which nothing more can be stored and the
// object must be reset, or nil.
func (d *DB) Broken() *Error { return d.broken }

// CanRest reports whether the database may be closed and opened again without anybody noticing: nothing waits for a
// commit, no cursor is open, and no earlier state is to be restored at the next opening.
func (d *DB) CanRest() bool {
	if d.txn.open || d.broken != nil || len(d.cursors) > 0 || d.list != nil && d.list.stmt != nil {
		return false
	}
	return d.timeline == nil || d.timeline.failure == nil && !d.timeline.restorePends()
}

// Close rolls back what has not been committed and closes the database. The
// last connection to close brings the log into the database file and removes
// it.
func (d *DB) Close() error {
	if d.conn == nil {
		return nil
	}
	d.Resume()
	for cursor := range d.cursors {
		cursor.release()
	}
	d.rollback()
	if d.conn.Lost() {
		// As after a crash: the next to open the database brings it into order.
		d.abandonHistory()
	}
	if d.file != nil {
		d.saveHistory()
	}
	err := d.close()
	d.closeHistory()
	return err
}

// Abandon closes the database whose content nobody needs any more: it is not brought into order, and its history is not
// saved.
func (d *DB) Abandon() error {
	if d.conn == nil {
		return nil
	}
	d.Resume()
	d.abandonHistory()
	if d.conn.Lost() {
		return d.Close()
	}
	if err := d.conn.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil {
		return errors.Join(err, d.Close())
	}
	return d.Close()
}

// abandonHistory closes the history as it is.
func (d *DB) abandonHistory() {
	if d.file != nil && d.file.File != nil {
		d.file.Abandon()
		d.file = nil
	}
}

func (d *DB) close() error {
	d.releaseStatements()
	conn := d.conn
	d.conn = nil
	d.live.Store(nil)
	return conn.Close()
}

// releaseStatements ends all cursors and frees all compiled statements.
func (d *DB) releaseStatements() {
	for cursor := range d.cursors {
		cursor.release()
	}
	if d.list != nil {
		d.list.end()
	}
	d.cache.clear()
	for i, stmt := range d.fixed {
		if stmt != nil {
			stmt.Close()
			d.fixed[i] = nil
		}
	}
}

// remove deletes the closed database.
func (d *DB) remove() error {
	if d.options.Memory {
		mvcc.Delete(d.options.Path)
		mvcc.Create(d.options.Path, mvcc.Snapshot{})
		return nil
	}
	return removeFiles(d.options.Path)
}

// removeFiles deletes a database file and what SQLite puts beside it.
func removeFiles(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm", historyPath(path)} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove database: %w", err)
		}
	}
	return nil
}

// fileURI returns the URI of a database file.
//
// https://sqlite.org/uri.html
func fileURI(path, mode string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: "mode=" + mode}
	if !strings.HasPrefix(path, "/") {
		u = url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: "mode=" + mode}
	}
	return u.String()
}
