package storage

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestFacetIndex(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "id.facets")
	number := func(x *FacetIndex, parent int, name string, want int) {
		t.Helper()
		if got, err := x.Number(parent, name); got != want || err != nil {
			t.Errorf("%d %s: got %d, %v; want %d", parent, name, got, err, want)
		}
	}
	x, err := openFacetIndex(path)
	if err != nil {
		t.Fatal(err)
	}
	number(x, 0, "a", 1)
	number(x, 1, "a", 2)
	number(x, 0, "b", 3)
	number(x, 2, "c", 4)
	number(x, 0, "a", 1)
	if got, want := x.Below(1), []int{2, 4}; !reflect.DeepEqual(got, want) {
		t.Errorf("below 1: got %v, want %v", got, want)
	}
	if got, want := x.Paths(), [][]string{{"a"}, {"a", "a"}, {"b"}, {"a", "a", "c"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got paths %v, want %v", got, want)
	}
	for n, path := range append(x.Paths(), []string{"b", "a"}, []string{"c"}, nil) {
		want := n + 1
		if n > 3 {
			want = 0
		}
		if got := x.Find(path); got != want {
			t.Errorf("%v: got %d, want %d", path, got, want)
		}
	}
	// An append that the machine did not finish is passed over, and written over.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte{0, 0, 9, 0, 'x'}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if x, err = openFacetIndex(path); err != nil {
		t.Fatal(err)
	}
	number(x, 0, "b", 3)
	number(x, 0, "d", 5)
	if x, err = openFacetIndex(path); err != nil {
		t.Fatal(err)
	}
	number(x, 0, "d", 5)
	if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openFacetIndex(path); err == nil {
		t.Error("a file of another format was read")
	}
}

func FuzzFacetIndex(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 'a', 1, 0, 1, 0, 'a'})
	f.Fuzz(func(t *testing.T, b []byte) {
		x := &FacetIndex{}
		x.read(append(append([]byte{}, facetMagic...), b...))
		for n, e := range x.entries {
			if e.name == "" || e.parent > n {
				t.Errorf("entry %d is %v", n, e)
			}
			if got, err := x.Number(e.parent, e.name); got != n+1 || err != nil {
				t.Errorf("%v: got %d, %v; want %d", e, got, err, n+1)
			}
		}
	})
}
