//go:build !((amd64 || arm64) && (unix || windows) && !boundscheck)

package linear

import "encoding/binary"

// Guarded tells that loads and stores are not checked: what no instruction may touch is reserved and not accessible.
const Guarded = false

// Base is where a memory lies. It never moves.
type Base struct{ bytes []byte }

func newBase(b []byte) Base { return Base{b} }

// Load8 is the byte at an address.
func Load8(b Base, address uint64) byte { return b.bytes[address] }

// Load16 is the two bytes at an address, little-endian like all that follow. Addresses need no alignment.
func Load16(b Base, address uint64) uint16 { return binary.LittleEndian.Uint16(b.bytes[address:]) }

// Load32 is the four bytes at an address.
func Load32(b Base, address uint64) uint32 { return binary.LittleEndian.Uint32(b.bytes[address:]) }

// Load64 is the eight bytes at an address.
func Load64(b Base, address uint64) uint64 { return binary.LittleEndian.Uint64(b.bytes[address:]) }

// Store8 writes a byte to an address.
func Store8(b Base, address uint64, v byte) { b.bytes[address] = v }

// Store16 writes two bytes to an address.
func Store16(b Base, address uint64, v uint16) { binary.LittleEndian.PutUint16(b.bytes[address:], v) }

// Store32 writes four bytes to an address.
func Store32(b Base, address uint64, v uint32) { binary.LittleEndian.PutUint32(b.bytes[address:], v) }

// Store64 writes eight bytes to an address.
func Store64(b Base, address uint64, v uint64) { binary.LittleEndian.PutUint64(b.bytes[address:], v) }

// span is n bytes from an address on.
func span(b Base, address, n uint32) []byte {
	return b.bytes[address : uint64(address)+uint64(n)]
}
