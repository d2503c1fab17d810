package storage_test

import (
	"context"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

// endless are statements that take hours: by the steps of one, and inside of one instruction.
var endless = map[string]string{
	"recursive query":     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n",
	"cross join":          "SELECT count(*) FROM pairs a, pairs b, pairs c, pairs d, pairs e, pairs f, pairs g",
	"rows that are large": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(hex(randomblob(1000000))) FROM n",
	"instr":               "SELECT instr(hex(zeroblob(1000000)), hex(zeroblob(500000)) || '1')",
	"replace":             "SELECT replace(hex(zeroblob(1000000)), hex(zeroblob(500000)) || '1', '')",
	"trim":                "SELECT length(trim(hex(zeroblob(1000000)), replace(hex(zeroblob(500000)), '0', 'é') || '0'))",
	"insert":              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) INSERT INTO pairs SELECT i, 'x' FROM n LIMIT 100000000",
}

func TestDB_Interrupt(t *testing.T) {
	t.Parallel()
	for name, query := range endless {
		for _, memory := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				namespace := openNamespace(t, memory)
				db := openObject(t, namespace, "a")
				put(t, db, "a")
				run(t, db, "CREATE TABLE pairs (a, b)")
				for range 100 {
					run(t, db, "INSERT INTO pairs VALUES (1, 2)")
				}
				commit(t, db)
				db.BeginTurn()
				put(t, db, "b")
				ended := interruptSoon(db)
				_, err := db.Exec(query)
				wantError(t, err, "Error: interrupted: SQLITE_INTERRUPT")
				_, err = db.Exec("SELECT 1")
				wantError(t, err, "Error: interrupted: SQLITE_INTERRUPT")
				<-ended
				db.Resume()
				db.Abort()
				if db.Broken() == nil {
					wantKeys(t, db, "a")
				}
				if err := db.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
				db = openObject(t, namespace, "a")
				wantKeys(t, db, "a")
				put(t, db, "c")
				commit(t, db)
				wantKeys(t, db, "a", "c")
			})
		}
	}
}

// interruptSoon interrupts the database when a statement has had time to begin.
func interruptSoon(db *storage.DB) (ended chan struct{}) {
	ended = make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() {
		db.Interrupt()
		close(ended)
	})
	return ended
}

func TestDB_Interrupt_context(t *testing.T) {
	t.Parallel()
	for name, query := range endless {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			run(t, db, "CREATE TABLE pairs (a, b)")
			for range 100 {
				run(t, db, "INSERT INTO pairs VALUES (1, 2)")
			}
			commit(t, db)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			db.SetInterrupt(ctx)
			err := db.Transact(func() error {
				_, err := db.Exec(query)
				return err
			})
			wantError(t, err, "Error: interrupted: SQLITE_INTERRUPT")
			db.SetInterrupt(context.Background())
			if db.Lost() != (db.Broken() != nil) {
				t.Errorf("lost is %v, but broken %v", db.Lost(), db.Broken())
			}
		})
	}
}
