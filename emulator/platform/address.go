package platform

import (
	"encoding/json"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

// Address says where a Target is among all Workers that a person runs: it leads there from every process.
type Address struct {
	// Worker is the name of the Worker.
	Worker string
	// Entrypoint is the export that takes requests and calls, "" for the default one, with ctx.props as JSON,
	// or nil.
	Entrypoint string
	Props      []byte
	// Class is the Durable Object class if it is an object's address, Object its id in hex digits and Name
	// the name that the caller knows it by, or "".
	Class, Object, Name string
}

// Addressed is a Target that has an address.
type Addressed interface {
	Target
	Address() Address
}

// UniqueKey is that of the namespace that an object's address is in: <Worker>-<Class>.
func (a Address) UniqueKey() string { return a.Worker + "-" + a.Class }

// SplitUniqueKey tells which Worker and class a namespace's unique key is made of. The name of a class has no
// hyphen.
func SplitUniqueKey(key string) (worker, class string) {
	hyphen := strings.LastIndexByte(key, '-')
	return key[:max(hyphen, 0)], key[hyphen+1:]
}

// token is an address as it is stored.
type token struct {
	Worker     string `json:"worker,omitempty"`
	Entrypoint string `json:"entrypoint,omitempty"`
	Props      []byte `json:"props,omitempty"`

	Namespace string `json:"namespace,omitempty"`
	Object    string `json:"object,omitempty"`
	Name      string `json:"name,omitempty"`
}

// Token is the address as a text, in which a stub is stored and goes into ctx.props; see Tokener.
func (a Address) Token() string {
	t := token{Worker: a.Worker, Entrypoint: a.Entrypoint, Props: a.Props}
	if a.Class != "" {
		t = token{Namespace: a.UniqueKey(), Object: a.Object, Name: a.Name}
	}
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings and bytes always have a JSON form
	}
	return string(text)
}

// ParseToken reads what Token made.
func ParseToken(text string) (Address, error) {
	var t token
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return Address{}, isolate.Errorf("Error", "A stored stub is damaged.")
	}
	a := Address{Worker: t.Worker, Entrypoint: t.Entrypoint, Props: t.Props, Object: t.Object, Name: t.Name}
	if t.Namespace != "" {
		a.Worker, a.Class = SplitUniqueKey(t.Namespace)
	}
	return a, nil
}
