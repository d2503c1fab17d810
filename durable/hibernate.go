package durable

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
}

// socket is one of them. It takes what its connection brings.
type socket struct {
	*platform.Socket
	object     *Object
	number     int
	tags       []string
	attachment []byte
	answered   time.Time // when it was last answered automatically
	sentClose  bool
	line       line
	dropped    atomic.Bool // the object does not want to hear of it any more
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
func (s *sockets) answer(sock *socket, message []byte) bool {
	s.mu.Lock()
	match := s.auto && string(message) == s.request && !sock.sentClose
	response := s.response
	if match {
		sock.answered = s.object.namespace.now()
	}
	s.mu.Unlock()
	if match {
		sock.Send(true, []byte(response))
	}
	return match
}

func (s *socket) message(m platform.Message) {
	if m.Text && s.object.sockets.answer(s, m.Data) {
		m.Taken()
		return
	}
	s.arrive(m, false)
}

// arrive gives a message to the program; one that was delayed by a fault meets no other.
func (s *socket) arrive(m platform.Message, delayed bool) {
	if !delayed && !s.passes(func() { s.arrive(m, true) }) {
		return
	}
	s.event(journal.SocketMessage, describe(m.Text, m.Data), func(t *isolate.Turn, call isolate.Value) error {
		defer m.Taken()
		return t.Deliver(s.object.event("object.message"), call, isolate.Int(s.number), platform.MessageValue(m.Text, m.Data))
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
	c, ok := o.begin(journal.Event{Kind: kind, Detail: detail}, func(error) {})
	if ok {
		o.post(c, 0, func(t *isolate.Turn) error { return deliver(t, isolate.Number(float64(c.id))) })
	}
}

// receiver is a socket as its connection sees it.
type receiver struct{ *socket }

// Message implements platform.Receiver.
func (r receiver) Message(m platform.Message) { r.socket.message(m) }

// Close implements platform.Receiver. The socket is listed until the handler's first turn has ended.
func (r receiver) Close(code int, reason string, clean bool) {
	s := r.socket
	s.event(journal.SocketClose, strings.TrimSpace(strconv.Itoa(code)+" "+reason), func(t *isolate.Turn, call isolate.Value) error {
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
	sock := &socket{Socket: end, object: s.object, number: s.last, tags: tags}
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
			return isolate.Bool(s == nil || s.sentClose), nil
		}},
		{Name: "hibernate.send", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				text, data := platform.MessageArgument(c, 1)
				c.Turn().Send(func() { s.Send(text, data) })
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.close", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				code, reason := c.Int(1), c.String(2)
				s.sentClose = true
				c.Turn().Send(func() { s.Socket.Close(code, reason) })
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
				s.attachment = c.Bytes(1)
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
		{Name: "hibernate.autoResponseTime", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := find(c)
			if s == nil || s.answered.IsZero() {
				return isolate.Null(), nil
			}
			return isolate.Number(float64(s.answered.UnixMilli())), nil
		}},
	}
}

var _ platform.Receiver = receiver{}
