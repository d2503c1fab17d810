package platform

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

// Ref is what a value on its way between isolates holds by reference: a stub, a service, a stream. An
// isolate knows the refs that it has by numbers.
type Ref interface {
	// enter gives the ref to a realm. The letter says to JavaScript what it gets: see payload.ts.
	enter(r *Realm) (letter byte, number int)
	// share makes another ref to the same, which is let go of for itself.
	share() Ref
	// drop lets go.
	drop()
}

// ServiceRef is a ref to an entrypoint of a Worker or to an object.
func ServiceRef(t Target) Ref { return serviceRef{t} }

type serviceRef struct{ to Target }

func (s serviceRef) enter(r *Realm) (byte, int) { return 'f', keep(r, &r.refs, Ref(s)) }
func (s serviceRef) share() Ref                 { return s }
func (s serviceRef) drop()                      {}

// readRef is a stream that the receiver reads.
type readRef struct{ body *Body }

func (s readRef) enter(r *Realm) (byte, int) { return 'r', keep(r, &r.bodies, s.body) }
func (s readRef) share() Ref                 { return s }
func (s readRef) drop()                      { s.body.Close() }

// writeRef is a stream that the receiver writes.
type writeRef struct{ to *writer }

func (s writeRef) enter(r *Realm) (byte, int) { return 'w', keep(r, &r.writers, s.to) }
func (s writeRef) share() Ref                 { return s }
func (s writeRef) drop()                      { s.to.drop() }

// errWriterGone is what the reader of a WritableStream gets when the writer is gone, in workerd's words.
var errWriterGone = isolate.Errorf("Error", "WritableStream received over RPC was disconnected because the remote execution context has ended.")

// AddRef gives a ref to the isolate; the result is its number.
func (r *Realm) AddRef(ref Ref) int {
	_, n := ref.enter(r)
	return n
}

// Payload is a value on its way from one isolate to another.
type Payload struct {
	// Value is a primitive value, or bytes in the structured-clone format.
	Value isolate.Value
	// Refs are what the bytes hold by reference, in their order.
	Refs []Ref
	// Dispose is let go of when the receiver has no more use for the value; nil if the sender does not
	// ask for that.
	Dispose Ref
	// charge counts the value with the isolate that sent it, until it has arrived.
	charge *charged
}

// Arrived tells that the value is not kept for its sender any more.
func (p *Payload) Arrived() {
	p.charge.free()
	p.charge = nil
}

// Drop lets go of what a payload holds that nobody will receive.
func (p *Payload) Drop() {
	p.Arrived()
	refs, dispose := p.Refs, p.Dispose
	p.Refs, p.Dispose = nil, nil
	for _, ref := range refs {
		ref.drop()
	}
	if dispose != nil {
		dispose.drop()
	}
}

// payloadHead marks bytes in front of which stand the letters and numbers of refs.
const payloadHead = 0xFE

// receive gives a payload to the realm's isolate, in the form that payload.ts reads. What JSON can say whole
// is parsed by the engine itself, which is much faster than a program of its own.
func (r *Realm) receive(p *Payload) isolate.Value {
	defer p.Arrived()
	data := p.Value.Data()
	if len(p.Refs) == 0 && p.Dispose == nil {
		if text, ok := serialized.AppendJSON(nil, data); ok {
			return isolate.JSON(text)
		}
		return p.Value
	}
	b := make([]byte, 0, len(data)+8*len(p.Refs)+16)
	b = append(b, payloadHead)
	for _, ref := range p.Refs {
		letter, n := ref.enter(r)
		b = append(strconv.AppendInt(append(b, letter), int64(n), 10), ',')
	}
	if p.Dispose != nil {
		_, n := p.Dispose.enter(r)
		b = append(strconv.AppendInt(append(b, 'd'), int64(n), 10), ',')
	}
	p.Refs, p.Dispose = nil, nil
	return isolate.Bytes(append(append(b, '\n'), data...))
}

// send takes the refs of a payload out of the realm. The text has their numbers between commas; that
// of the one to dispose of has a d before it.
func (r *Realm) send(p *Payload, numbers string) {
	if numbers == "" {
		return
	}
	for text := range strings.SplitSeq(numbers, ",") {
		digits, disposer := strings.CutPrefix(text, "d")
		n, err := strconv.Atoi(digits)
		if err != nil {
			continue
		}
		ref := r.takeRef(n)
		switch {
		case ref == nil:
		case disposer:
			p.Dispose = ref
		default:
			p.Refs = append(p.Refs, ref)
		}
	}
}

func (r *Realm) takeRef(n int) Ref {
	if ref := take(r, r.refs, n); ref != nil {
		if s, ok := ref.(*stubRef); ok {
			s.leave()
		}
		return ref
	}
	if b := take(r, r.bodies, n); b != nil {
		return readRef{b}
	}
	return nil
}

func refOps() []isolate.Op {
	return []isolate.Op{
		{Name: "rpc.dup", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			ref := look(r, r.refs, c.Int(0))
			if ref == nil {
				return isolate.Value{}, errNoRef
			}
			return isolate.Int(r.AddRef(ref.share())), nil
		}},
		{Name: "rpc.own", Run: func(c *isolate.Call) (isolate.Value, error) {
			r, p := realmOf(c), Payload{Value: isolate.Bytes(c.Bytes(0))}
			r.send(&p, c.String(1))
			return r.receive(&p), nil
		}},
		{Name: "rpc.drop", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if ref := r.takeRef(c.Int(0)); ref != nil {
				ref.drop()
			}
			return isolate.Undefined(), nil
		}},
		{Name: "rpc.fetcher", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			s, ok := look(r, r.refs, c.Int(0)).(serviceRef)
			if !ok {
				return isolate.Value{}, errNoRef
			}
			return isolate.Int(r.AddFetcher(s.to)), nil
		}},
		{Name: "rpc.token", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			s, ok := look(r, r.refs, c.Int(0)).(serviceRef)
			if !ok {
				return isolate.Value{}, errNoRef
			}
			named, ok := s.to.(Addressed)
			if !ok {
				return isolate.Value{}, isolate.Errorf("DataCloneError", "ServiceStub cannot be serialized in this context.")
			}
			token, err := json.Marshal(named.Address())
			return isolate.String(string(token)), err
		}},
		{Name: "rpc.fromToken", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			var a Address
			if err := json.Unmarshal([]byte(c.String(0)), &a); err != nil {
				return isolate.Value{}, isolate.Errorf("DataCloneError", "Unable to deserialize cloned data.")
			}
			to, err := r.Find(a)
			if err != nil {
				return isolate.Value{}, err
			}
			return isolate.Int(r.AddRef(ServiceRef(to))), nil
		}},
		{Name: "rpc.pipe", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			reader, pipe := io.Pipe()
			body := keep(r, &r.bodies, &Body{stream: reader, length: -1})
			ref := keep(r, &r.refs, Ref(writeRef{&writer{pipe: pipe, gone: errWriterGone}}))
			return isolate.JSON(fmt.Appendf(nil, "[%d,%d]", body, ref)), nil
		}},
	}
}

var errNoRef = isolate.Errorf("Error", "RPC stub used after being disposed.")
