package id

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Namespace makes and checks the ids of one Durable Object class.
//
// https://developers.cloudflare.com/durable-objects/api/namespace/
type Namespace struct {
	root         [sha256.Size]byte
	key          [sha256.Size]byte
	jurisdiction Jurisdiction
}

// NewNamespace returns the namespace with the given unique key, which wrangler
// derives as "<worker name>-<class name>".
func NewNamespace(uniqueKey string) Namespace {
	root := sha256.Sum256([]byte(uniqueKey))
	return Namespace{root: root, key: root}
}

// FromName returns the id of the object with the given name. The name is
// hashed as the bytes that it has, so a caller that holds a lone surrogate
// passes it in its three-byte form.
//
// https://developers.cloudflare.com/durable-objects/api/namespace/#idfromname
func (n Namespace) FromName(name string) ID {
	return n.seal(mac(n.key, []byte(name)))
}

// New returns an id whose first half is read from random.
//
// https://developers.cloudflare.com/durable-objects/api/namespace/#newuniqueid
func (n Namespace) New(random io.Reader) (ID, error) {
	var base [baseSize]byte
	if _, err := io.ReadFull(random, base[:]); err != nil {
		return ID{}, fmt.Errorf("make unique id: %w", err)
	}
	return n.seal(base), nil
}

// FromString parses an id of this namespace, made in whatever jurisdiction.
// Its errors are of type [*Error].
//
// https://developers.cloudflare.com/durable-objects/api/namespace/#idfromstring
func (n Namespace) FromString(text string) (ID, error) {
	var bytes [Size]byte
	if len(text) != 2*Size {
		return ID{}, errNotHex()
	}
	if _, err := hex.Decode(bytes[:], []byte(text)); err != nil {
		return ID{}, errNotHex()
	}
	for _, j := range append([]Jurisdiction{""}, Jurisdictions()...) {
		if want := n.within(j).seal([baseSize]byte(bytes[:baseSize])); want.bytes == bytes {
			return want, nil
		}
	}
	return ID{}, &Error{Class: "TypeError", Message: "Durable Object ID is not valid for this namespace."}
}

// seal appends the MAC to an id's first half.
func (n Namespace) seal(base [baseSize]byte) ID {
	i := ID{jurisdiction: n.jurisdiction}
	tag := mac(n.key, base[:])
	copy(i.bytes[:], base[:])
	copy(i.bytes[baseSize:], tag[:])
	return i
}

func mac(key [sha256.Size]byte, message []byte) [baseSize]byte {
	h := hmac.New(sha256.New, key[:])
	h.Write(message)
	return [baseSize]byte(h.Sum(nil)[:baseSize])
}
