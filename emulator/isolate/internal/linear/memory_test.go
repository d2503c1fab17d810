package linear

import (
	"fmt"
	"runtime/debug"
	"testing"
)

// accesses are all kinds of loads and stores, by the bytes that they touch.
var accesses = []struct {
	name  string
	width uint64
	touch func(Base, uint64)
}{
	{"Load8", 1, func(b Base, at uint64) { sink += uint64(Load8(b, at)) }},
	{"Load16", 2, func(b Base, at uint64) { sink += uint64(Load16(b, at)) }},
	{"Load32", 4, func(b Base, at uint64) { sink += uint64(Load32(b, at)) }},
	{"Load64", 8, func(b Base, at uint64) { sink += Load64(b, at) }},
	{"Store8", 1, func(b Base, at uint64) { Store8(b, at, 1) }},
	{"Store16", 2, func(b Base, at uint64) { Store16(b, at, 1) }},
	{"Store32", 4, func(b Base, at uint64) { Store32(b, at, 1) }},
	{"Store64", 8, func(b Base, at uint64) { Store64(b, at, 1) }},
}

var sink uint64

// fails tells whether an access ends with a panic, as a fault does.
func fails(access func()) (failed bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { failed = recover() != nil }()
	access()
	return false
}

// reachable is where a memory of four pages ends of which so many bytes were grown: checked accesses go by the limit.
func reachable(grown uint64) uint64 {
	if Guarded {
		return grown
	}
	return 4 * PageSize
}

// What lies behind what was grown cannot be touched, wherever an address and the largest offset lead.
func TestMemory_edges(t *testing.T) {
	const size = 2 * PageSize
	m, err := New(4 * PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Free()
	// What lies beside it in the address space is another's.
	neighbour, err := New(4 * PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer neighbour.Free()
	neighbour.Grow(4)
	if got := m.Grow(2); got != 0 {
		t.Fatalf("Grow gave %d, want 0", got)
	}
	end := reachable(size)
	for _, a := range accesses {
		edges := map[uint64]bool{0: false, end - a.width: false, end: true, end + 1: true, 1<<32 - 1: true, reach - 8: true}
		if Guarded {
			// A fault is exact to the system's page.
			for n := uint64(1); n < a.width; n++ {
				edges[size-n] = true
			}
			for at := uint64(size); at < reach; at = at*2 + 1 {
				edges[at] = true
			}
			for _, at := range []uint64{4*PageSize - 1, 4 * PageSize, addressable - a.width, addressable - 1, addressable, reach - 8} {
				edges[at] = true
			}
		}
		for at, want := range edges {
			if got := fails(func() { a.touch(m.Base(), at) }); got != want {
				t.Errorf("%s at %#x of %#x bytes: failed %t, want %t", a.name, at, size, got, want)
			}
		}
	}
	for _, b := range neighbour.Bytes() {
		if b != 0 {
			t.Fatal("another memory was written")
		}
	}
}

// The instructions for ranges end at the same place, also where address and length are more than 4 GiB together.
func TestMemory_ranges(t *testing.T) {
	m, err := New(4 * PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Free()
	m.Grow(2)
	size := uint32(reachable(2 * PageSize))
	b := m.Base()
	for _, test := range []struct {
		at, n uint32
		want  bool
	}{
		{0, size - 1, false}, {size - 2, 1, false}, {size - 2, 3, true}, {size, 1, true},
		{1 << 31, 1, true}, {1<<32 - 1, 1, true}, {1<<32 - 1, 1<<32 - 1, true}, {0, 1<<32 - 1, true},
	} {
		for name, access := range map[string]func(){
			"Zero": func() { Zero(b, test.at, test.n) },
			"Fill": func() { Fill(b, test.at, 7, test.n) },
			// A copy onto itself touches nothing.
			"Copy to":   func() { Copy(b, test.at, test.at^1, test.n) },
			"Copy from": func() { Copy(b, test.at^1, test.at, test.n) },
		} {
			if got := fails(access); got != test.want {
				t.Errorf("%s at %#x, %#x bytes: failed %t, want %t", name, test.at, test.n, got, test.want)
			}
		}
	}
}

func TestMemory_Grow(t *testing.T) {
	m, err := New(3*PageSize - 1)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Free()
	for _, test := range []struct {
		pages, want int64
		size        int
	}{{0, 0, 0}, {1, 0, 1}, {-1, -1, 1}, {2, 1, 3}, {1, -1, 3}, {1 << 40, -1, 3}, {0, 3, 3}} {
		if got := m.Grow(test.pages); got != test.want || m.Size() != test.size*PageSize {
			t.Errorf("Grow(%d) gave %d with %d bytes, want %d with %d pages", test.pages, got, m.Size(), test.want, test.size)
		}
	}
	if !m.Exceeded() {
		t.Error("a refused growth was not noted")
	}
}

// Memories that an image is mapped into share nothing that they write.
func TestMemory_Map(t *testing.T) {
	m, err := New(4 * PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Free()
	m.Grow(2)
	copy(m.Bytes()[PageSize:], "image")
	image, err := NewImage(m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	var forks [2]*Memory
	for n := range forks {
		if forks[n], err = New(4 * PageSize); err != nil {
			t.Fatal(err)
		}
		defer forks[n].Free()
		if err := forks[n].Map(image); err != nil {
			t.Fatal(err)
		}
		copy(forks[n].Bytes()[PageSize:], fmt.Sprint("fork", n))
		forks[n].Grow(1)
	}
	for n, f := range forks {
		if got, want := string(f.Bytes()[PageSize:][:6]), fmt.Sprint("fork", n, "\x00"); got != want {
			t.Errorf("fork %d has %q, want %q", n, got, want)
		}
	}
	if got := string(m.Bytes()[PageSize:][:5]); got != "image" {
		t.Errorf("the memory of the image has %q", got)
	}
}

// Memory that was taken away is a fault for whoever touches it.
func TestMemory_Protect(t *testing.T) {
	m, err := New(PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Free()
	m.Grow(1)
	if !m.Protect() {
		t.Skip("this system cannot take memory away")
	}
	if !fails(func() { Store8(m.Base(), 0, 1) }) {
		t.Error("memory that was taken away was written")
	}
	m.Unprotect()
	if fails(func() { Store8(m.Base(), 0, 1) }) {
		t.Error("memory that was given back cannot be written")
	}
}
