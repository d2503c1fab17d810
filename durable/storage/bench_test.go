package storage_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

func open(tb testing.TB) *storage.DB {
	tb.Helper()
	db, err := storage.Open(storage.Options{
		Path:   filepath.Join(tb.TempDir(), "object.sqlite"),
		Limits: storage.WorkerdLimits(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// rows makes a table of two columns.
func rows(tb testing.TB, db *storage.DB, n int) {
	tb.Helper()
	for _, query := range []string{
		`CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)`,
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO t SELECT i, 'message number ' || i FROM n`, n),
	} {
		if _, err := db.Exec(query); err != nil {
			tb.Fatal(err)
		}
	}
	if err := db.Commit(); err != nil {
		tb.Fatal(err)
	}
}

// drain is a sink that counts bytes.
type drain int

func (d *drain) Null()          {}
func (d *drain) Number(float64) { *d += 8 }
func (d *drain) Text(b []byte)  { *d += drain(len(b)) }
func (d *drain) Bytes(b []byte) { *d += drain(len(b)) }

func BenchmarkCursor_Take(b *testing.B) {
	db := open(b)
	rows(b, db, 1000)
	var sink drain
	b.ReportAllocs()
	for b.Loop() {
		cursor, err := db.Exec(`SELECT * FROM t`)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := cursor.Take(&sink, 1<<30, true); err != nil || n != 1000 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkDB_Exec_insert(b *testing.B) {
	db := open(b)
	rows(b, db, 1)
	b.ReportAllocs()
	for b.Loop() {
		cursor, err := db.Exec(`INSERT INTO t (text) VALUES (?)`, "hello, world")
		if err != nil {
			b.Fatal(err)
		}
		cursor.Close()
	}
}

func BenchmarkDB_Exec_createIfNotExists(b *testing.B) {
	db := open(b)
	rows(b, db, 1)
	b.ReportAllocs()
	for b.Loop() {
		for _, query := range []string{`CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)`, `SELECT count(*) FROM t`} {
			cursor, err := db.Exec(query)
			if err != nil {
				b.Fatal(err)
			}
			cursor.Close()
		}
	}
}

func BenchmarkDB_Exec_insertCommit(b *testing.B) {
	db := open(b)
	rows(b, db, 1)
	b.ReportAllocs()
	for b.Loop() {
		db.BeginTurn()
		if _, err := db.Exec(`INSERT INTO t (text) VALUES (?)`, "hello, world"); err != nil {
			b.Fatal(err)
		}
		if err := db.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// withHistory opens a database that keeps earlier states.
func withHistory(tb testing.TB) *storage.DB {
	tb.Helper()
	db, err := storage.Open(storage.Options{
		Path:    filepath.Join(tb.TempDir(), "object.sqlite"),
		Limits:  storage.WorkerdLimits(),
		History: &storage.History{Clock: time.Now},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeDB(tb, db) })
	return db
}

func BenchmarkDB_Exec_insertCommitHistory(b *testing.B) {
	db := withHistory(b)
	rows(b, db, 1)
	b.ReportAllocs()
	for b.Loop() {
		db.BeginTurn()
		if _, err := db.Exec(`INSERT INTO t (text) VALUES (?)`, "hello, world"); err != nil {
			b.Fatal(err)
		}
		if err := db.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// Random rows are the worst for a history: each commit changes other pages.
func BenchmarkDB_Exec_updateCommit(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *storage.DB{"plain": open, "history": withHistory} {
		b.Run(name, func(b *testing.B) {
			db := open(b)
			rows(b, db, 100_000)
			for b.Loop() {
				db.BeginTurn()
				if _, err := db.Exec(`UPDATE t SET text = 'x' || text WHERE id = 1 + abs(random()) % 100000`); err != nil {
					b.Fatal(err)
				}
				if err := db.Commit(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDB_Put_commitHistory(b *testing.B) { putAndCommit(b, withHistory(b)) }

// An object that writes and leaves memory.
func BenchmarkDB_Close(b *testing.B) {
	for name, history := range map[string]*storage.History{"plain": nil, "history": {Clock: time.Now}} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "object.sqlite")
			for b.Loop() {
				db, err := storage.Open(storage.Options{Path: path, Limits: storage.WorkerdLimits(), History: history})
				if err != nil {
					b.Fatal(err)
				}
				if err := db.Put("key", []byte("value")); err != nil {
					b.Fatal(err)
				}
				if err := db.Commit(); err != nil {
					b.Fatal(err)
				}
				closeDB(b, db)
			}
		})
	}
}

func BenchmarkDB_Get(b *testing.B) {
	db := open(b)
	if err := db.Put("key", []byte("value")); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok, err := db.Get("key"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkDB_Put(b *testing.B) {
	db := open(b)
	value := []byte("value")
	b.ReportAllocs()
	for b.Loop() {
		if err := db.Put("key", value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDB_Put_commit(b *testing.B) { putAndCommit(b, open(b)) }

func putAndCommit(b *testing.B, db *storage.DB) {
	b.Helper()
	value := []byte("value")
	b.ReportAllocs()
	for b.Loop() {
		db.BeginTurn()
		if err := db.Put("key", value); err != nil {
			b.Fatal(err)
		}
		if err := db.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDB_List(b *testing.B) {
	db := open(b)
	for i := range 10_000 {
		if err := db.Put(fmt.Sprintf("key:%06d", i), []byte("value")); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		entries, err := db.List(storage.ListOptions{Prefix: "key:"})
		if err != nil || len(entries) != 10_000 {
			b.Fatal(len(entries), err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "object.sqlite")
	for b.Loop() {
		db, err := storage.Open(storage.Options{Path: path, Limits: storage.WorkerdLimits()})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
