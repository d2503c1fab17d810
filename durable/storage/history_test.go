package storage_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

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
