package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// FacetIndex gives the facets of an object their numbers, which name their databases: a facet is known by
// its parent's number, 0 for the object itself, and its name. Its file is workerd's: <id>.facets. It is safe
// for use by many goroutines.
//
// https://developers.cloudflare.com/durable-objects/api/state/#facets
type FacetIndex struct {
	path string // "" in memory

	mu      sync.Mutex
	entries []facetEntry // facet n is entry n-1
	size    int64        // of what is right in the file
}

type facetEntry struct {
	parent int
	name   string
}

var facetMagic = binary.LittleEndian.AppendUint64(nil, 0xc4cdce5bc5b0ef57)

// mostFacets is how many facets an object may have had.
const mostFacets = 65535

func openFacetIndex(path string) (*FacetIndex, error) {
	x := &FacetIndex{path: path, size: int64(len(facetMagic))}
	if path == "" {
		return x, nil
	}
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return x, nil
	case err != nil:
		return nil, fmt.Errorf("read index of facets: %w", err)
	case len(b) > len(facetMagic) && !bytes.HasPrefix(b, facetMagic):
		return nil, fmt.Errorf("the index of facets %s is of a format that doemu does not know", path)
	}
	x.read(b)
	return x, nil
}

// read takes entries up to the first one that cannot be right: an append that the machine did not finish.
func (x *FacetIndex) read(b []byte) {
	known := map[facetEntry]bool{}
	for at := len(facetMagic); at+4 <= len(b); {
		parent, n := int(binary.LittleEndian.Uint16(b[at:])), int(binary.LittleEndian.Uint16(b[at+2:]))
		end := at + 4 + n
		if n == 0 || end > len(b) || parent > len(x.entries) {
			return
		}
		e := facetEntry{parent, string(b[at+4 : end])}
		if known[e] {
			return
		}
		known[e] = true
		x.entries = append(x.entries, e)
		at, x.size = end, int64(end)
	}
}

// Number is a facet's number; one that is new gets the next.
func (x *FacetIndex) Number(parent int, name string) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for n, e := range x.entries {
		if e == (facetEntry{parent, name}) {
			return n + 1, nil
		}
	}
	if len(x.entries) == mostFacets {
		return 0, errors.New("the object has had 65535 facets, which is the most that it may have")
	}
	e := facetEntry{parent, name}
	if err := x.append(e); err != nil {
		return 0, fmt.Errorf("write index of facets: %w", err)
	}
	x.entries = append(x.entries, e)
	return len(x.entries), nil
}

func (x *FacetIndex) append(e facetEntry) error {
	if x.path == "" {
		return nil
	}
	f, err := os.OpenFile(x.path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	b := e.encode(nil)
	_, err = f.WriteAt(facetMagic, 0)
	if err == nil {
		_, err = f.WriteAt(b, x.size)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		x.size += int64(len(b))
	}
	return err
}

func (e facetEntry) encode(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(e.parent))
	return append(binary.LittleEndian.AppendUint16(b, uint16(len(e.name))), e.name...)
}

// encode is the index as its file has it.
func (x *FacetIndex) encode() []byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	b := bytes.Clone(facetMagic)
	for _, e := range x.entries {
		b = e.encode(b)
	}
	return b
}

// Paths are the names that lead from the object to each of its facets, in the order of their numbers, also of those
// that were deleted.
func (x *FacetIndex) Paths() [][]string {
	x.mu.Lock()
	defer x.mu.Unlock()
	paths := make([][]string, len(x.entries))
	for n, e := range x.entries {
		if e.parent > 0 {
			paths[n] = slices.Clone(paths[e.parent-1])
		}
		paths[n] = append(paths[n], e.name)
	}
	return paths
}

// Find gives the number of the facet to which names lead from the object, or 0 if it never had one.
func (x *FacetIndex) Find(path []string) (number int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, name := range path {
		n := slices.Index(x.entries, facetEntry{number, name})
		if n < 0 {
			return 0
		}
		number = n + 1
	}
	return number
}

// Children lists the numbers of the facets right below one, in their order.
func (x *FacetIndex) Children(number int) []int {
	x.mu.Lock()
	defer x.mu.Unlock()
	var children []int
	for n, e := range x.entries {
		if e.parent == number {
			children = append(children, n+1)
		}
	}
	return children
}

// Below lists the numbers of all facets below one, in their order.
func (x *FacetIndex) Below(number int) []int {
	x.mu.Lock()
	defer x.mu.Unlock()
	in := map[int]bool{number: true}
	var below []int
	for n, e := range x.entries {
		if in[e.parent] {
			in[n+1] = true
			below = append(below, n+1)
		}
	}
	return below
}

// Facets opens the index of an object's facets.
func (n *Namespace) Facets(id string) (*FacetIndex, error) {
	if n.dir != "" {
		return openFacetIndex(n.path(id) + ".facets")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.facets == nil {
		n.facets = map[string]*FacetIndex{}
	}
	if n.facets[id] == nil {
		n.facets[id] = &FacetIndex{}
	}
	return n.facets[id], nil
}

// FacetName is the name of a facet's database among those of the namespace.
func FacetName(id string, number int) string { return fmt.Sprintf("%s.%d", id, number) }
