package platform

// Address says where a Target is among all Workers that a person runs: it leads there from every process.
//
// Its JSON is what stored stubs and ctx.props hold.
type Address struct {
	// Worker is the name of the Worker.
	Worker string `json:"worker"`
	// Entrypoint is the export that takes requests and calls, "" for the default one, with ctx.props as JSON or serialized,
	// or nil.
	Entrypoint string `json:"entrypoint,omitempty"`
	Props      []byte `json:"props,omitempty"`
	// Class is the Durable Object class if it is an object's address, Object its id in hex digits and Name
	// the name that the caller knows it by, or "".
	Class  string `json:"class,omitempty"`
	Object string `json:"object,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Addressed is a Target that has an address.
type Addressed interface {
	Target
	Address() Address
}
