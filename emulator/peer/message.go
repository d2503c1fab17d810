package peer

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/fxamacker/cbor/v2"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// kind says what a message is.
type kind uint8

const (
	// What one session asks of the other. Each gets an answer under its number.
	kindCall kind = iota + 1
	kindFetch
	kindEvent
	// The answers.
	kindReturned
	kindResponded
	kindOutcome
	kindFailed
	// kindCancel says that nobody waits for a fetch any more.
	kindCancel
	// kindRelease says that a stub of the receiver's is not used any more.
	kindRelease
)

// message is what travels on a connection's control stream, in order.
type message struct {
	Kind kind   `cbor:"0,keyasint"`
	ID   uint64 `cbor:"1,keyasint,omitempty"` // of what is asked, given by who asks

	// Of calls, fetches and events: to what, by its address or by the number of a stub.
	To   *address `cbor:"2,keyasint,omitempty"`
	Stub uint64   `cbor:"3,keyasint,omitempty"`

	// Path is that of a call, or the kind of an event.
	Path  string `cbor:"4,keyasint,omitempty"`
	Get   bool   `cbor:"5,keyasint,omitempty"`
	Depth int    `cbor:"6,keyasint,omitempty"`

	// Payload is the arguments of a call, its result, or what comes with an event.
	Payload  *payload  `cbor:"7,keyasint,omitempty"`
	Request  *request  `cbor:"8,keyasint,omitempty"`
	Response *response `cbor:"9,keyasint,omitempty"`
	Outcome  []byte    `cbor:"10,keyasint,omitempty"` // of an event, as JSON
	Failure  *failure  `cbor:"11,keyasint,omitempty"`

	size int // in bytes, of one that came
}

type address struct {
	Worker     string `cbor:"0,keyasint"`
	Entrypoint string `cbor:"1,keyasint,omitempty"`
	Props      []byte `cbor:"2,keyasint"`
	Class      string `cbor:"3,keyasint,omitempty"`
	Object     string `cbor:"4,keyasint,omitempty"`
	Name       string `cbor:"5,keyasint,omitempty"`
}

// serializedHead is the first byte of a value in the structured-clone format.
const serializedHead = 0xff

// payload is a value with what it holds by reference.
type payload struct {
	Value   isolate.Value `cbor:"0,keyasint"`
	Refs    []reference   `cbor:"1,keyasint,omitempty"`
	Dispose *reference    `cbor:"2,keyasint,omitempty"`
}

// What a reference leads to.
const (
	refService  = 'f' // an address
	refStub     = 's' // a value of the sender
	refReturned = 'b' // a value of the receiver, by the number that it gave it
	refReadable = 'r' // a stream of the sender
	refWritable = 'w' // a stream that the sender takes
)

type reference struct {
	Kind    byte     `cbor:"0,keyasint"`
	Number  uint64   `cbor:"1,keyasint,omitempty"` // of a value, or of a stream that the receiver is to open
	Length  int64    `cbor:"2,keyasint,omitempty"` // of a stream, if it is known
	Address *address `cbor:"3,keyasint,omitempty"`
}

// body is the content of a request or response: small ones whole, others a stream to open.
type body struct {
	Whole  []byte `cbor:"0,keyasint"`
	Stream bool   `cbor:"3,keyasint,omitempty"`
	Number uint64 `cbor:"1,keyasint,omitempty"`
	Length int64  `cbor:"2,keyasint,omitempty"`
}

type request struct {
	Method  string            `cbor:"0,keyasint"`
	URL     string            `cbor:"1,keyasint"`
	Headers []platform.Header `cbor:"2,keyasint"`
	Body    *body             `cbor:"3,keyasint,omitempty"`
	CF      []byte            `cbor:"4,keyasint"`
}

type response struct {
	Status     int               `cbor:"0,keyasint"`
	StatusText string            `cbor:"1,keyasint,omitempty"`
	Headers    []platform.Header `cbor:"2,keyasint"`
	Body       *body             `cbor:"3,keyasint,omitempty"`
	Socket     uint64            `cbor:"4,keyasint,omitempty"` // a stream to open
}

// failure is an error as it travels: see isolate.Error and platform.HandlerError.
type failure struct {
	Class   string `cbor:"0,keyasint,omitempty"`
	Message string `cbor:"1,keyasint"`
	Props   string `cbor:"2,keyasint,omitempty"`
	Thrown  []byte `cbor:"3,keyasint"`
	Stack   string `cbor:"4,keyasint,omitempty"`
	// Handler tells that a fetch handler threw it, with the stack HandlerStack.
	Handler      bool   `cbor:"5,keyasint,omitempty"`
	HandlerStack string `cbor:"6,keyasint,omitempty"`
}

// Limits of what is taken from the other side.
const (
	// mostMessage is how many bytes a message may have: Cloudflare's 32 MiB for a value, and what is around.
	mostMessage = 32<<20 + 1<<20
	// mostElements is how many references or headers a message may have.
	mostElements = 1 << 16
)

var (
	encoder = must(cbor.EncOptions{}.EncMode())
	decoder = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: mostElements, MaxMapPairs: 32,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, UTF8: cbor.UTF8DecodeInvalid,
	}.DecMode())
)

// must is for options that are right or never were.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var errTooLarge = isolate.Errorf("Error", "What is sent to a Worker of another session may have 33 MiB at most.")

// encode makes the bytes of a message, with their number before them.
func (m *message) encode() ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, 4))
	if err := encoder.NewEncoder(&b).Encode(m); err != nil {
		return nil, err
	}
	frame := b.Bytes()
	size := len(frame) - 4
	if size > mostMessage {
		return nil, errTooLarge
	}
	binary.BigEndian.PutUint32(frame, uint32(size))
	return frame, nil
}

// readMessage reads the next message. What is there grows with what comes, not with what is announced.
func readMessage(r io.Reader) (*message, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > mostMessage {
		return nil, fmt.Errorf("a message of %d bytes", size)
	}
	var content bytes.Buffer
	if _, err := io.CopyN(&content, r, int64(size)); err != nil {
		return nil, err
	}
	return parseMessage(content.Bytes())
}

// parseMessage reads the bytes of a message, and checks what can be wrong with it by itself.
func parseMessage(b []byte) (*message, error) {
	var m message
	if err := decoder.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("read a message: %w", err)
	}
	m.size = len(b)
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("a message of kind %d: %w", m.Kind, err)
	}
	return &m, nil
}

func (m *message) check() error {
	if m.To != nil {
		if err := m.To.check(); err != nil {
			return err
		}
	}
	if m.Payload != nil {
		if err := m.Payload.check(); err != nil {
			return err
		}
	}
	asks := m.To != nil || m.Stub != 0
	switch m.Kind {
	case kindCall:
		return missing(asks && m.Payload != nil)
	case kindFetch:
		if m.To == nil || m.Request == nil {
			return missing(false)
		}
		return m.Request.check()
	case kindEvent:
		return missing(m.To != nil && m.Payload != nil && len(m.Payload.Refs) == 0 && m.Payload.Dispose == nil)
	case kindReturned:
		return missing(m.Payload != nil)
	case kindResponded:
		if m.Response == nil {
			return missing(false)
		}
		return m.Response.check()
	case kindOutcome:
		return missing(json.Valid(m.Outcome))
	case kindFailed:
		if m.Failure == nil {
			return missing(false)
		}
		return m.Failure.check()
	case kindCancel:
		return nil
	case kindRelease:
		return missing(m.Stub != 0)
	}
	return errors.New("no such kind")
}

func missing(there bool) error {
	if there {
		return nil
	}
	return errors.New("something is missing in it")
}

func (a *address) check() error {
	switch {
	case a.Class != "" && a.Object == "":
		return errors.New("an object without an id")
	case len(a.Props) > 0 && a.Props[0] != serializedHead && !json.Valid(a.Props):
		return errors.New("props that are neither serialized nor JSON")
	}
	return nil
}

func (p *payload) check() error {
	refs := p.Refs
	if p.Dispose != nil {
		if p.Dispose.Kind != refStub && p.Dispose.Kind != refReturned {
			return fmt.Errorf("a reference of kind %d to dispose of", p.Dispose.Kind)
		}
		refs = append(refs[:len(refs):len(refs)], *p.Dispose)
	}
	for _, ref := range refs {
		switch ref.Kind {
		case refService:
			if ref.Address == nil {
				return errors.New("a service without an address")
			}
			if err := ref.Address.check(); err != nil {
				return err
			}
		case refStub, refReturned, refReadable, refWritable:
		default:
			return fmt.Errorf("a reference of kind %d", ref.Kind)
		}
	}
	return nil
}

func (r *request) check() error {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil:
		return err
	case u.Host == "" || r.Method == "":
		return errors.New("a request without a method or a host")
	case len(r.CF) > 0 && !json.Valid(r.CF):
		return errors.New("a cf object that is not JSON")
	}
	return nil
}

func (r *response) check() error {
	if r.Status != 101 && (r.Status < 200 || r.Status > 599) {
		return fmt.Errorf("status %d", r.Status)
	}
	if (r.Status == 101) != (r.Socket != 0) {
		return errors.New("status 101 goes with a WebSocket")
	}
	return nil
}

func (f *failure) check() error {
	var props map[string]any
	if f.Props != "" {
		return json.Unmarshal([]byte(f.Props), &props)
	}
	return nil
}

// failureOf is an error on its way.
func failureOf(err error) *failure {
	f := &failure{Message: err.Error()}
	var thrown *isolate.Error
	if errors.As(err, &thrown) {
		*f = failure{Class: thrown.Class, Message: thrown.Message, Props: thrown.Props, Thrown: thrown.Thrown, Stack: thrown.Stack}
	}
	var handler *platform.HandlerError
	if errors.As(err, &handler) {
		f.Handler, f.HandlerStack = true, handler.Stack
	}
	return f
}

// err is the error that came.
func (f *failure) err() error {
	thrown := &isolate.Error{Class: f.Class, Message: f.Message, Props: f.Props, Thrown: f.Thrown, Stack: f.Stack}
	if f.Handler {
		return &platform.HandlerError{Thrown: thrown, Stack: f.HandlerStack}
	}
	return thrown
}
