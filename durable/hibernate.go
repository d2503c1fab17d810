package durable

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/mistake"
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
	all      []*socket       // oldest first
	byNumber map[int]*socket // all, and those that have left
	last     int
	// left are sockets whose peer has closed and whose handler has begun: they are not listed any more, but
	// the program may still have them to close.
	left    []*socket
	changes int // counts those of all

	request, response string        // of the automatic response
	auto              bool          // whether there is one
	timeout           time.Duration // for the handlers; 0 for none
	// frames are the newest that went over any of them, a ring once it is full.
	frames    []Frame
	nextFrame int
}

// socket is one of them. It takes what its connection brings.
type socket struct {
	*platform.Socket
	object     *Object
	number     int
	tags       []string
	opened     time.Time
	attachment []byte
	answered   time.Time // when it was last answered automatically
	sentClose  bool
	gotClose   bool // its peer has closed, and was not just gone
	ended      bool // the handler of the close has ended
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
	return s.byNumber[number]
}

// leave takes a socket off the list, whose peer has closed it if clean, or is gone.
func (s *sockets) leave(sock *socket, clean bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sock.gotClose = clean
	s.changes++
	if n, ok := slices.BinarySearchFunc(s.all, sock.number, func(s *socket, number int) int { return s.number - number }); ok {
		s.all = slices.Delete(s.all, n, n+1)
	}
	s.left = append(s.left, sock)
}

// forget drops a socket that has left, unless its peer still waits for a close.
func (s *sockets) forget(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !sock.sentClose && sock.gotClose {
		return
	}
	delete(s.byNumber, sock.number)
	s.left = slices.DeleteFunc(s.left, func(o *socket) bool { return o == sock })
}

// forgetLeft drops the sockets that have left: no heap has them any more. Their connections stay open, as
// in workerd, until the peers give up.
func (s *sockets) forgetLeft() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sock := range s.left {
		delete(s.byNumber, sock.number)
	}
	s.left = nil
}

func (s *sockets) takeAll() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := append(s.all, s.left...)
	s.all, s.left, s.byNumber = nil, nil, nil
	s.changes++
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

// list gives sockets in the order of getWebSockets: newest first, or oldest first with a tag. Those that
// have been closed have a negative number.
func (s *sockets) list(tag *string) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	numbers := make([]int, 0, len(s.all))
	for _, sock := range s.all {
		switch {
		case tag != nil && !slices.Contains(sock.tags, *tag):
		case sock.sentClose:
			numbers = append(numbers, -sock.number)
		default:
			numbers = append(numbers, sock.number)
		}
	}
	if tag == nil {
		slices.Reverse(numbers)
	}
	return numbers
}

// version changes with the list of all sockets.
func (s *sockets) version() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
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
		sock.seen(true, true, message, true)
		sock.seen(false, true, []byte(response), true)
		sock.Send(true, []byte(response))
	}
	return match
}

// isClosed tells whether the object has closed it.
func (s *socket) isClosed() bool {
	all := &s.object.sockets
	all.mu.Lock()
	defer all.mu.Unlock()
	return s.sentClose
}

// send sends a message to the client.
func (s *socket) send(text bool, data []byte) {
	s.seen(false, text, data, false)
	s.Send(text, data)
}

// close closes the connection on the object's side, which send delays until it may leave.
func (s *socket) close(send func(func()), code int, reason string) {
	all := &s.object.sockets
	all.mu.Lock()
	s.sentClose = true
	ended := s.ended
	all.mu.Unlock()
	send(func() {
		s.seenClose(false, platform.CloseText(code, reason))
		s.Close(code, reason)
	})
	if ended {
		all.forget(s)
	}
}

func (s *sockets) setTimeout(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timeout = d
}

func (s *sockets) eventTimeout() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.timeout
}

func (s *socket) message(m platform.Message) {
	if m.Text && s.object.sockets.answer(s, m.Data) {
		m.Taken()
		return
	}
	s.seen(true, m.Text, m.Data, false)
	s.arrive(m, false)
}

// arrive gives a message to the program; one that was delayed by a fault meets no other.
func (s *socket) arrive(m platform.Message, delayed bool) {
	if !delayed && !s.passes(func() { s.arrive(m, true) }) {
		return
	}
	s.event(journal.SocketMessage, describe(m.Text, m.Data), messageEvent, func(t *isolate.Turn, call isolate.Value) error {
		defer m.Taken()
		return t.Deliver(s.object.event("object.message"), call, isolate.Int(s.number), platform.MessageValue(m.Text, m.Data))
	}, func(error) { m.Taken() })
}

// describe says in a few words what a message is.
func describe(text bool, data []byte) string {
	kind := "binary"
	if text {
		kind = "text"
	}
	return kind + ", " + strconv.Itoa(len(data)) + " bytes"
}

// interrupt ends the instance because a handler took too long. Its sockets stay connected: workerd lets them
// go on with an instance whose timers and storage have stopped, here the next event finds a new one.
func (o *Object) interrupt() {
	o.failCalls(errEventTime)
	o.leave("an event of a WebSocket took too long", errEventTime)
}

// event lets a handler run. About is what Tail Workers hear of it. Ended is called when it has, or when it will not.
func (s *socket) event(kind journal.Kind, detail string, about func() map[string]any, deliver func(t *isolate.Turn, call isolate.Value) error, ended func(error)) {
	o := s.object
	if s.dropped.Load() {
		ended(errGone)
		return
	}
	trace := o.traced("socket", about)
	c, ok := o.begin(journal.Event{Kind: kind, Detail: detail}, trace, ended)
	if !ok {
		return
	}
	o.post(c, platform.Lineage{}, func(t *isolate.Turn) error {
		if d := o.sockets.eventTimeout(); d > 0 {
			c.limit = o.limitWith(t, d, "WebSocket event", func() bool { return o.open(c.id) }, o.interrupt)
		}
		return deliver(t, isolate.Number(float64(c.id)))
	})
}

// receiver is a socket as its connection sees it.
type receiver struct{ *socket }

// Message implements platform.Receiver.
func (r receiver) Message(m platform.Message) { r.socket.message(m) }

// Close implements platform.Receiver. The socket is listed until the handler's first turn has ended.
func (r receiver) Close(code int, reason string, clean bool) {
	s := r.socket
	reason = strings.ToValidUTF8(reason, "\ufffd")
	detail := platform.CloseText(code, reason)
	s.seenClose(true, detail)
	s.event(journal.SocketClose, detail, closeEvent(code), func(t *isolate.Turn, call isolate.Value) error {
		defer s.object.sockets.leave(s, clean)
		return t.Deliver(s.object.event("object.closed"), call, isolate.Int(s.number), isolate.Int(code), isolate.String(reason), isolate.Bool(clean))
	}, s.end)
}

// end is called when the handler of the socket's close has ended, or has failed.
func (s *socket) end(err error) {
	if err != nil {
		return
	}
	all := &s.object.sockets
	all.mu.Lock()
	s.ended = true
	waits := s.gotClose && !s.sentClose
	all.mu.Unlock()
	if waits && !s.dropped.Load() {
		s.hint()
	}
	all.forget(s)
}

// hint tells once of a client's close that the handler left without an answer: workerd does not answer
// either, whatever Cloudflare's documentation says, and the client waits.
func (s *socket) hint() {
	s.object.hint(hint.Hint{Mistake: mistake.CloseUnanswered,
		Text: "A client closed its WebSocket and waits for the object to close it, too: call close() in webSocketClose()."}, "")
}

// Fail implements platform.Receiver.
func (r receiver) Fail(err error) {
	s := r.socket
	s.event(journal.SocketError, err.Error(), errorEvent, func(t *isolate.Turn, call isolate.Value) error {
		defer s.object.sockets.leave(s, false)
		return t.Deliver(s.object.event("object.failed"), call, isolate.Int(s.number), isolate.String(err.Error()))
	}, s.end)
}

func (s *sockets) accept(end *platform.Socket, tags []string) (int, error) {
	s.mu.Lock()
	if len(s.all) >= mostSockets {
		s.mu.Unlock()
		return 0, isolate.Errorf("Error", "only %d websockets can be accepted on a single Durable Object instance", mostSockets)
	}
	s.last++
	s.changes++
	sock := &socket{Socket: end, object: s.object, number: s.last, tags: tags, opened: s.object.namespace.now()}
	s.all = append(s.all, sock)
	if s.byNumber == nil {
		s.byNumber = map[int]*socket{}
	}
	s.byNumber[sock.number] = sock
	s.mu.Unlock()
	s.object.record(journal.Event{Kind: journal.SocketOpen, Detail: strings.TrimSpace("hibernatable " + strings.Join(tags, ", "))})
	end.Attach(receiver{sock})
	return sock.number, nil
}

var _ platform.Receiver = receiver{}

// What Tail Workers hear of a socket.
func messageEvent() map[string]any { return map[string]any{"webSocketEventType": "message"} }

func errorEvent() map[string]any { return map[string]any{"webSocketEventType": "error"} }

func closeEvent(code int) func() map[string]any {
	return func() map[string]any { return map[string]any{"webSocketEventType": "close", "code": code} }
}
