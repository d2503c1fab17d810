// Package id computes Durable Object ids. Ids without a jurisdiction equal
// those of workerd byte for byte, so that state files keep their names.
//
// https://developers.cloudflare.com/durable-objects/api/id/
package id

import (
	"crypto/hmac"
	"encoding/hex"
)

// Size is the length of an id in bytes; its text has twice as many hex digits.
const Size = 32

// baseSize is the length of the id's first half. The second half is a MAC of
// the first, which tells to which namespace an id belongs.
const baseSize = Size / 2

// ID is a Durable Object id. IDs are comparable, and two of them are equal
// when their bytes are. The zero ID belongs to no namespace.
type ID struct {
	bytes        [Size]byte
	jurisdiction Jurisdiction
}

// String returns the id as 64 lower-case hex digits.
func (i ID) String() string { return hex.EncodeToString(i.bytes[:]) }

// Bytes returns the id's 32 bytes.
func (i ID) Bytes() [Size]byte { return i.bytes }

// Equal reports whether both ids have the same bytes.
func (i ID) Equal(other ID) bool { return hmac.Equal(i.bytes[:], other.bytes[:]) }

// Jurisdiction returns the jurisdiction that the id was made in, "" for none.
func (i ID) Jurisdiction() Jurisdiction { return i.jurisdiction }
