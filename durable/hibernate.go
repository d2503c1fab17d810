package durable

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// mostSockets is how many WebSockets an object can have.
const mostSockets = 32 << 10

// sockets are the WebSockets that an object accepted for hibernation. They belong to the object's
// place in memory, not to its heap: they stay connected while the object is not in memory.
//
// https://developers.cloudflare.com/durable-objects/best-practices/websockets/
type sockets struct {
	object *Object

	mu       sync.Mutex
	all      []*socket // oldest first
	last     int
	request  string // of the automatic response; both empty for none
	response string
	auto     bool
	// frames are the newest that went over any of them, a ring once it is full.
	frames    []Frame
	nextFrame int
	// eventTime is how long the handler of an event may take; 0 is no limit.
	eventTime time.Duration
}

// socket is one of them. It takes what its connection brings.
type socket struct {
	*platform.Socket
	object     *Object
	number     int
	tags       []string
	opened     time.Time
	attachment []byte      // under the lock of sockets
	answered   time.Time   // when it was last answered automatically, under the lock of sockets
	sentClose  atomic.Bool // the object closed it
	line       line
	dropped    atomic.Bool // the object does not want to hear of it any more
}

// limit is how long the handler of an event may take, or 0.
func (s *sockets) limit() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.eventTime
}

func (s *sockets) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all)
}

func (s *sockets) find(number int) *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sock := range s.all {
		if sock.number == number {
			return sock
		}
	}
	return nil
}

func (s *sockets) remove(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(o *socket) bool { return o == sock })
}

func (s *sockets) takeAll() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	for _, sock := range all {
		sock.dropped.Store(true)
	}
	return all
}

// dropAll ends the connections as a reset does: without a close.
func (s *sockets) dropAll() {
	for _, sock := range s.takeAll() {
		sock.Drop()
	}
}

// closeAll ends the connections because doemu ends.
func (s *sockets) closeAll() {
	for _, sock := range s.takeAll() {
		sock.Close(1001, "doemu is shutting down")
	}
}

// list gives sockets in the order of getWebSockets: newest first, or oldest first with a tag.
func (s *sockets) list(tag *string) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	numbers := []int{}
	for _, sock := range s.all {
		if tag == nil || slices.Contains(sock.tags, *tag) {
			numbers = append(numbers, sock.number)
		}
	}
	if tag == nil {
		slices.Reverse(numbers)
	}
	return numbers
}

// answer answers a message automatically, if it is the one that is answered so.
func (s *sockets) answer(sock *socket, message string) bool {
	s.mu.Lock()
	match := s.auto && message == s.request && !sock.sentClose.Load()
	response := s.response
	if match {
		sock.answered = s.object.namespace.now()
	}
	s.mu.Unlock()
	if match {
		sock.seen(true, true, []byte(message), true)
		sock.seen(false, true, []byte(response), true)
		sock.Send(true, []byte(response))
	}
	return match
}

// send sends a message to the client.
func (s *socket) send(text bool, data []byte) {
	s.seen(false, text, data, false)
	s.Send(text, data)
}

// close closes the connection on the object's side.
func (s *socket) close(code int, reason string) {
	s.sentClose.Store(true)
	s.seenClose(false, closeText(code, reason))
	s.Socket.Close(code, reason)
}

func closeText(code int, reason string) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + reason)
}

func (s *socket) message(text bool, data []byte) {
	if text && s.object.sockets.answer(s, string(data)) {
		return
	}
	s.seen(true, text, data, false)
	s.arrive(text, data, false)
}

// arrive gives a message to the program; one that was delayed by a fault meets no other.
func (s *socket) arrive(text bool, data []byte, delayed bool) {
	if !delayed && !s.passes(func() { s.arrive(text, data, true) }) {
		return
	}
	s.event(journal.SocketMessage, describe(text, data), func(t *isolate.Turn, call isolate.Value) error {
		return t.Deliver(s.object.event("object.message"), call, isolate.Int(s.number), platform.MessageValue(text, data))
	})
}

// describe says in a few words what a message is.
func describe(text bool, data []byte) string {
	kind := "binary"
	if text {
		kind = "text"
	}
	return kind + ", " + strconv.Itoa(len(data)) + " bytes"
}

func (s *socket) event(kind journal.Kind, detail string, deliver func(t *isolate.Turn, call isolate.Value) error) {
	o := s.object
	if s.dropped.Load() {
		return
	}
	trace := o.traced("socket", func() map[string]any { return socketEvent(kind, detail) })
	var limit *clock.Timer
	c, ok := o.begin(journal.Event{Kind: kind, Detail: detail}, trace, func(error) {
		if limit != nil {
			limit.Stop()
		}
	})
	if !ok {
		return
	}
	o.post(c, 0, func(t *isolate.Turn) error {
		if d := o.sockets.limit(); d > 0 {
			limit = o.limit(t, d, "a handler of a WebSocket", func() bool { return o.open(c.id) }, errEventTime)
		}
		return deliver(t, isolate.Number(float64(c.id)))
	})
}

// receiver is a socket as its connection sees it.
type receiver struct{ *socket }

// Message implements platform.Receiver.
func (r receiver) Message(text bool, data []byte) { r.socket.message(text, data) }

// Close implements platform.Receiver. The socket is listed until the handler's first turn has ended.
func (r receiver) Close(code int, reason string, clean bool) {
	s := r.socket
	s.seenClose(true, closeText(code, reason))
	s.event(journal.SocketClose, closeText(code, reason), func(t *isolate.Turn, call isolate.Value) error {
		defer s.object.sockets.remove(s)
		return t.Deliver(s.object.event("object.closed"), call, isolate.Int(s.number), isolate.Int(code), isolate.String(reason), isolate.Bool(clean))
	})
}

// Fail implements platform.Receiver.
func (r receiver) Fail(err error) {
	s := r.socket
	s.event(journal.SocketError, err.Error(), func(t *isolate.Turn, call isolate.Value) error {
		defer s.object.sockets.remove(s)
		return t.Deliver(s.object.event("object.failed"), call, isolate.Int(s.number), isolate.String(err.Error()))
	})
}

func (s *sockets) accept(end *platform.Socket, tags []string) (int, error) {
	s.mu.Lock()
	if len(s.all) >= mostSockets {
		s.mu.Unlock()
		return 0, isolate.Errorf("Error", "only %d websockets can be accepted on a single Durable Object instance", mostSockets)
	}
	s.last++
	sock := &socket{Socket: end, object: s.object, number: s.last, tags: tags, opened: s.object.namespace.now()}
	s.all = append(s.all, sock)
	s.mu.Unlock()
	s.object.record(journal.Event{Kind: journal.SocketOpen, Detail: strings.TrimSpace("hibernatable " + strings.Join(tags, ", "))})
	end.Attach(receiver{sock})
	return sock.number, nil
}

func hibernateOps() []isolate.Op {
	find := func(c *isolate.Call) *socket { return objectOf(c).sockets.find(c.Int(0)) }
	return []isolate.Op{
		{Name: "hibernate.accept", Run: func(c *isolate.Call) (isolate.Value, error) {
			var tags []string
			if err := json.Unmarshal([]byte(c.String(1)), &tags); err != nil {
				return isolate.Value{}, err
			}
			end := c.Owner().(realmOwner).Realm().TakeSocket(c.Int(0))
			n, err := objectOf(c).sockets.accept(end, tags)
			return isolate.Int(n), err
		}},
		{Name: "hibernate.list", Run: func(c *isolate.Call) (isolate.Value, error) {
			var tag *string
			if !c.IsUndefined(0) {
				text := c.String(0)
				tag = &text
			}
			return jsonList(objectOf(c).sockets.list(tag), nil)
		}},
		{Name: "hibernate.state", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := find(c)
			return isolate.Bool(s == nil || s.sentClose.Load()), nil
		}},
		{Name: "hibernate.send", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				text, data := platform.MessageArgument(c, 1)
				c.Turn().Send(func() { s.send(text, data) })
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.close", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				code, reason := c.Int(1), c.String(2)
				s.sentClose.Store(true)
				c.Turn().Send(func() { s.close(code, reason) })
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.tags", Run: func(c *isolate.Call) (isolate.Value, error) {
			tags := []string{}
			if s := find(c); s != nil {
				tags = append(tags, s.tags...)
			}
			return jsonList(tags, nil)
		}},
		{Name: "hibernate.attach", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				attachment, all := c.Bytes(1), &s.object.sockets
				all.mu.Lock()
				s.attachment = attachment
				all.mu.Unlock()
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.attachment", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil && s.attachment != nil {
				return isolate.Bytes(s.attachment), nil
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.setAutoResponse", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := &objectOf(c).sockets
			s.mu.Lock()
			defer s.mu.Unlock()
			s.auto, s.request, s.response = !c.IsUndefined(0), c.String(0), c.String(1)
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.autoResponse", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := &objectOf(c).sockets
			s.mu.Lock()
			defer s.mu.Unlock()
			if !s.auto {
				return isolate.Null(), nil
			}
			return jsonList([2]string{s.request, s.response}, nil)
		}},
		{Name: "hibernate.setEventTimeout", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := &objectOf(c).sockets
			s.mu.Lock()
			defer s.mu.Unlock()
			s.eventTime = time.Duration(c.Number(0)) * time.Millisecond
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.eventTimeout", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Number(float64(objectOf(c).sockets.limit().Milliseconds())), nil
		}},
		{Name: "hibernate.autoResponseTime", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := find(c)
			if s == nil {
				return isolate.Null(), nil
			}
			all := &s.object.sockets
			all.mu.Lock()
			defer all.mu.Unlock()
			if s.answered.IsZero() {
				return isolate.Null(), nil
			}
			return isolate.Number(float64(s.answered.UnixMilli())), nil
		}},
	}
}

var _ platform.Receiver = receiver{}

// socketEvent is the event of a socket for Tail Workers.
func socketEvent(kind journal.Kind, detail string) map[string]any {
	switch kind {
	case journal.SocketMessage:
		return map[string]any{"webSocketEventType": "message"}
	case journal.SocketClose:
		code, _, _ := strings.Cut(detail, " ")
		n, err := strconv.Atoi(code)
		if err != nil {
			n = 1005
		}
		return map[string]any{"webSocketEventType": "close", "code": n}
	}
	return map[string]any{"webSocketEventType": "error"}
}
