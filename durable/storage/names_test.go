package storage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doemu/doemu/durable/storage"
)

func TestNamespace_names(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := strings.Repeat("0a", 32), strings.Repeat("0b", 32)
	set := func(n *storage.Namespace, id, name string) {
		t.Helper()
		if err := n.SetName(id, name); err != nil {
			t.Fatal(err)
		}
	}
	first, err := storage.OpenNamespace(dir, "worker-Class")
	if err != nil {
		t.Fatal(err)
	}
	set(first, a, "a\n\"name\"")
	set(first, a, "a\n\"name\"")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "worker-Class", "names")
	text, err := os.ReadFile(path)
	if err != nil || string(text) != a+` "a\n\"name\""`+"\n" {
		t.Errorf("got %q, %v", text, err)
	}
	// A process died while it wrote.
	if err := os.WriteFile(path, append(text, b+` "hal`...), 0o666); err != nil {
		t.Fatal(err)
	}
	second := openNamespaceIn(t, dir)
	if got := second.Name(a) + "," + second.Name(b); got != "a\n\"name\"," {
		t.Errorf("got %q", got)
	}
	set(second, b, "half")
	if ids, err := second.IDs(); err != nil || len(ids) != 0 {
		t.Errorf("got %v, %v, want no objects: a name is none", ids, err)
	}
	third, err := storage.OpenNamespace(dir, "worker-Class")
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if got := third.Name(b); got != "half" {
		t.Errorf("got %q, want half", got)
	}
}
