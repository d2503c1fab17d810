//go:build (amd64 || arm64) && (unix || windows) && !boundscheck

package linear

import "unsafe"

// Guarded tells that loads and stores are not checked: what no instruction may touch is reserved and not accessible,
// and touching it is a fault, which [debug.SetPanicOnFault] makes a panic.
const Guarded = true

// Base is where a memory lies. It never moves.
type Base struct{ at unsafe.Pointer }

func newBase(b []byte) Base { return Base{unsafe.Pointer(unsafe.SliceData(b))} }

// Load8 is the byte at an address.
func Load8(b Base, address uint64) byte { return *(*byte)(unsafe.Add(b.at, uintptr(address))) }

// Load16 is the two bytes at an address, little-endian like all that follow. Addresses need no alignment.
func Load16(b Base, address uint64) uint16 { return *(*uint16)(unsafe.Add(b.at, uintptr(address))) }

// Load32 is the four bytes at an address.
func Load32(b Base, address uint64) uint32 { return *(*uint32)(unsafe.Add(b.at, uintptr(address))) }

// Load64 is the eight bytes at an address.
func Load64(b Base, address uint64) uint64 { return *(*uint64)(unsafe.Add(b.at, uintptr(address))) }

// Store8 writes a byte to an address.
func Store8(b Base, address uint64, v byte) { *(*byte)(unsafe.Add(b.at, uintptr(address))) = v }

// Store16 writes two bytes to an address.
func Store16(b Base, address uint64, v uint16) {
	*(*uint16)(unsafe.Add(b.at, uintptr(address))) = v
}

// Store32 writes four bytes to an address.
func Store32(b Base, address uint64, v uint32) {
	*(*uint32)(unsafe.Add(b.at, uintptr(address))) = v
}

// Store64 writes eight bytes to an address.
func Store64(b Base, address uint64, v uint64) {
	*(*uint64)(unsafe.Add(b.at, uintptr(address))) = v
}

// span is n bytes from an address on: with both below 4 GiB, they may end 4 GiB behind the reservation, so that is
// checked here.
func span(b Base, address, n uint32) []byte {
	if uint64(address)+uint64(n) > addressable {
		panic(Trap("memory access out of bounds"))
	}
	return unsafe.Slice((*byte)(unsafe.Add(b.at, uintptr(address))), n)
}
