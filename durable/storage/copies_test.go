package storage_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/doemu/doemu/durable/storage"
)

// copies are those of a rig: on disk or in memory as its namespace.
func (r *rig) copies() *storage.Copies {
	dir := ""
	if r.dir != "" {
		dir = filepath.Join(r.t.TempDir(), "copies")
	}
	return storage.NewCopies(dir)
}

// value is what a database holds under a key.
func value(t *testing.T, db *storage.DB) string {
	t.Helper()
	v, _, err := db.Get("key")
	if err != nil {
		t.Fatal(err)
	}
	return string(v)
}

// A copy that is made while the object has its database open holds what was committed, and nothing that comes
// later; restored, the object has that again, and its history begins anew.
func TestCopies(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		r.write("before")
		c := r.copies()
		r.db.BeginTurn()
		if err := r.db.Put("key", []byte("not committed")); err != nil {
			t.Fatal(err)
		}
		if err := r.namespace.Copy(c, object); err != nil {
			t.Fatal(err)
		}
		if err := r.db.Commit(); err != nil {
			t.Fatal(err)
		}
		r.write("after")
		if err := c.Complete(object); err != nil {
			t.Fatal(err)
		}
		copied, err := c.Open(object)
		if err != nil {
			t.Fatal(err)
		}
		if got := value(t, copied); got != "before" {
			t.Errorf("got %q in the copy, want before", got)
		}
		if err := copied.Close(); err != nil {
			t.Fatal(err)
		}
		if size, err := c.Size(object); err != nil || size < 4096 {
			t.Errorf("got a size of %d, %v, want some pages", size, err)
		}
		// Twice: what is written after the first does not reach the copy.
		for range 2 {
			closeDB(t, r.db)
			if err := r.namespace.Restore(c, object); err != nil {
				t.Fatal(err)
			}
			r.open()
			if got := value(t, r.db); got != "before" {
				t.Errorf("got %q, want before", got)
			}
			r.write("again")
		}
		if _, err := r.db.CurrentBookmark(); err != nil {
			t.Errorf("got %v, want a history", err)
		}
	})
}

// Facets come along, and those that the object has got since go.
func TestCopies_facets(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		facet := func(name string) string {
			index, err := r.namespace.Facets(object)
			if err != nil {
				t.Fatal(err)
			}
			number, err := index.Number(0, name)
			if err != nil {
				t.Fatal(err)
			}
			return storage.FacetName(object, number)
		}
		put := func(name, v string) {
			db, err := r.namespace.Open(name, storage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer closeDB(t, db)
			if err := errors.Join(db.Put("key", []byte(v)), db.Commit()); err != nil {
				t.Fatal(err)
			}
		}
		r.write("own")
		first := facet("first")
		put(first, "of the first")
		c := r.copies()
		if err := errors.Join(r.namespace.Copy(c, object), c.Complete(object)); err != nil {
			t.Fatal(err)
		}
		put(first, "changed")
		second := facet("second")
		put(second, "of the second")
		closeDB(t, r.db)
		if err := r.namespace.Restore(c, object); err != nil {
			t.Fatal(err)
		}
		r.open()
		if got := facet("first"); got != first {
			t.Errorf("got %s for the first facet, want %s", got, first)
		}
		db, err := r.namespace.OpenReadOnly(first, false)
		if err != nil {
			t.Fatal(err)
		}
		defer closeDB(t, db)
		if got := value(t, db); got != "of the first" {
			t.Errorf("got %q, want of the first", got)
		}
		if ok, err := r.namespace.Has(second); err != nil || ok {
			t.Errorf("got %v, %v: the second facet's database is there, want it gone", ok, err)
		}
	})
}

// Copies pass between directories, memory and files of an archive.
func TestCopies_elsewhere(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		r.write("v")
		c := r.copies()
		if err := errors.Join(r.namespace.Copy(c, object), c.Complete(object)); err != nil {
			t.Fatal(err)
		}
		files, err := c.Files(object)
		if err != nil {
			t.Fatal(err)
		}
		added := storage.NewCopies(filepath.Join(t.TempDir(), "added"))
		addedInMemory := storage.NewCopies("")
		for _, file := range files {
			content, err := c.Read(file)
			if err == nil {
				err = errors.Join(added.Add(file, bytes.NewReader(content)), addedInMemory.Add(file, bytes.NewReader(content)))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		loaded, err := c.InMemory([]string{object})
		if err != nil {
			t.Fatal(err)
		}
		for name, from := range map[string]*storage.Copies{"files": added, "files in memory": addedInMemory, "loaded": loaded} {
			for where, dir := range map[string]string{"disk": t.TempDir(), "memory": ""} {
				n := openNamespaceIn(t, dir)
				if err := n.Restore(from, object); err != nil {
					t.Fatal(err)
				}
				db, err := n.Open(object, storage.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if got := value(t, db); got != "v" {
					t.Errorf("%s to %s: got %q, want v", name, where, got)
				}
				closeDB(t, db)
			}
		}
	})
}

func TestCopies_none(t *testing.T) {
	onDiskAndInMemory(t, func(t *testing.T, r *rig) {
		c := r.copies()
		if c.Has(object) {
			t.Error("there is a copy, want none")
		}
		if _, err := c.Open(object); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want %v", err, fs.ErrNotExist)
		}
	})
}

// A log that was copied with its database is in it afterwards.
func TestCopies_complete(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.write("v")
	dir := t.TempDir()
	c := storage.NewCopies(dir)
	if err := r.namespace.Copy(c, object); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, object+".sqlite-wal")); err != nil {
		t.Fatalf("got %v, want the log of an open database", err)
	}
	if err := c.Complete(object); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Name() != object+".sqlite" {
		t.Errorf("got %v, want the database alone", left)
	}
}
