package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

// rig is an object with a history, and a clock that only the test moves.
type rig struct {
	t         *testing.T
	namespace *storage.Namespace
	dir       string
	db        *storage.DB
	now       time.Time
	log       bytes.Buffer
	limit     int64
}

const object = "a"

// onDiskAndInMemory runs a test with both kinds of storage.
func onDiskAndInMemory(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Parallel()
	for _, memory := range []bool{false, true} {
		t.Run(map[bool]string{false: "disk", true: "memory"}[memory], func(t *testing.T) {
			t.Parallel()
			dir := ""
			if !memory {
				dir = t.TempDir()
			}
			test(t, newRig(t, dir))
		})
	}
}

func newRig(t *testing.T, dir string) *rig {
	t.Helper()
	r := &rig{t: t, dir: dir, namespace: openNamespaceIn(t, dir), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	r.open()
	t.Cleanup(func() {
		closeDB(t, r.db)
		if t.Failed() {
			t.Logf("log:\n%s", r.log.String())
		}
	})
	return r
}

func (r *rig) open() {
	r.t.Helper()
	db, err := r.namespace.Open(object, storage.Options{
		Limits: storage.WorkerdLimits(),
		History: &storage.History{
			Clock: func() time.Time { return r.now }, LimitBytes: r.limit, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
		},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.db = db
}

func (r *rig) reopen() {
	r.t.Helper()
	closeDB(r.t, r.db)
	r.open()
}

// path is a file of the object.
func (r *rig) path(suffix string) string { return filepath.Join(r.dir, "worker-Class", object+suffix) }

// crash goes on with the files as they are now, as after kill -9.
func (r *rig) crash() {
	r.t.Helper()
	dir := r.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(r.dir)); err != nil {
		r.t.Fatal(err)
	}
	// The wal-index belongs to the process that died.
	if err := os.Remove(filepath.Join(dir, "worker-Class", object+".sqlite-shm")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.t.Fatal(err)
	}
	old := r.db
	r.t.Cleanup(func() { closeDB(r.t, old) })
	r.dir, r.namespace = dir, openNamespaceIn(r.t, dir)
	r.open()
}

// write stores a value a second later.
func (r *rig) write(value string) {
	r.t.Helper()
	r.now = r.now.Add(time.Second)
	r.writeNow(value)
}

func (r *rig) writeNow(value string) {
	r.t.Helper()
	r.db.BeginTurn()
	if err := r.db.Put("key", []byte(value)); err != nil {
		r.t.Fatal(err)
	}
	commit(r.t, r.db)
}

func (r *rig) want(value string) {
	r.t.Helper()
	got, ok, err := r.db.Get("key")
	if err != nil || ok != (value != "") || string(got) != value {
		r.t.Errorf("got %.20q, %v, %v, want %.20q", got, ok, err, value)
	}
}

func (r *rig) bookmark() string {
	r.t.Helper()
	r.db.BeginTurn()
	b, err := r.db.CurrentBookmark()
	if err != nil {
		r.t.Fatal(err)
	}
	commit(r.t, r.db)
	return b
}

func (r *rig) forTime(at time.Time) string {
	r.t.Helper()
	b, err := r.db.BookmarkForTime(at)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *rig) ask(bookmark string) (undo string) {
	r.t.Helper()
	undo, err := r.db.RestoreOnNextOpen(bookmark)
	if err != nil {
		r.t.Fatal(err)
	}
	return undo
}

func (r *rig) restore(bookmark string) (undo string) {
	r.t.Helper()
	undo = r.ask(bookmark)
	r.reopen()
	return undo
}

// query gives all rows of a statement as text.
func (r *rig) query(sql string) string {
	r.t.Helper()
	cursor, err := r.db.Exec(sql)
	if err != nil {
		r.t.Fatal(sql, err)
	}
	var out []string
	for {
		row, err := cursor.Next()
		if err != nil {
			r.t.Fatal(sql, err)
		}
		if row == nil {
			return strings.Join(out, " ")
		}
		out = append(out, fmt.Sprint(row...))
	}
}

func (r *rig) wantSound() {
	r.t.Helper()
	if got := r.query("PRAGMA quick_check"); got != "ok" {
		r.t.Errorf("quick_check: got %s, want ok", got)
	}
}

func wantIn(t *testing.T, err error, substrings ...string) {
	t.Helper()
	for _, s := range substrings {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("got %v, want %q in it", err, s)
		}
	}
}

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

func TestHistory_age(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		r.write("one")
		one := r.bookmark()
		r.write("two")
		two := r.bookmark()
		r.now = r.now.Add(29 * 24 * time.Hour)
		r.write("three")
		r.reopen()
		r.restore(one)
		r.want("one")
		r.now = r.now.Add(2 * 24 * time.Hour)
		r.write("four")
		r.reopen()
		_, err := r.db.RestoreOnNextOpen(one)
		wantIn(t, err, one)
		// It was the present until 29 days after.
		r.restore(two)
		r.want("two")
	})
}

func TestHistory_size(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.limit = 1 << 20
	r.reopen()
	r.write("one")
	one := r.bookmark()
	first := r.now
	for i := range 60 {
		r.write(strings.Repeat(fmt.Sprint(i), 20_000))
	}
	r.reopen()
	if info, err := os.Stat(r.path(".history")); err != nil || info.Size() > 1<<20 {
		t.Errorf("got %v, %v, want a history of at most 1 MiB", info.Size(), err)
	}
	_, err := r.db.RestoreOnNextOpen(one)
	wantIn(t, err, "is not known", "older states were dropped at its limit of size")
	_, err = r.db.BookmarkForTime(first)
	wantIn(t, err, "older states were dropped at its limit of size")
	if !strings.Contains(r.log.String(), "was cut at its limit of size") {
		t.Errorf("got log %q, want that the history was cut", r.log.String())
	}
	r.restore(r.forTime(r.now.Add(-3 * time.Second)))
	r.want(strings.Repeat("56", 20_000))
}

func TestHistory_damaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"header": func(b []byte) []byte { b[10] ^= 1; return b },
		"middle": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"empty":  func([]byte) []byte { return nil },
		"other":  func([]byte) []byte { return []byte(strings.Repeat("something else ", 100)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, t.TempDir())
			r.write("one")
			one := r.bookmark()
			for i := range 20 {
				r.write(fmt.Sprint("value", i))
			}
			closeDB(t, r.db)
			text, err := os.ReadFile(r.path(".history"))
			if err == nil {
				err = os.WriteFile(r.path(".history"), damage(text), 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
			r.open()
			r.want("value19")
			_, err = r.db.RestoreOnNextOpen(one)
			wantIn(t, err, "is damaged at byte ", "a.history", "delete it to begin a new history")
			r.write("after")
			r.reopen()
			r.want("after")
			if err := os.Remove(r.path(".history")); err != nil {
				t.Fatal(err)
			}
			r.reopen()
			now := r.bookmark()
			r.write("later")
			r.restore(now)
			r.want("after")
		})
	}
}

func TestHistory_torn(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.write("one")
	one := r.bookmark()
	r.write("two")
	closeDB(t, r.db)
	text, err := os.ReadFile(r.path(".history"))
	if err == nil {
		err = os.WriteFile(r.path(".history"), append(text, text[:20]...), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.open()
	r.restore(one)
	r.want("one")
}

// Another program is one that opens the database without its history.
func TestHistory_foreign(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.write("one")
	one := r.bookmark()
	r.write("two")
	closeDB(t, r.db)
	foreign := func(value string) {
		t.Helper()
		db := openObject(t, r.namespace, object)
		if value != "" {
			if err := db.Put("key", []byte(value)); err != nil {
				t.Fatal(err)
			}
			commit(t, db)
		}
		closeDB(t, db)
	}
	foreign("")
	r.open()
	r.restore(one)
	r.want("one")
	closeDB(t, r.db)
	foreign("foreign")
	r.open()
	r.want("foreign")
	if !strings.Contains(r.log.String(), "another program changed the storage") {
		t.Errorf("got log %q, want that another program changed the storage", r.log.String())
	}
	_, err := r.db.RestoreOnNextOpen(one)
	wantIn(t, err, "is not one of this Durable Object's storage", "another program changed the database")
	mine := r.bookmark()
	if mine <= one {
		t.Errorf("got %s, want it above %s", mine, one)
	}
	r.write("three")
	r.restore(mine)
	r.want("foreign")
}

// A copied state directory has other times of its files, but the same content.
func TestHistory_copied(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.write("one")
	one := r.bookmark()
	r.write("two")
	closeDB(t, r.db)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "worker-Class", object+".sqlite"), time.Time{}, time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	r.dir, r.namespace = dir, openNamespaceIn(t, dir)
	r.open()
	r.restore(one)
	r.want("one")
}

func TestHistory_files(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.reopen()
	if _, err := os.Stat(r.path(".history")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want no history of an object that never wrote", err)
	}
	r.write("one")
	closeDB(t, r.db)
	if ids, err := r.namespace.IDs(); err != nil || !slices.Equal(ids, []string{object}) {
		t.Errorf("got %v, %v, want only the object", ids, err)
	}
	if err := r.namespace.Remove(object); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(r.path("*"))
	if err != nil || !reflect.DeepEqual(left, []string(nil)) {
		t.Errorf("got %v, %v, want nothing left", left, err)
	}
	r.open()
}
