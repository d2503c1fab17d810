package storage_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

func TestDB_CurrentBookmark(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		var all []string
		for i := range 3 {
			all = append(all, r.bookmark(), r.bookmark())
			r.write(fmt.Sprint(i))
			r.db.BeginTurn()
			for range 2 {
				b, err := r.db.CurrentBookmark()
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, b)
			}
			commit(t, r.db)
			all = append(all, r.forTime(r.now))
			r.reopen()
		}
		last := all[len(all)-1]
		all = append(all, r.restore(last), r.bookmark())
		form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$`)
		for i, b := range all {
			if !form.MatchString(b) {
				t.Errorf("got %s, want the form of a bookmark", b)
			}
			if i > 0 && b < all[i-1] {
				t.Errorf("got %s after %s, want a greater one", b, all[i-1])
			}
		}
	})
}

func TestDB_RestoreOnNextOpen(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		empty := r.bookmark()
		r.write("one")
		one := r.bookmark()
		r.writeNow("same millisecond")
		r.write("two")
		undo := r.ask(one)
		r.write("three")
		r.want("three")
		r.reopen()
		r.want("one")
		if undo <= one {
			t.Errorf("got %s, want it above %s", undo, one)
		}
		r.write("four")
		undo2 := r.restore(undo)
		r.want("three")
		r.restore(empty)
		r.want("")
		r.restore(undo2)
		r.want("four")
		r.wantSound()
		// To ask for the state just before the restore is to take it back.
		r.restore(r.ask(one))
		r.want("four")
	})
}

func TestDB_BookmarkForTime(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		start := r.now
		times := map[string]time.Time{}
		for _, value := range []string{"one", "two", "three"} {
			r.write(value)
			times[value] = r.now
			r.now = r.now.Add(10 * time.Millisecond)
			r.writeNow(value + " soon")
			times[value+" soon"] = r.now
		}
		r.now = r.now.Add(time.Minute)
		// The newest first: bookmarks of earlier ones are found after restores.
		for _, value := range []string{"three soon", "three", "two soon", "two", "one soon", "one"} {
			r.restore(r.forTime(times[value].Add(time.Millisecond)))
			r.want(value)
			r.now = r.now.Add(time.Minute)
		}
		r.restore(r.forTime(start))
		r.want("")
		_, err := r.db.BookmarkForTime(start.Add(-time.Millisecond))
		wantIn(t, err, "getBookmarkForTime() was called with 2025-12-31T23:59:59.999Z, but the history of this Durable Object's storage "+
			"begins at 2026-01-01T00:00:00.000Z: nothing was recorded before that.")
		_, err = r.db.BookmarkForTime(r.now.Add(time.Millisecond))
		wantIn(t, err, "getBookmarkForTime() was called with a time in the future: ")
		_, err = r.db.BookmarkForTime(r.now.Add(-31 * 24 * time.Hour))
		wantIn(t, err, "which is more than 30 days ago")
	})
}

func TestDB_RestoreOnNextOpen_everything(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		look := func() string {
			t.Helper()
			at, ok, err := r.db.Alarm()
			if err != nil {
				t.Fatal(err)
			}
			alarms, err := r.namespace.Alarms().Load()
			if err != nil {
				t.Fatal(err)
			}
			value, _, err := r.db.Get("key")
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintln(
				r.query("SELECT type, name, sql FROM sqlite_schema ORDER BY name"), r.query("SELECT * FROM t ORDER BY id"),
				r.query("SELECT rowid FROM search WHERE search MATCH 'apple'"), len(value), at.UnixMilli(), ok, alarms)
		}
		alarm := func(ms int64) {
			t.Helper()
			setAlarm(t, r.db, ms)
			if err := r.namespace.Alarms().Set(storage.ScheduledAlarm{ID: object, At: time.UnixMilli(ms)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, query := range []string{
			"CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT, n)", "CREATE INDEX byText ON t (text)",
			"CREATE VIRTUAL TABLE search USING fts5(text)", "INSERT INTO t VALUES (1, 'a', 1.5), (2, 'b', x'00ff')",
			"INSERT INTO search VALUES ('an apple'), ('a pear')",
		} {
			r.query(query)
		}
		alarm(5000)
		r.write(strings.Repeat("v", 100_000))
		before, first := r.bookmark(), look()
		for _, query := range []string{
			"DROP INDEX byText", "ALTER TABLE t ADD COLUMN more", "CREATE TABLE other (x)", "DELETE FROM t WHERE id = 1",
			"UPDATE search SET text = 'an apple too' WHERE rowid = 2",
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i + 10, hex(randomblob(200)), i, 1 FROM n",
		} {
			r.query(query)
		}
		alarm(9000)
		r.write("small")
		second := look()
		if first == second {
			t.Fatal("want another state")
		}
		undo := r.restore(before)
		if got := look(); got != first {
			t.Errorf("got %s, want %s", got, first)
		}
		r.wantSound()
		r.restore(undo)
		if got := look(); got != second {
			t.Errorf("got %.300s, want %.300s", got, second)
		}
		r.wantSound()
	})
}

func TestDB_DeleteAll_restore(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		r.query("CREATE TABLE t (text)")
		r.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT hex(randomblob(200)) FROM n")
		r.write("value")
		content := r.query("SELECT * FROM t")
		written := r.now
		r.now = r.now.Add(time.Hour)
		r.db.BeginTurn()
		if n, err := r.db.DeleteAll(false); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		r.want("")
		if size, err := r.db.Size(); err != nil || size > 4096 {
			t.Errorf("got %d, %v, want an empty database", size, err)
		}
		r.writeNow("after")
		r.reopen()
		undo := r.restore(r.forTime(written))
		r.want("value")
		if got := r.query("SELECT * FROM t"); got != content {
			t.Errorf("got %.100s, want %.100s", got, content)
		}
		r.wantSound()
		r.restore(undo)
		r.want("after")
		if got := r.query("SELECT count(*) FROM sqlite_schema WHERE name = 't'"); got != "0" {
			t.Errorf("got %s tables t, want none", got)
		}
	})
}

func TestDB_RestoreOnNextOpen_long(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		r.query("CREATE TABLE t (id INTEGER PRIMARY KEY, text)")
		bookmarks, want := []string{}, []string{}
		for i := range 40 {
			r.now = r.now.Add(700 * time.Millisecond)
			// Some hundred pages each: the log is copied into the database in between.
			for range 3 {
				r.query(fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) "+
					"INSERT OR REPLACE INTO t SELECT abs(random()) %% 200, %d || hex(randomblob(1000)) FROM n", i))
				if i%4 == 3 {
					r.query("DELETE FROM t WHERE id % 3 = 1")
				}
				commit(t, r.db)
			}
			if i%5 == 4 {
				bookmarks = append(bookmarks, r.bookmark())
				want = append(want, r.query("SELECT * FROM t"))
			}
			if i == 22 {
				r.reopen()
			}
		}
		for i := range bookmarks {
			n := (i * 5) % len(bookmarks)
			r.restore(bookmarks[n])
			if got := r.query("SELECT * FROM t"); got != want[n] {
				t.Errorf("%d: got %.50s, want %.50s", n, got, want[n])
			}
			r.wantSound()
		}
	})
}

func TestDB_RestoreOnNextOpen_crash(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.write("one")
	one := r.bookmark()
	r.write("two")
	r.crash()
	r.want("two")
	r.write("three")
	undo := r.ask(one)
	r.write("four")
	r.crash()
	r.want("one")
	r.write("five")
	r.crash()
	r.want("five")
	r.restore(undo)
	r.want("four")
	r.restore(r.forTime(time.Date(2026, 1, 1, 0, 0, 2, 0, time.UTC)))
	r.want("two")
	if got := r.log.String(); got != "" {
		t.Errorf("got log %s, want none", got)
	}
}

// The process dies after the restore, before what depends on it is in line.
func TestDB_RestoreDone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "object.sqlite")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	open := func() *storage.DB {
		t.Helper()
		db, err := storage.Open(storage.Options{Path: path, History: &storage.History{Clock: func() time.Time { return now }}})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	put(t, db, "a")
	mark, err := db.CurrentBookmark()
	if err != nil {
		t.Fatal(err)
	}
	commit(t, db)
	now = now.Add(time.Second)
	put(t, db, "b")
	commit(t, db)
	undo, err := db.RestoreOnNextOpen(mark)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		closeDB(t, db)
		db = open()
		if !db.Restored() {
			t.Fatal("want the state restored until RestoreDone")
		}
		wantKeys(t, db, "a")
	}
	if err := db.RestoreDone(); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	if db = open(); db.Restored() {
		t.Error("want nothing restored after RestoreDone")
	}
	if _, err := db.RestoreOnNextOpen(undo); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	db = open()
	wantKeys(t, db, "a", "b")
	closeDB(t, db)
}

func TestDB_RestoreOnNextOpen_refused(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		r.write("one")
		known := r.bookmark()
		for bookmark, want := range map[string]string{
			"":                                   "is malformed",
			"nonsense":                           "is malformed",
			strings.ToUpper(known[:37]) + "G":    "is malformed",
			known[:27] + strings.Repeat("0", 32): "is not one of this Durable Object's storage",
			"00000005" + known[8:]:               "is not known",
		} {
			_, err := r.db.RestoreOnNextOpen(bookmark)
			wantIn(t, err, want)
		}
		r.reopen()
		r.want("one")
	})
	plain := open(t)
	_, err := plain.RestoreOnNextOpen("x")
	wantIn(t, err, "Error: This Durable Object's storage back-end does not implement point-in-time recovery.")
	_, err = plain.BookmarkForTime(time.UnixMilli(1))
	wantIn(t, err, "Error: This Durable Object's storage back-end does not implement point-in-time recovery.")
}
