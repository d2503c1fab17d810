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
	// charge counts the message with the isolate that sent it, until another side has it.
	charge *charged
}

// Taken says that the program has had the message, or will not have it: its sender may send more. It may
// be called more than once.
func (m Message) Taken() {
	m.charge.free()
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
	home       *Realm // whose program has this end and has not given it away; nil for none
	forgotten  bool   // nobody will ever take what comes
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
	if s.forgotten {
		s.mu.Unlock()
		f(lost{})
		return
	}
	s.waiting = append(s.waiting, f)
	s.mu.Unlock()
	s.handOver()
}

// lost takes what comes to an end that nobody has.
type lost struct{}

func (lost) Message(m Message)       { m.Taken() }
func (lost) Close(int, string, bool) {}
func (lost) Fail(error)              {}

// forget is called when nobody has this end any more, or will: what comes to it is lost. A connection to elsewhere ends.
func (s *Socket) forget() {
	if s.outgoing {
		s.Drop()
	}
	s.mu.Lock()
	waiting := s.waiting
	s.waiting, s.forgotten = nil, true
	s.mu.Unlock()
	for _, f := range waiting {
		f(lost{})
	}
}

// move notes which realm's program has this end; nil is none, or somebody outside. While both ends are in one isolate
// nothing from outside can come: the other end does not keep it in memory.
func (s *Socket) move(to *Realm) {
	s.mu.Lock()
	s.home = to
	s.mu.Unlock()
	s.peer.mu.Lock()
	receiver, ok := s.peer.receiver.(*isolateReceiver)
	s.peer.mu.Unlock()
	if ok {
		receiver.peerMoved(to)
	}
}

// at is the realm whose program has this end.
func (s *Socket) at() *Realm {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.home
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
func (s *Socket) end() bool {
	before := s.ended.Swap(true)
	s.mu.Lock()
	receiver, ok := s.receiver.(*isolateReceiver)
	s.mu.Unlock()
	if ok && !before {
		receiver.sentEnd()
	}
	return !before
}

// Send sends a message to the other side. After a close it does nothing.
func (s *Socket) Send(text bool, data []byte) { s.pass(Message{Text: text, Data: data}) }

// Sending counts a message that a program sends with its isolate until the other side has it. Send sends it, once what was
// written is durable.
func Sending(c *isolate.Call, text bool, data []byte) (send func(*Socket)) {
	charge := realmOf(c).chargeTurn(c, len(data)+messageCost)
	return func(s *Socket) { s.pass(Message{Text: text, Data: data, charge: charge}) }
}

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
			s.Attach(newIsolateReceiver(r, c.Turn(), n, s))
			return isolate.Undefined(), nil
		}},
		{Name: "socket.send", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			s := look(r, r.sockets, c.Int(0))
			if s == nil {
				return isolate.Value{}, errNoSocket
			}
			text, data := MessageArgument(c, 1)
			send := Sending(c, text, data)
			c.Turn().Send(func() { send(s) })
			return isolate.Undefined(), nil
		}},
		{Name: "socket.forget", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if s := take(r, r.sockets, c.Int(0)); s != nil {
				s.forget()
			}
			return isolate.Undefined(), nil
		}},
		{Name: "socket.drop", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if s := take(r, r.sockets, c.Int(0)); s != nil {
				c.Turn().Send(func() {
					s.Drop()
					s.mu.Lock()
					receiver, ok := s.receiver.(*isolateReceiver)
					s.mu.Unlock()
					if ok {
						receiver.end()
					}
				})
			}
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
	loop  *isolate.Loop
	turn  func(func(*isolate.Turn) error)
	n     int

	mu    sync.Mutex
	unpin func() // nil while nothing from outside can come
	sent  bool   // the program has closed this end
	got   bool   // the other end is closed
	ended bool
}

func newIsolateReceiver(r *Realm, t *isolate.Turn, n int, s *Socket) *isolateReceiver {
	r.socket("open", "")
	peer := s.peer.at()
	receiver := &isolateReceiver{realm: r, loop: t.Loop(), turn: t.Poster(), n: n, sent: s.ended.Load()}
	receiver.peerMoved(peer)
	return receiver
}

// peerMoved pins the isolate, unless the other end is in it, too.
func (r *isolateReceiver) peerMoved(to *Realm) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch inside := to == r.realm; {
	case r.ended:
	case inside && r.unpin != nil:
		r.unpin()
		r.unpin = nil
	case !inside && r.unpin == nil:
		r.unpin = r.loop.Pin("socket", "a WebSocket taken with accept()")
	}
}

func (r *isolateReceiver) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended = true; r.unpin != nil {
		r.unpin()
		r.unpin = nil
	}
}

// sentEnd and gotEnd tell that one of the two ends is closed. A connection that is half open keeps the isolate in memory.
func (r *isolateReceiver) sentEnd() {
	r.mu.Lock()
	r.sent = true
	got := r.got
	r.mu.Unlock()
	if got {
		r.end()
	}
}

func (r *isolateReceiver) gotEnd() {
	r.mu.Lock()
	r.got = true
	sent := r.sent
	r.mu.Unlock()
	if sent {
		r.end()
	}
}

func (r *isolateReceiver) event(name string, args ...isolate.Value) {
	r.turn(func(t *isolate.Turn) error {
		return t.Deliver(t.Isolate().Engine().Event(name), append([]isolate.Value{isolate.Int(r.n)}, args...)...)
	})
}

func (r *isolateReceiver) Message(m Message) {
	m.charge.free()
	charge := r.realm.charge(len(m.Data) + messageCost)
	r.turn(func(t *isolate.Turn) error {
		defer m.Taken()
		defer charge.free()
		return t.Deliver(t.Isolate().Engine().Event("socket.message"), isolate.Int(r.n), MessageValue(m.Text, m.Data))
	})
}

func (r *isolateReceiver) Close(code int, reason string, clean bool) {
	if clean {
		r.gotEnd()
	} else {
		r.end()
	}
	r.realm.socket("close", CloseText(code, reason))
	r.event("socket.close", isolate.Int(code), isolate.String(reason), isolate.Bool(clean))
}

// CloseText is a close as the journal tells it: its code and its reason.
func CloseText(code int, reason string) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + reason)
}

func (r *isolateReceiver) Fail(err error) {
	r.end()
	r.realm.socket("error", err.Error())
	r.event("socket.error", isolate.String(err.Error()))
}
