package durable

import (
	"strings"

	"github.com/doemu/doemu/durable/id"
	"github.com/doemu/doemu/emulator/platform"
)

// Elsewhere is the namespace of a class that another process implements. It makes ids as that does; target
// gives the way to an object.
func Elsewhere(uniqueKey string, target func(hex, name string) platform.Target) *Namespace {
	return &Namespace{key: uniqueKey, ids: id.NewNamespace(uniqueKey), elsewhere: target}
}

// Here tells whether the objects are in this process.
func (n *Namespace) Here() bool { return n.elsewhere == nil }

// At is the object with an id, given in hex digits, wherever it is in memory. The name is what the caller
// knows it by, or "".
func (n *Namespace) At(hex, name string) (platform.Target, error) {
	if _, err := n.ids.FromString(hex); err != nil {
		return nil, toJS(err)
	}
	return n.anywhere(hex, name), nil
}

// anywhere leads to an object wherever it is, as a stub does that was passed on.
func (n *Namespace) anywhere(hex, name string) platform.Target {
	if n.elsewhere != nil {
		return n.elsewhere(hex, name)
	}
	return anyPlace{n, hex, name}
}

// bind gives an object its place in memory, if that is in this process, and the place's number.
func (n *Namespace) bind(hex, name string) uint64 {
	if n.elsewhere != nil {
		return 1 // the other process binds with each call
	}
	return n.Object(hex, name).serial
}

// bound is the object that a stub was bound to; see object.
func (n *Namespace) bound(hex, name string, serial uint64) (platform.Target, error) {
	if n.elsewhere != nil {
		return n.elsewhere(hex, name), nil
	}
	return n.object(hex, name, serial)
}

// anyPlace is an object of this process. It implements platform.Addressed.
type anyPlace struct {
	namespace *Namespace
	id, name  string
}

func (a anyPlace) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	a.namespace.Object(a.id, a.name).Fetch(req, reply)
}

func (a anyPlace) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	a.namespace.Object(a.id, a.name).Call(inv, reply)
}

// Address implements platform.Addressed. The name of a class has no hyphen.
func (a anyPlace) Address() platform.Address {
	hyphen := strings.LastIndexByte(a.namespace.key, '-')
	return platform.Address{Worker: a.namespace.key[:hyphen], Class: a.namespace.key[hyphen+1:], Object: a.id, Name: a.name}
}
