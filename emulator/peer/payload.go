package peer

import (
	"io"

	"github.com/hashicorp/yamux"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// packing makes the wire's form of a payload. The refs of the payload become the connection's.
type packing struct {
	conn *conn
	refs []reference
	// after is done when the message is on its way.
	after []func()
	err   error
}

var errNoAddress = isolate.Errorf("DataCloneError", "What this stub leads to cannot be reached from another session.")

// pack packs a payload. What it gives back besides is to be called when the message is on its way.
func (c *conn) pack(p *platform.Payload) (*payload, func(), error) {
	p.Arrived() // it is on the connection, which has a bound of its own
	to := &packing{conn: c}
	out := &payload{Value: p.Value}
	for _, ref := range p.Refs {
		platform.Carry(ref, to)
	}
	out.Refs = to.refs
	if p.Dispose != nil {
		to.refs = nil
		platform.Carry(p.Dispose, to)
		if len(to.refs) == 1 {
			out.Dispose = &to.refs[0]
		}
	}
	p.Refs, p.Dispose = nil, nil
	if to.err != nil {
		c.takeBack(&message{Payload: out})
	}
	return out, func() {
		for _, f := range to.after {
			f()
		}
	}, to.err
}

// takeBack lets go of what a message holds that will not be sent.
func (c *conn) takeBack(m *message) {
	var streams []uint64
	if p := m.Payload; p != nil {
		refs := p.Refs
		if p.Dispose != nil {
			refs = append(refs[:len(refs):len(refs)], *p.Dispose)
		}
		for _, ref := range refs {
			switch ref.Kind {
			case refStub:
				_ = c.released(ref.Number) // it is there, or gone with the connection
			case refReadable, refWritable:
				streams = append(streams, ref.Number)
			}
		}
	}
	if m.Request != nil && m.Request.Body != nil {
		streams = append(streams, m.Request.Body.Number)
	}
	if m.Response != nil {
		streams = append(streams, m.Response.Socket)
		if m.Response.Body != nil {
			streams = append(streams, m.Response.Body.Number)
		}
	}
	for _, number := range streams {
		if serve := c.takeOffer(number); serve != nil {
			serve(nil, errTooLarge)
			c.closed()
		}
	}
}

// Service implements platform.Carrier.
func (k *packing) Service(t platform.Target) {
	addressed, ok := t.(platform.Addressed)
	if !ok {
		k.err = errNoAddress
		return
	}
	k.refs = append(k.refs, reference{Kind: refService, Address: addressOf(addressed.Address())})
}

// Stub implements platform.Carrier.
func (k *packing) Stub(s platform.Stub) {
	if holder, ok := platform.DistantOf(s).(*holder); ok && holder.to.conn == k.conn {
		k.refs = append(k.refs, reference{Kind: refReturned, Number: holder.to.number})
		k.after = append(k.after, holder.Release)
		return
	}
	k.refs = append(k.refs, reference{Kind: refStub, Number: k.conn.lend(s)})
}

// Readable implements platform.Carrier.
func (k *packing) Readable(b *platform.Body) {
	n := k.conn.offer(func(s *yamux.Stream, err error) { pumpOut(s, err, b) })
	k.refs = append(k.refs, reference{Kind: refReadable, Number: n, Length: b.Length()})
}

// Writable implements platform.Carrier.
func (k *packing) Writable(w *io.PipeWriter) {
	n := k.conn.offer(func(s *yamux.Stream, err error) { k.conn.pumpIn(s, err, w) })
	k.refs = append(k.refs, reference{Kind: refWritable, Number: n})
}

// lend gives the other side a stub, under a number.
func (c *conn) lend(s platform.Stub) uint64 {
	c.mu.Lock()
	if c.failed != nil {
		c.mu.Unlock()
		platform.Drop(s)
		return 0
	}
	c.last++
	n := c.last
	c.stubs[n] = s
	c.mu.Unlock()
	return n
}

// lent is a share of a stub that the other side has.
func (c *conn) lent(n uint64) (platform.Stub, error) {
	c.mu.Lock()
	s := c.stubs[n]
	c.mu.Unlock()
	if s == nil {
		return nil, protocolError("it has no stub %d", n)
	}
	return platform.Share(s).(platform.Stub), nil
}

// released lets go of a stub that the other side had.
func (c *conn) released(n uint64) error {
	c.mu.Lock()
	s := c.stubs[n]
	delete(c.stubs, n)
	c.mu.Unlock()
	if s == nil {
		return protocolError("it has no stub %d", n)
	}
	platform.Drop(s)
	return nil
}

// unpack is the payload that came. An error is one of the protocol.
func (c *conn) unpack(p *payload) (platform.Payload, error) {
	out := platform.Payload{Value: p.Value}
	for _, r := range p.Refs {
		ref, err := c.reference(r)
		if err != nil {
			out.Drop()
			return platform.Payload{}, err
		}
		out.Refs = append(out.Refs, ref)
	}
	if p.Dispose != nil {
		ref, err := c.reference(*p.Dispose)
		if err != nil {
			out.Drop()
			return platform.Payload{}, err
		}
		out.Dispose = ref
	}
	return out, nil
}

func (c *conn) reference(r reference) (platform.Ref, error) {
	switch r.Kind {
	case refService:
		return platform.ServiceRef(c.network.find(r.Address.platform())), nil
	case refStub:
		value, err := c.borrow(r.Number)
		if err != nil {
			return nil, err
		}
		return platform.StubRef(value), nil
	case refReturned:
		return c.lent(r.Number)
	case refReadable:
		return platform.ReadableRef(c.receiveBody(r.Number, max(r.Length, -1))), nil
	}
	ref, reader := platform.WritableRef()
	written := platform.StreamBody(reader, -1)
	c.open(r.Number, func(s *yamux.Stream, err error) { pumpOut(s, err, written) })
	return ref, nil
}

func addressOf(a platform.Address) *address {
	return &address{Worker: a.Worker, Entrypoint: a.Entrypoint, Props: a.Props, Class: a.Class, Object: a.Object, Name: a.Name}
}

func (a *address) platform() platform.Address {
	return platform.Address{Worker: a.Worker, Entrypoint: a.Entrypoint, Props: a.Props, Class: a.Class, Object: a.Object, Name: a.Name}
}
