package isolate

import (
	"github.com/doemu/doemu/emulator/isolate/internal/quickjs"
)

// linearMemory is the WebAssembly memory of one isolate: a reserved range of addresses, of which
// wazero sees as much as has been grown. It implements experimental.LinearMemory.
type linearMemory struct {
	reserved []byte // the isolate's limit, rounded up to pages
	size     int    // what has been grown
	exceeded bool   // a growth was refused: the isolate ran into its limit
}

func roundUp(n, unit uint64) uint64 { return (n + unit - 1) / unit * unit }

func newLinearMemory(limit uint64) (*linearMemory, error) {
	b, err := reserve(int(roundUp(limit, quickjs.PageSize)))
	if err != nil {
		return nil, err
	}
	return &linearMemory{reserved: b}, nil
}

// Reallocate grows the memory. Nil tells wazero, and by it QuickJS, that the limit is reached.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > uint64(len(m.reserved)) {
		m.exceeded = true
		return nil
	}
	m.size = int(size)
	return m.reserved[:size]
}

// Free gives the addresses back.
func (m *linearMemory) Free() {
	if m.reserved != nil {
		release(m.reserved)
		m.reserved = nil
	}
}

// bytes is the memory that exists. A slice of it is valid until the next call into the isolate.
func (m *linearMemory) bytes() []byte { return m.reserved[:m.size] }
