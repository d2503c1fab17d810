// Package random is where an emulator's randomness comes from: the system, or a seed.
package random

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	rand2 "math/rand/v2"
)

// Source gives randomness to the parts of an emulator. With a seed each part has a stream of its own,
// named by its place, so that what one takes changes nothing for the others. It is safe for use by
// many goroutines.
type Source struct {
	seed *uint64
}

// System is the system's randomness.
func System() *Source { return &Source{} }

// Seeded is randomness that comes from a seed: the same one gives the same.
func Seeded(seed uint64) *Source { return &Source{&seed} }

// Seeded tells whether the randomness comes from a seed.
func (s *Source) Seeded() bool { return s.seed != nil }

// Stream is the randomness of a place, from its beginning. Without a seed it is the system's. A stream
// belongs to one goroutine.
func (s *Source) Stream(place ...string) io.Reader {
	if s.seed == nil {
		return rand.Reader
	}
	return rand2.NewChaCha8(s.key(place))
}

// Uint64 is a number that belongs to a place; without a seed any number.
func (s *Source) Uint64(place ...string) uint64 {
	if s.seed == nil {
		return rand2.Uint64()
	}
	key := s.key(place)
	return binary.LittleEndian.Uint64(key[:])
}

// Float64 is a number from 0 up to 1 that belongs to a place; without a seed any number.
func (s *Source) Float64(place ...string) float64 { return float64(s.Uint64(place...)>>11) / (1 << 53) }

// key makes a seed for a place: the names with their lengths, so that no two places are one.
func (s *Source) key(place []string) [32]byte {
	text := binary.LittleEndian.AppendUint64(nil, *s.seed)
	for _, name := range place {
		text = binary.LittleEndian.AppendUint64(text, uint64(len(name)))
		text = append(text, name...)
	}
	return sha256.Sum256(text)
}
