package storage

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A database whose file was deleted, or exchanged, takes no further write, and says so.
func TestDB_gone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"directory deleted": func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
		"file deleted":      os.Remove,
		"directory moved":   func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+"2") },
		"file exchanged":    func(path string) error { return errors.Join(os.Rename(path, path+"2"), os.WriteFile(path, nil, 0o666)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "objects", "o.sqlite")
			db, err := Open(Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := errors.Join(db.Put("k", []byte("v")), db.Commit()); err != nil {
				t.Fatal(err)
			}
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			db.origin.looked = time.Time{} // it is a moment later
			err = db.Put("k", []byte("w"))
			var failure *Error
			if !errors.As(err, &failure) || !failure.Reset || !strings.Contains(err.Error(), path+" was deleted or replaced") {
				t.Errorf("got %v, want that the file is gone, and a reset", err)
			}
			if err := db.Commit(); err == nil {
				t.Error("what was written is committed, want an error")
			}
		})
	}
}

// deleteAll makes the file anew; that is no reason to complain.
func TestDB_goneByDeleteAll(t *testing.T) {
	t.Parallel()
	db, err := Open(Options{Path: filepath.Join(t.TempDir(), "o.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 2 {
		if err := errors.Join(db.Put("k", []byte("v")), db.Commit()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.DeleteAll(false); err != nil {
			t.Fatal(err)
		}
		db.origin.looked = time.Time{}
	}
}

// When the directory is gone, no object begins anew in one that nobody has locked.
func TestNamespace_gone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	n, err := OpenNamespace(dir, "w-C")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Alarms().Set(ScheduledAlarm{ID: "a", At: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var gone *GoneError
	if _, err := n.Open("a", Options{}); !errors.As(err, &gone) || gone.Dir != filepath.Join(dir, "w-C") {
		t.Errorf("got %v, want that the directory is gone", err)
	}
	n.alarms.db.origin.looked = time.Time{}
	if err := n.Alarms().Set(ScheduledAlarm{ID: "a", At: time.Unix(2, 0)}); err == nil || !strings.Contains(err.Error(), "was deleted") {
		t.Errorf("an alarm: got %v, want that the file is gone", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory was made anew")
	}
}

// The alarms are made anew from what the objects know when their file is lost, and a damaged one says what to do.
func TestNamespace_metadata(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() (*Namespace, error) { return OpenNamespace(dir, "w-C") }
	n, err := open()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1000, 0)
	for id, alarm := range map[string]bool{strings.Repeat("a", 64): true, strings.Repeat("b", 64): false} {
		db, err := n.Open(id, Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Put("k", []byte("v"))
		if alarm {
			err = errors.Join(err, db.SetAlarm(at))
		}
		if err := errors.Join(err, db.Commit(), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "w-C", "metadata.sqlite")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "Move it away") {
		t.Errorf("damaged: got %v, want the file and what to do", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if n, err = open(); err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	alarms, err := n.Alarms().Load()
	if err != nil || len(alarms) != 1 || alarms[0].ID != strings.Repeat("a", 64) || !alarms[0].At.Equal(at) {
		t.Errorf("got %v, %v, want the one alarm that an object has stored", alarms, err)
	}
}
