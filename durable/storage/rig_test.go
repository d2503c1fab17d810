package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
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
