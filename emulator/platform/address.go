package platform

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
