package storage_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

func openNamespace(t *testing.T, memory bool) *storage.Namespace {
	t.Helper()
	dir := ""
	if !memory {
		dir = t.TempDir()
	}
	return openNamespaceIn(t, dir)
}

func openNamespaceIn(t *testing.T, dir string) *storage.Namespace {
	t.Helper()
	namespace, err := storage.OpenNamespace(dir, "worker-Class")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := namespace.Close(); err != nil {
			t.Error(err)
		}
	})
	return namespace
}

func openObject(t *testing.T, namespace *storage.Namespace, id string) *storage.DB {
	t.Helper()
	db, err := namespace.Open(id, storage.Options{Limits: storage.WorkerdLimits()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, db) })
	return db
}

func setAlarm(t *testing.T, db *storage.DB, milliseconds int64) {
	t.Helper()
	if err := db.SetAlarm(time.UnixMilli(milliseconds)); err != nil {
		t.Fatal(err)
	}
}

func TestNamespace_files(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	namespace := openNamespaceIn(t, dir)
	id := strings.Repeat("0a", 32)
	db := openObject(t, namespace, id)
	path := filepath.Join(dir, "worker-Class", id+".sqlite")
	if info, err := os.Stat(path); err != nil || info.Size() != 4096 {
		t.Errorf("got %v, %v, want a file of one page before the first write", info, err)
	}
	put(t, db, "a")
	commit(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	want := []string{id + ".sqlite", "metadata.sqlite", "metadata.sqlite-shm", "metadata.sqlite-wal"}
	if !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	header, err := os.ReadFile(path)
	if err != nil || string(header[:16]) != "SQLite format 3\x00" || header[18] != 2 || header[19] != 2 {
		t.Errorf("got header %q, %v, want a database with a write-ahead log", header[:20], err)
	}
	if values, err := run(t, openObject(t, namespace, id), "SELECT group_concat(sql) FROM sqlite_schema").Next(); err != nil ||
		values[0] != "CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID" {
		t.Errorf("got %v, %v, want the table of the key-value pairs", values, err)
	}
}

func TestNamespace_IDs(t *testing.T) {
	t.Parallel()
	for _, memory := range []bool{false, true} {
		namespace := openNamespace(t, memory)
		if ids, err := namespace.IDs(); len(ids) != 0 || err != nil {
			t.Errorf("got %v, %v, want no objects", ids, err)
		}
		for _, id := range []string{"b", "a"} {
			db := openObject(t, namespace, id)
			put(t, db, "key of "+id)
			commit(t, db)
			closeDB(t, db)
		}
		if ids, err := namespace.IDs(); err != nil || !slices.Equal(ids, []string{"a", "b"}) {
			t.Errorf("got %v, %v, want a and b", ids, err)
		}
		wantKeys(t, openObject(t, namespace, "a"), "key of a")
		if err := namespace.Remove("b"); err != nil {
			t.Fatal(err)
		}
		if ok, err := namespace.Has("b"); ok || err != nil {
			t.Errorf("got %v, %v, want b gone", ok, err)
		}
	}
}

func TestNamespace_OpenReadOnly(t *testing.T) {
	t.Parallel()
	for _, memory := range []bool{false, true} {
		namespace := openNamespace(t, memory)
		if _, err := namespace.OpenReadOnly("a", false); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want that there is none", err)
		}
		db := openObject(t, namespace, "a")
		put(t, db, "a")
		commit(t, db)
		look := func() {
			t.Helper()
			reader, err := namespace.OpenReadOnly("a", false)
			if err != nil {
				t.Fatal(err)
			}
			wantKeys(t, reader, "a")
			if err := reader.Put("b", nil); err == nil {
				t.Error("want an error for writing")
			}
			closeDB(t, reader)
		}
		if !memory {
			// The writer's open transaction is not seen.
			put(t, db, "uncommitted")
		}
		look()
		db.Abort()
		closeDB(t, db)
		look()
		wantKeys(t, openObject(t, namespace, "a"), "a")
	}
}

func TestAlarmStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	namespace := openNamespaceIn(t, dir)
	alarms := namespace.Alarms()
	at := func(ms int64) time.Time { return time.UnixMilli(ms) }
	set := func(alarm storage.ScheduledAlarm) {
		t.Helper()
		if err := alarms.Set(alarm); err != nil {
			t.Fatal(err)
		}
	}
	set(storage.ScheduledAlarm{ID: "b", Name: "name of b", At: at(3000)})
	set(storage.ScheduledAlarm{ID: "a", At: at(2000)})
	set(storage.ScheduledAlarm{ID: "c", At: at(1500)})
	set(storage.ScheduledAlarm{ID: "b", At: at(1000)})
	if err := alarms.Delete("c"); err != nil {
		t.Fatal(err)
	}
	if err := alarms.Delete("nobody"); err != nil {
		t.Fatal(err)
	}
	if err := namespace.Close(); err != nil {
		t.Fatal(err)
	}
	want := []storage.ScheduledAlarm{{ID: "b", Name: "name of b", At: at(1000)}, {ID: "a", At: at(2000)}}
	if got, err := openNamespaceIn(t, dir).Alarms().Load(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestAlarmStore_older(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	older, err := storage.Open(storage.Options{Path: filepath.Join(dir, "worker-Class", "metadata.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	// A program may not make the table, so it is made under another name.
	for _, query := range []string{
		"CREATE TABLE x (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER) WITHOUT ROWID",
		"INSERT INTO x VALUES ('a', 5000000)",
	} {
		run(t, older, query)
	}
	storage.RunTrusted(t, older, "ALTER TABLE x RENAME TO _cf_ALARM")
	commit(t, older)
	closeDB(t, older)
	alarms := openNamespaceIn(t, dir).Alarms()
	want := []storage.ScheduledAlarm{{ID: "a", At: time.UnixMilli(5)}}
	if got, err := alarms.Load(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestDB_Alarm(t *testing.T) {
	t.Parallel()
	db := open(t)
	want := func(milliseconds int64) {
		t.Helper()
		at, ok, err := db.Alarm()
		if err != nil || ok != (milliseconds != 0) || ok && at.UnixMilli() != milliseconds {
			t.Errorf("got %v, %v, %v, want %d", at, ok, err, milliseconds)
		}
	}
	want(0)
	if err := db.DeleteAlarm(); err != nil || db.Dirty() {
		t.Errorf("got %v, want nothing to delete", err)
	}
	setAlarm(t, db, 1000)
	want(1000)
	commit(t, db)
	depth, err := db.Savepoint()
	if err != nil {
		t.Fatal(err)
	}
	setAlarm(t, db, 2000)
	want(2000)
	if err := errors.Join(db.RollbackTo(depth), db.Release(depth)); err != nil {
		t.Fatal(err)
	}
	want(1000)
	if err := db.DeleteAlarm(); err != nil {
		t.Fatal(err)
	}
	want(0)
	for _, n := range []int64{0, 1} {
		if got, err := db.Bookmark(); got != n || err != nil {
			t.Errorf("got bookmark %d, %v, want %d", got, err, n)
		}
	}
	want(0)
}

func TestOptions_Clock(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 2, 3, 4, 5, 6, 789e6, time.UTC)
	db, err := storage.Open(storage.Options{
		Path:   filepath.Join(t.TempDir(), "clock.sqlite"),
		Clock:  func() time.Time { return now },
		Random: strings.NewReader(strings.Repeat("seed", 1000)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, db) })
	const query = "SELECT datetime('now'), CURRENT_TIMESTAMP, unixepoch('subsec'), random()"
	first, err := run(t, db, query).Next()
	if err != nil || first[0] != "2030-02-03 04:05:06" || first[1] != "2030-02-03 04:05:06" || first[2] != 1896321906.789 {
		t.Errorf("got %v, %v, want the time of the clock", first, err)
	}
	now = now.Add(time.Hour)
	if second, err := run(t, db, query).Next(); err != nil || second[0] != "2030-02-03 05:05:06" {
		t.Errorf("got %v, %v, want an hour later", second, err)
	}
	again, err := storage.Open(storage.Options{
		Path:   filepath.Join(t.TempDir(), "again.sqlite"),
		Random: strings.NewReader(strings.Repeat("seed", 1000)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, again) })
	if other, err := run(t, again, query).Next(); err != nil || other[3] != first[3] {
		t.Errorf("got %v, %v, want the random number %v of the same seed", other, err, first[3])
	}
}

func TestLockDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	release, err := storage.LockDir(dir, since)
	if err != nil {
		t.Fatal(err)
	}
	_, err = storage.LockDir(dir, since)
	var locked *storage.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() || !locked.Since.Equal(since) || locked.Dir != dir {
		t.Errorf("got %v, want who holds the directory", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = storage.LockDir(dir, since)
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

func TestOpen_damaged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "damaged.sqlite")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is not a database ", 500)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Open(storage.Options{Path: path}); err == nil || !strings.Contains(err.Error(), "SQLITE_NOTADB") {
		t.Errorf("got %v, want that the file is not a database", err)
	}
	if got, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(got), "this is not") {
		t.Errorf("got %.20q, %v, want the file untouched", got, err)
	}
}

func TestOpen_uncommitted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dir with space", "a?b#c%20.sqlite")
	for _, want := range [][]string{{}, {"kept"}} {
		db, err := storage.Open(storage.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		wantKeys(t, db, want...)
		put(t, db, "kept")
		commit(t, db)
		put(t, db, "lost")
		closeDB(t, db)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
