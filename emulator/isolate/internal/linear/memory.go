// Package linear is the memory of translated WebAssembly: a range of addresses that never moves and grows in its place.
//
// All that an instruction can reach from a memory's base is reserved: an address has 32 bits, and the translator lets no
// offset in an instruction exceed 16 MiB. Of that only what has been grown is accessible. So loads and stores need no
// check, no memory can reach into another, and an image of a heap can be mapped into any of them. Where a system or a
// processor cannot do that, and with the build tag boundscheck, every access is checked instead.
package linear

import "fmt"

// PageSize is WebAssembly's page of memory, in bytes.
const PageSize = 65536

const (
	addressable = 4 << 30
	// Offsets in instructions are below 16 MiB, see package translate.
	reach = addressable + 16<<20
)

// Trap is what an instruction ends with that WebAssembly lets end the program.
type Trap string

func (t Trap) Error() string { return string(t) }

// RuntimeError marks a Trap like the errors of Go's own runtime, by which most instructions trap.
func (Trap) RuntimeError() {}

// Memory is one memory.
type Memory struct {
	reserved []byte // as much as it may grow to
	size     int    // what has been grown
	exceeded bool   // a growth was refused
}

// New reserves a memory that may grow to a limit in bytes, which is rounded up to pages.
func New(limit uint64) (*Memory, error) {
	limit = (limit + PageSize - 1) / PageSize * PageSize
	if limit > addressable {
		return nil, fmt.Errorf("a memory of %d bytes is more than can be addressed", limit)
	}
	b, err := reserve(int(limit))
	if err != nil {
		return nil, err
	}
	return &Memory{reserved: b}, nil
}

// Free gives the addresses back. Nothing may run on the memory.
func (m *Memory) Free() {
	if m.reserved != nil {
		release(m.reserved)
		m.reserved = nil
		m.size = 0
	}
}

// Base is where the memory lies.
func (m *Memory) Base() Base { return newBase(m.reserved) }

// Bytes is what has been grown. The slice stays valid, and shows what is written, until Free.
func (m *Memory) Bytes() []byte { return m.reserved[:m.size:m.size] }

// Size is the bytes that have been grown, and Limit those that it may grow to.
func (m *Memory) Size() int  { return m.size }
func (m *Memory) Limit() int { return len(m.reserved) }

// Exceeded tells whether a growth was refused, now or earlier.
func (m *Memory) Exceeded() bool { return m.exceeded }

// Exceed notes that more was wanted than there may be.
func (m *Memory) Exceed() { m.exceeded = true }

// Grow is the instruction memory.grow: it adds pages and returns how many there were, or -1 if that is too much.
func (m *Memory) Grow(pages int64) int64 {
	before := int64(m.size / PageSize)
	size := int64(m.size) + pages*PageSize
	if pages < 0 || size > int64(len(m.reserved)) {
		m.exceeded = true
		return -1
	}
	if pages > 0 {
		if err := commit(m.reserved[m.size:size]); err != nil {
			m.exceeded = true
			return -1
		}
		m.size = int(size)
	}
	return before
}

// Copy is the instruction memory.copy.
func Copy(b Base, to, from, n uint32) { copy(span(b, to, n), span(b, from, n)) }

// Fill is the instruction memory.fill.
func Fill(b Base, at uint32, value int32, n uint32) {
	if byte(value) == 0 {
		Zero(b, at, n)
		return
	}
	bytes := span(b, at, n)
	for n := range bytes {
		bytes[n] = byte(value)
	}
}

// Zero is the instruction memory.fill with the value 0.
func Zero(b Base, at, n uint32) { clear(span(b, at, n)) }

// Map makes the beginning of the memory a copy of an image: what is not written is shared, where the system can do that.
func (m *Memory) Map(image *Image) error {
	if image.size > len(m.reserved) {
		return fmt.Errorf("an image of %d bytes in a memory of %d", image.size, len(m.reserved))
	}
	if err := image.mapOnto(m.reserved[:image.size]); err != nil {
		return err
	}
	m.size = image.size
	return nil
}

// Protect takes all access to the memory away: whatever touches it next is a fault. It may be called from any goroutine
// while code runs on the memory, but not while Free is called. It reports whether it could.
func (m *Memory) Protect() bool { return protect(m.reserved) == nil }

// Unprotect gives the access back after Protect. What the memory held may be gone.
func (m *Memory) Unprotect() { _ = unprotect(m.reserved[:m.size]) }

// Size is the bytes of the image.
func (i *Image) Size() int { return i.size }
