package platform

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/doemu/doemu/emulator/isolate"
)

// Receiver takes what comes to one end of a connection, in order. Its methods do not wait.
type Receiver interface {
	Message(m Message)
	// Close is the other side's close; clean is false when it just went away (code 1006).
	Close(code int, reason string, clean bool)
	// Fail is an error of the protocol.
	Fail(err error)
}

// Message is a message on its way.
type Message struct {
	Text bool
	Data []byte
	// taken is called, perhaps more than once, when the program has had the message.
	taken func()
}

// Taken says that the program has had the message, or will not have it: its sender may send more. It may
// be called more than once.
func (m Message) Taken() {
	if m.taken != nil {
		m.taken()
	}
}

// Socket is one end of a WebSocket connection. It belongs to no isolate: an isolate refers to it by
// a number, and an object keeps it while it is not in memory. It is safe for use by many goroutines.
type Socket struct {
	peer *Socket
	// outgoing tells that the program got this end with the response to a request of its own.
	outgoing bool
	// ended tells whether this end sent its close, or went away.
	ended atomic.Bool

	mu         sync.Mutex
	receiver   Receiver
	waiting    []func(Receiver) // what has not been handed over
	delivering bool
}

// NewPair makes the two ends of a connection.
func NewPair() (a, b *Socket) {
	a, b = &Socket{}, &Socket{}
	a.peer, b.peer = b, a
	return a, b
}

// Attach sets who takes what comes; what came before is handed over first.
func (s *Socket) Attach(r Receiver) {
	s.mu.Lock()
	s.receiver = r
	s.mu.Unlock()
	s.handOver()
}

func (s *Socket) deliver(f func(Receiver)) {
	s.mu.Lock()
	s.waiting = append(s.waiting, f)
	s.mu.Unlock()
	s.handOver()
}

// handOver gives the receiver what waits, in order and without the lock: a receiver may send at once, and
// what that brings back is handed over after what it is taking now.
func (s *Socket) handOver() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.delivering {
		return
	}
	s.delivering = true
	for s.receiver != nil && len(s.waiting) > 0 {
		f, r := s.waiting[0], s.receiver
		s.waiting = s.waiting[1:]
		s.mu.Unlock()
		f(r)
		s.mu.Lock()
	}
	s.delivering = false
	if len(s.waiting) == 0 {
		s.waiting = nil
	}
}

// end marks this end as closed; it is false when it was already.
func (s *Socket) end() bool { return !s.ended.Swap(true) }

// Send sends a message to the other side. After a close it does nothing.
func (s *Socket) Send(text bool, data []byte) { s.pass(Message{Text: text, Data: data}) }

func (s *Socket) pass(m Message) {
	if s.ended.Load() {
		m.Taken()
		return
	}
	s.peer.deliver(func(r Receiver) { r.Message(m) })
}

// Close tells the other side that nothing more comes. Code 1005 is a close without a code.
func (s *Socket) Close(code int, reason string) {
	if s.end() {
		s.peer.deliver(func(r Receiver) { r.Close(code, reason, true) })
	}
}

// goneReason is what workerd says of a connection that just ended.
const goneReason = "WebSocket disconnected without sending Close frame."

// Drop ends the connection without a close.
func (s *Socket) Drop() {
	if s.end() {
		s.peer.deliver(func(r Receiver) { r.Close(1006, goneReason, false) })
	}
}

// Fail tells the other side of an error in the protocol, and ends the connection.
func (s *Socket) Fail(err error) {
	if s.end() {
		s.peer.deliver(func(r Receiver) { r.Fail(err) })
	}
}

// errNoSocket is for a socket that is not connected, or that was given away.
var errNoSocket = isolate.Errorf("InvalidStateError", "The WebSocket is not connected.")

func socketOps() []isolate.Op {
	return []isolate.Op{
		{Name: "socket.pair", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			a, b := NewPair()
			return jsonValue([2]int{keep(r, &r.sockets, a), keep(r, &r.sockets, b)})
		}},
		{Name: "socket.accept", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			n := c.Int(0)
			s := look(r, r.sockets, n)
			if s == nil {
				return isolate.Value{}, errNoSocket
			}
			if r.Accepted != nil {
				stack := c.Stack
				if !c.IsUndefined(1) {
					stack = func() string { return c.String(1) }
				}
				r.Accepted(s.outgoing, stack)
			}
			s.Attach(newIsolateReceiver(r, c.Turn(), n))
			return isolate.Undefined(), nil
		}},
		{Name: "socket.send", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			s := look(r, r.sockets, c.Int(0))
			if s == nil {
				return isolate.Value{}, errNoSocket
			}
			text, data := MessageArgument(c, 1)
			c.Turn().Send(func() { s.Send(text, data) })
			return isolate.Undefined(), nil
		}},
		{Name: "socket.close", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			s, code, reason := look(r, r.sockets, c.Int(0)), c.Int(1), c.String(2)
			if s == nil {
				return isolate.Value{}, errNoSocket
			}
			c.Turn().Send(func() { s.Close(code, reason) })
			return isolate.Undefined(), nil
		}},
	}
}

// MessageArgument is a message as JavaScript gives it: a string or bytes.
func MessageArgument(c *isolate.Call, n int) (text bool, data []byte) {
	if c.IsString(n) {
		return true, []byte(c.String(n))
	}
	return false, c.Bytes(n)
}

// MessageValue is a message as JavaScript gets it.
func MessageValue(text bool, data []byte) isolate.Value {
	if text {
		return isolate.String(validText(data))
	}
	return isolate.Bytes(data)
}

// TakeSocket takes a socket out of the isolate: JavaScript's number is not valid any more.
func (r *Realm) TakeSocket(n int) *Socket { return take(r, r.sockets, n) }

// isolateReceiver delivers what comes as events of the isolate that accepted the socket.
type isolateReceiver struct {
	realm *Realm
	turn  func(func(*isolate.Turn) error)
	n     int
	unpin func()
}

func newIsolateReceiver(r *Realm, t *isolate.Turn, n int) *isolateReceiver {
	r.socket("open", "")
	return &isolateReceiver{realm: r, turn: t.Poster(), n: n, unpin: t.Loop().Pin("socket", "a WebSocket taken with accept()")}
}

func (r *isolateReceiver) event(name string, args ...isolate.Value) {
	r.turn(func(t *isolate.Turn) error {
		return t.Deliver(t.Isolate().Engine().Event(name), append([]isolate.Value{isolate.Int(r.n)}, args...)...)
	})
}

func (r *isolateReceiver) Message(m Message) {
	r.turn(func(t *isolate.Turn) error {
		defer m.Taken()
		return t.Deliver(t.Isolate().Engine().Event("socket.message"), isolate.Int(r.n), MessageValue(m.Text, m.Data))
	})
}

func (r *isolateReceiver) Close(code int, reason string, clean bool) {
	r.unpin()
	r.realm.socket("close", CloseText(code, reason))
	r.event("socket.close", isolate.Int(code), isolate.String(reason), isolate.Bool(clean))
}

// CloseText is a close as the journal tells it: its code and its reason.
func CloseText(code int, reason string) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + reason)
}

func (r *isolateReceiver) Fail(err error) {
	r.unpin()
	r.realm.socket("error", err.Error())
	r.event("socket.error", isolate.String(err.Error()))
}
