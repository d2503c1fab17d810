package storage_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/doemu/doemu/durable/storage"
)

// What Create writes is what SQLite writes, but for its version, and is good for SQLite.
func TestNamespace_Create(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n, err := storage.OpenNamespace(dir, "ns")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for want := range 2 {
		if created, err := n.Create("a"); created != (want == 0) || err != nil {
			t.Fatalf("Create %d: got %v, %v", want, created, err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "ns", "a.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := n.Open("b", storage.Options{Limits: storage.WorkerdLimits()})
	if err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	want, err := os.ReadFile(filepath.Join(dir, "ns", "b.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	clear(want[96:100])
	if !bytes.Equal(got, want) {
		t.Errorf("got %d bytes % x, want %d bytes % x", len(got), got[:120], len(want), want[:120])
	}

	db, err = n.Open("a", storage.Options{Limits: storage.WorkerdLimits()})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, db)
	if err := db.Put("key", []byte("value")); err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "ns"))
	if err != nil {
		t.Fatal(err)
	}
	var log bool
	for _, e := range entries {
		log = log || e.Name() == "a.sqlite-wal"
	}
	if !log {
		t.Errorf("no a.sqlite-wal in %v", entries)
	}
}
