package id

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strings"
)

// Jurisdiction names a set of places that an object may live in. doemu runs
// every object on one machine: a jurisdiction only becomes part of the ids.
//
// https://developers.cloudflare.com/durable-objects/reference/data-location/
type Jurisdiction string

// Jurisdictions returns the jurisdictions that Cloudflare has.
func Jurisdictions() []Jurisdiction {
	return []Jurisdiction{"eu", "fedramp", "fedramp-high", "us"}
}

// Within returns the subnamespace of a jurisdiction: the ids it makes carry
// the jurisdiction, and [Namespace.Check] refuses ids of any other. "" is the
// namespace without restriction. An unknown jurisdiction is an [*Error].
//
// https://developers.cloudflare.com/durable-objects/api/namespace/#jurisdiction
func (n Namespace) Within(j Jurisdiction) (Namespace, error) {
	if j != "" && !slices.Contains(Jurisdictions(), j) {
		var known []string
		for _, k := range Jurisdictions() {
			known = append(known, `"`+string(k)+`"`)
		}
		return Namespace{}, &Error{
			Class: "TypeError",
			Message: `Invalid jurisdiction: "` + string(j) + `". Durable Object jurisdictions are ` +
				strings.Join(known, ", ") + ".",
		}
	}
	return n.within(j), nil
}

// Jurisdiction returns the jurisdiction the namespace is restricted to, "" for
// none.
func (n Namespace) Jurisdiction() Jurisdiction { return n.jurisdiction }

// Check is what a namespace asks of an id before it makes a stub: a
// subnamespace takes only ids of its own jurisdiction. As in workerd, it does
// not ask whether the id belongs to the namespace.
func (n Namespace) Check(i ID) error {
	if n.jurisdiction == "" || n.jurisdiction == i.jurisdiction {
		return nil
	}
	return &Error{
		Class:   "TypeError",
		Message: "get called on jurisdictional subnamespace with an ID from a different jurisdiction",
	}
}

// within derives a key for each jurisdiction, so that an id's MAC tells its
// jurisdiction, the same name has another id in each, and nothing changes for
// ids without one.
func (n Namespace) within(j Jurisdiction) Namespace {
	sub := Namespace{root: n.root, key: n.root, jurisdiction: j}
	if j != "" {
		h := hmac.New(sha256.New, n.root[:])
		h.Write([]byte("jurisdiction\x00" + j))
		sub.key = [sha256.Size]byte(h.Sum(nil))
	}
	return sub
}
