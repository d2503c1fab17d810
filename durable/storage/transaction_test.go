package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage"
)

func closeDB(tb testing.TB, db *storage.DB) {
	tb.Helper()
	if err := db.Close(); err != nil {
		tb.Error(err)
	}
}

func run(tb testing.TB, db *storage.DB, query string, bindings ...storage.Value) *storage.Cursor {
	tb.Helper()
	cursor, err := db.Exec(query, bindings...)
	if err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return cursor
}

func commit(tb testing.TB, db *storage.DB) {
	tb.Helper()
	if err := db.Commit(); err != nil {
		tb.Fatal(err)
	}
}

// wantKeys compares the stored keys.
func wantKeys(tb testing.TB, db *storage.DB, want ...string) {
	tb.Helper()
	entries, err := db.List(storage.ListOptions{})
	if err != nil || !slices.Equal(keysOf(entries), append([]string{}, want...)) {
		tb.Errorf("got %q, %v, want %q", keysOf(entries), err, want)
	}
}

func TestDB_Commit(t *testing.T) {
	t.Parallel()
	db := open(t)
	if db.Dirty() || db.InTransaction() {
		t.Error("want no transaction before the first write")
	}
	run(t, db, "SELECT 1")
	if _, _, err := db.Get("a"); err != nil || db.InTransaction() {
		t.Errorf("got %v, want no transaction for reading", err)
	}
	put(t, db, "a")
	if !db.Dirty() || !db.InTransaction() {
		t.Error("want a transaction after a write")
	}
	commit(t, db)
	commit(t, db)
	if db.Dirty() || db.InTransaction() {
		t.Error("want no transaction after the commit")
	}
	wantKeys(t, db, "a")
}

func TestDB_Abort(t *testing.T) {
	t.Parallel()
	db := open(t)
	db.BeginTurn()
	put(t, db, "first")
	run(t, db, "CREATE TABLE t (n)")
	db.BeginTurn()
	put(t, db, "second")
	run(t, db, "INSERT INTO t VALUES (1)")
	db.BeginTurn()
	db.Abort()
	wantKeys(t, db, "first", "second")
	put(t, db, "third")
	run(t, db, "DROP TABLE t")
	if _, err := db.Savepoint(); err != nil {
		t.Fatal(err)
	}
	put(t, db, "nested")
	db.Abort()
	if db.Depth() != 0 {
		t.Errorf("got depth %d after an abort, want 0", db.Depth())
	}
	wantKeys(t, db, "first", "second")
	if values, err := run(t, db, "SELECT count(*) FROM t").Next(); err != nil || values[0] != int64(1) {
		t.Errorf("got %v, %v, want the row of the second turn", values, err)
	}
	// A new turn writes on, and the whole group commits.
	db.BeginTurn()
	put(t, db, "fourth")
	commit(t, db)
	wantKeys(t, db, "first", "fourth", "second")
	db.BeginTurn()
	put(t, db, "dropped")
	db.Abort()
	if db.InTransaction() {
		t.Error("want the transaction of the aborted turn gone")
	}
	wantKeys(t, db, "first", "fourth", "second")
}

func TestDB_Abort_transaction(t *testing.T) {
	t.Parallel()
	db := open(t)
	db.BeginTurn()
	depth, err := db.Savepoint()
	if err != nil {
		t.Fatal(err)
	}
	put(t, db, "inside")
	commit(t, db)
	if !db.InTransaction() {
		t.Error("want the transaction open while its savepoint is set")
	}
	db.BeginTurn()
	put(t, db, "later")
	db.Abort()
	wantKeys(t, db)
	wantError(t, db.Release(depth), "Error: no such savepoint: _cf_savepoint_0")
}

func TestDB_Savepoint(t *testing.T) {
	t.Parallel()
	db := open(t)
	outer, err := db.Savepoint()
	if err != nil {
		t.Fatal(err)
	}
	put(t, db, "outer")
	inner, err := db.Savepoint()
	if err != nil {
		t.Fatal(err)
	}
	put(t, db, "inner")
	if err := errors.Join(db.RollbackTo(inner), db.Release(inner)); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, db, "outer")
	if err := errors.Join(db.RollbackTo(outer), db.Release(outer)); err != nil {
		t.Fatal(err)
	}
	// The rollback took the table away too.
	wantKeys(t, db)
	put(t, db, "after")
	commit(t, db)
	wantKeys(t, db, "after")
}

func TestDB_Commit_constraint(t *testing.T) {
	t.Parallel()
	db := open(t)
	run(t, db, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id))")
	commit(t, db)
	run(t, db, "INSERT INTO p VALUES (1)")
	run(t, db, "PRAGMA defer_foreign_keys = on")
	run(t, db, "INSERT INTO c VALUES (7)")
	err := db.Commit()
	var failure *storage.Error
	if !errors.As(err, &failure) || !failure.Reset || failure.ResetProperty {
		t.Errorf("got %#v, want an error that resets the object without the property", err)
	}
	wantError(t, err, "Error: Durable Object was reset and rolled back to its last known good state because the "+
		"application left the database in a state where constraints were violated: FOREIGN KEY constraint failed: "+
		"SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)")
	if got := db.Put("a", nil); !errors.Is(got, err) {
		t.Errorf("got %v, want the same error of every later write", got)
	}
	if values, err := run(t, db, "SELECT count(*) FROM p").Next(); err != nil || values[0] != int64(0) {
		t.Errorf("got %v, %v, want nothing written", values, err)
	}
}

func TestDB_full(t *testing.T) {
	t.Parallel()
	limits := storage.WorkerdLimits()
	limits.DatabaseBytes = 64 * 4096
	db, err := storage.Open(storage.Options{Path: t.TempDir() + "/full.sqlite", Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, db) })
	run(t, db, "CREATE TABLE t (b)")
	commit(t, db)
	_, err = db.Exec("INSERT INTO t VALUES (zeroblob(1000000))")
	wantError(t, err, "Error: database or disk is full: SQLITE_FULL")
	var failure *storage.Error
	if !errors.As(err, &failure) || failure.Code != sqlite3.FULL {
		t.Errorf("got %#v, want code FULL", err)
	}
	if b := db.Broken(); b == nil || !b.Reset || !b.ResetProperty {
		t.Errorf("got %#v, want an error that resets the object", b)
	}
	wantError(t, db.Put("a", nil), "Error: database or disk is full: SQLITE_FULL")
	wantError(t, db.Commit(), "Error: database or disk is full: SQLITE_FULL")
	run(t, db, "SELECT * FROM t")
}

// What was there before the disk was full is there afterwards, and nothing of the turn that filled it.
func TestDB_full_keepsData(t *testing.T) {
	t.Parallel()
	limits := storage.WorkerdLimits()
	limits.DatabaseBytes = 64 * 4096
	options := storage.Options{Path: t.TempDir() + "/full.sqlite", Limits: limits}
	fill := map[string]func(*storage.DB) error{
		"sql": func(db *storage.DB) error {
			_, err := db.Exec("INSERT INTO t VALUES (zeroblob(300000))")
			return err
		},
		"key": func(db *storage.DB) error { return db.Put("large", make([]byte, 300000)) },
		"many keys": func(db *storage.DB) error {
			for n := range 100 {
				if err := db.Put(fmt.Sprint(n), make([]byte, 5000)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	db, err := storage.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, "CREATE TABLE t (b)")
	run(t, db, "INSERT INTO t VALUES ('before')")
	if err := db.Put("key", []byte("before")); err != nil {
		t.Fatal(err)
	}
	commit(t, db)
	for name, full := range fill {
		db.BeginTurn()
		run(t, db, "INSERT INTO t VALUES ('lost')")
		if err := db.Put("key", []byte("lost")); err != nil {
			t.Fatal(err)
		}
		wantError(t, full(db), "Error: database or disk is full: SQLITE_FULL")
		wantError(t, db.Commit(), "Error: database or disk is full: SQLITE_FULL")
		closeDB(t, db)
		if db, err = storage.Open(options); err != nil {
			t.Fatal(err)
		}
		values, err := run(t, db, "SELECT group_concat(b) FROM t").Next()
		if err != nil || values[0] != "before" {
			t.Errorf("%s: got %v, %v, want the row from before", name, values, err)
		}
		if value, ok, err := db.Get("key"); err != nil || !ok || string(value) != "before" {
			t.Errorf("%s: got %q, %v, %v, want the value from before", name, value, ok, err)
		}
	}
	if err := db.Put("key", []byte("after")); err != nil {
		t.Error(err)
	}
	commit(t, db)
	closeDB(t, db)
}

func TestDB_Commit_halfRead(t *testing.T) {
	t.Parallel()
	db := open(t)
	run(t, db, "CREATE TABLE t (n)")
	commit(t, db)
	cursor := run(t, db, "INSERT INTO t VALUES (1), (2), (3) RETURNING n")
	if _, err := cursor.Next(); err != nil {
		t.Fatal(err)
	}
	var failure *storage.Error
	if err := db.Commit(); !errors.As(err, &failure) || !failure.Reset || failure.Code != sqlite3.BUSY {
		t.Errorf("got %v, want a failure that resets the object", err)
	}
	if values, err := run(t, db, "SELECT count(*) FROM t").Next(); err != nil || values[0] != int64(0) {
		t.Errorf("got %v, %v, want nothing written", values, err)
	}
}

// A setting that has no effect inside a transaction has it in the turn after one, committed or not.
func TestDB_Exec_settingAfterTurn(t *testing.T) {
	t.Parallel()
	db, err := storage.Open(storage.Options{Memory: true, Path: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	setting := func() (got storage.Value) {
		t.Helper()
		cursor, err := db.Exec("PRAGMA foreign_keys")
		if err != nil {
			t.Fatal(err)
		}
		row, err := cursor.Next()
		if err != nil {
			t.Fatal(err)
		}
		return row[0]
	}
	for _, sql := range []string{"CREATE TABLE t(a)", "PRAGMA foreign_keys = OFF"} {
		if _, err := db.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	if got := setting(); got != int64(1) {
		t.Errorf("in the turn that wrote: got foreign_keys = %v, want 1", got)
	}
	db.BeginTurn()
	if _, err := db.Exec("PRAGMA foreign_keys = OFF"); err != nil {
		t.Fatal(err)
	}
	if got := setting(); got != int64(0) {
		t.Errorf("in the next turn: got foreign_keys = %v, want 0", got)
	}
}
