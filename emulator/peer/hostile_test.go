package peer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/yamux"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/registry"
)

// intruder is another session that does as a test says. It knows the secret.
type intruder struct {
	t       testing.TB
	session *yamux.Session
	control *yamux.Stream
}

// connect gets as far as the control stream.
func connect(t testing.TB, n *Network) *intruder {
	t.Helper()
	raw, err := net.Dial("tcp", n.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	verdict, err := greet(raw, n.secret, [idSize]byte{1})
	if err != nil || verdict != accepted {
		t.Fatalf("got %q, %v; want to be accepted", verdict, err)
	}
	session, err := yamux.Client(raw, muxConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	control, err := session.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	return &intruder{t, session, control}
}

func (i *intruder) send(b []byte) {
	i.t.Helper()
	// The other side may have ended the connection for these bytes before Write returns.
	if _, err := i.control.Write(b); err != nil && !i.session.IsClosed() {
		i.t.Fatal(err)
	}
}

func (i *intruder) message(m *message) {
	i.t.Helper()
	frame, err := m.encode()
	if err != nil {
		i.t.Fatal(err)
	}
	i.send(frame)
}

// wantEnd waits until the other side ends the connection.
func (i *intruder) wantEnd() {
	i.t.Helper()
	select {
	case <-i.session.CloseChan():
	case <-time.After(20 * time.Second):
		i.t.Error("the connection goes on")
	}
}

func echoHost() *fakeHost {
	return &fakeHost{
		call: func(inv *platform.Invocation, reply func(platform.Payload, error)) { reply(inv.Args, nil) },
		fetch: func(req *platform.Request, reply func(*platform.Response, error)) {
			reply(&platform.Response{Status: 200, Body: req.Body}, nil)
		},
		event: func(string, isolate.Value) ([]byte, error) { return []byte("null"), nil },
	}
}

func TestNetwork_strangers(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, t.TempDir(), "a", echoHost())
	for name, secret := range map[string][]byte{"none": nil, "another": bytes.Repeat([]byte{7}, 32)} {
		raw, err := net.Dial("tcp", n.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if verdict, err := greet(raw, secret, [idSize]byte{1}); err == nil {
			t.Errorf("with the secret %s: got %q, want an error", name, verdict)
		}
		raw.Close()
	}
	// Something that is no session at all.
	raw, err := net.Dial("tcp", n.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("A: b\r\n", 100) + "\r\n")); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(raw) // ends with a reset, or in order
	if len(answer) > len(magic)+nonceSize {
		t.Errorf("got %d bytes in answer to HTTP, want no more than the greeting", len(answer))
	}
	if got := n.connections(); got != 0 {
		t.Errorf("got %d connections, want none", got)
	}
}

// A session that was killed leaves its file behind, which leads nowhere; whoever was connected notices.
func TestNetwork_killed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := newNetwork(t, dir, "a", echoHost()), newNetwork(t, dir, "b", echoHost())
	noticed := make(chan struct{}, 1)
	a.Notice(func() { noticed <- struct{}{} })
	to := a.Target(platform.Address{Worker: "b"})
	if got := call(to, "x", text("y")); got.err != nil {
		t.Fatal(got.err)
	}
	if a.Find("b") == nil {
		t.Error("got no session with the Worker b")
	}
	left := b.registry
	b.registry = registry.Open(t.TempDir()) // so that the file stays
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	<-noticed
	if n := len(left.Sessions()); n != 2 || a.Find("b") != nil {
		t.Errorf("got %d files and %v, want two, and no session with the Worker b", n, a.Find("b"))
	}
	if got := call(to, "x", text("y")); got.err == nil || got.err.Error() != NotFound("b") {
		t.Errorf("got %+v, want that b is not found", got)
	}
}

// A session whose address is taken by another program, which does not know the secret, gets no calls.
func TestNetwork_impostor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, other := newNetwork(t, dir, "a", echoHost()), newNetwork(t, t.TempDir(), "b", echoHost())
	err := registry.Open(dir).Announce(registry.Session{
		ID: strings.Repeat("07", idSize), PID: os.Getpid(), Protocol: Protocol, Address: other.listener.Addr().String(),
		Secret: strings.Repeat("07", 32), Workers: []registry.Worker{{Name: "b"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	to := a.Target(platform.Address{Worker: "b"})
	for range 2 {
		if got := call(to, "x", text("secret arguments")); got.err == nil || got.err.Error() != NotFound("b") {
			t.Errorf("got %+v, want that b is not found", got)
		}
	}
}

func TestNetwork_hostile(t *testing.T) {
	t.Parallel()
	call := func() *message {
		return &message{Kind: kindCall, ID: 1, To: &address{Worker: "a"}, Path: "x", Payload: &payload{}}
	}
	frame := func(content string) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(content))), content...)
	}
	for name, act := range map[string]func(*intruder){
		"a length without end":   func(i *intruder) { i.send([]byte{0xff, 0xff, 0xff, 0xff}) },
		"no CBOR":                func(i *intruder) { i.send(frame("\xff\xff")) },
		"an empty message":       func(i *intruder) { i.send(frame("")) },
		"no message":             func(i *intruder) { i.send(frame("\xa0")) },
		"deep CBOR":              func(i *intruder) { i.send(frame(strings.Repeat("\x81", 1000) + "\x00")) },
		"an array of 2^60":       func(i *intruder) { i.send(frame("\x9b\x10\x00\x00\x00\x00\x00\x00\x00")) },
		"no such kind":           func(i *intruder) { i.message(&message{Kind: 99}) },
		"an answer to nothing":   func(i *intruder) { i.message(&message{Kind: kindReturned, ID: 5, Payload: &payload{}}) },
		"a failure of nothing":   func(i *intruder) { i.message(&message{Kind: kindFailed, ID: 5, Failure: &failure{}}) },
		"a call of nothing":      func(i *intruder) { i.message(&message{Kind: kindCall, ID: 5, Payload: &payload{}}) },
		"a call of no such stub": func(i *intruder) { i.message(&message{Kind: kindCall, ID: 5, Stub: 7, Payload: &payload{}}) },
		"a release of no stub":   func(i *intruder) { i.message(&message{Kind: kindRelease, Stub: 7}) },
		"back what was not lent": func(i *intruder) {
			m := call()
			m.Payload.Refs = []reference{{Kind: refStub, Number: 3}, {Kind: refReturned, Number: 9}}
			i.message(m)
		},
		"no such reference":    func(i *intruder) { m := call(); m.Payload.Refs = []reference{{Kind: 'q'}}; i.message(m) },
		"a service of nowhere": func(i *intruder) { m := call(); m.Payload.Refs = []reference{{Kind: refService}}; i.message(m) },
		"a fetch without a host": func(i *intruder) {
			i.message(&message{Kind: kindFetch, ID: 1, To: &address{}, Request: &request{Method: "GET", URL: "/x"}})
		},
		"a fetch without anything": func(i *intruder) { i.message(&message{Kind: kindFetch, ID: 1}) },
		"a cf that is not JSON": func(i *intruder) {
			i.message(&message{Kind: kindFetch, ID: 1, To: &address{}, Request: &request{Method: "GET", URL: "http://x/", CF: []byte("{")}})
		},
		"a body on a number that was not offered": func(i *intruder) {
			s, err := i.session.OpenStream()
			if err != nil {
				i.t.Fatal(err)
			}
			if err := writeNumber(s, 77); err != nil {
				i.t.Fatal(err)
			}
			if _, err := s.Read(make([]byte, 1)); err != io.EOF {
				i.t.Errorf("got %v, want the end", err)
			}
			i.session.Close()
		},
		"nothing but the end":      func(i *intruder) { i.session.Close() },
		"the end within a message": func(i *intruder) { i.send([]byte{0, 0, 1, 0, 1}); i.control.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, t.TempDir(), "a", echoHost())
			i := connect(t, n)
			act(i)
			i.wantEnd()
		})
	}
}

// What is bad about the answer to one question is an error of that question.
func TestNetwork_badAnswers(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]*message{
		"another kind": {Kind: kindOutcome, Outcome: []byte("1")},
		"a response":   {Kind: kindResponded, Response: &response{Status: 200}},
	} {
		dir := t.TempDir()
		a := newNetwork(t, dir, "a", echoHost())
		i := connect(t, a)
		a.mu.Lock()
		c := a.conns[[idSize]byte{1}]
		a.mu.Unlock()
		done := make(chan error, 1)
		c.call(message{To: &address{Worker: "x"}}, &platform.Invocation{}, func(_ platform.Payload, err error) { done <- err })
		m, err := readMessage(i.control)
		if err != nil {
			t.Fatal(err)
		}
		answer.ID = m.ID
		i.message(answer)
		if err := <-done; err != error(errWrongAnswer) {
			t.Errorf("%s: got %v, want %v", name, err, errWrongAnswer)
		}
	}
}

// A session that asks more than it takes answers for gets errors.
func TestNetwork_tooMuch(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, t.TempDir(), "a", &fakeHost{call: func(*platform.Invocation, func(platform.Payload, error)) {}})
	n.limits.served = 3
	i := connect(t, n)
	for id := range uint64(4) {
		i.message(&message{Kind: kindCall, ID: id + 1, To: &address{Worker: "a"}, Payload: &payload{Refs: []reference{{Kind: refWritable, Number: id + 1}}}})
	}
	m, err := readMessage(i.control)
	if err != nil || m.Kind != kindFailed || m.ID != 4 || m.Failure.Message != errBusy.Message {
		t.Errorf("got %+v, %v; want an error for the fourth", m, err)
	}
}

// What there is no stream left for fails; it does not look as if it were empty.
func TestNetwork_tooManyStreams(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	host := &fakeHost{fetch: func(req *platform.Request, reply func(*platform.Response, error)) {
		if strings.HasSuffix(req.URL, "/socket") {
			client, _ := platform.NewPair()
			reply(&platform.Response{Status: 101, Socket: client}, nil)
			return
		}
		reply(&platform.Response{Status: 200, Body: platform.StreamBody(io.NopCloser(strings.NewReader("content")), -1)}, nil)
	}}
	b := newNetwork(t, dir, "b", host)
	b.limits.streams = 0
	to := newNetwork(t, dir, "a", echoHost()).Target(platform.Address{Worker: "b"})
	done := make(chan error, 1)
	to.Fetch(&platform.Request{Method: "GET", URL: "http://x/body"}, func(res *platform.Response, err error) {
		if err != nil {
			done <- err
			return
		}
		go func() {
			_, err := io.ReadAll(res.Body.Reader())
			done <- err
		}()
	})
	if err := <-done; err == nil {
		t.Error("got an empty body, want an error")
	}
	to.Fetch(&platform.Request{Method: "GET", URL: "http://x/socket"}, func(_ *platform.Response, err error) { done <- err })
	if err := <-done; err == nil || err.Error() != errBusy.Message {
		t.Errorf("got %v, want %v", err, errBusy)
	}
}

// A session that reads nothing is given up.
func TestNetwork_unread(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, t.TempDir(), "a", echoHost())
	n.limits.queued = 1 << 20
	connect(t, n)
	n.mu.Lock()
	c := n.conns[[idSize]byte{1}]
	n.mu.Unlock()
	lost := make(chan error, 100)
	asked := 0
	for ; c.lasts() && asked < 100; asked++ {
		c.call(message{To: &address{Worker: "x"}}, &platform.Invocation{Args: platform.Payload{Value: isolate.Bytes(make([]byte, 200_000))}},
			func(_ platform.Payload, err error) { lost <- err })
	}
	if c.lasts() {
		t.Fatal("20 MB wait for a session that reads nothing")
	}
	for range asked {
		if err := <-lost; err != error(errLost) {
			t.Errorf("got %v, want %v", err, errLost)
		}
	}
}

func FuzzParseMessage(f *testing.F) {
	for _, m := range []*message{
		{Kind: kindCall, ID: 1, Stub: 2, Path: "a", Depth: 3, Payload: &payload{Value: isolate.String("x"), Refs: []reference{{Kind: refStub, Number: 4}, {Kind: refService, Address: &address{Worker: "w", Props: []byte("{}")}}}, Dispose: &reference{Kind: refReturned, Number: 1}}},
		{Kind: kindFetch, ID: 1, To: &address{Worker: "w", Class: "C", Object: "0"}, Request: &request{Method: "GET", URL: "http://x/", Headers: []platform.Header{{Name: "a", Value: "b"}}, Body: &body{Whole: []byte("x")}}},
		{Kind: kindResponded, ID: 1, Response: &response{Status: 101, Socket: 4}},
		{Kind: kindFailed, ID: 1, Failure: &failure{Message: "m", Props: `{"a":1}`, Thrown: []byte{1}, Handler: true}},
		{Kind: kindOutcome, ID: 1, Outcome: []byte("1")},
		{Kind: kindRelease, Stub: 1},
	} {
		frame, err := m.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame[4:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMessage(b)
		if err != nil {
			return
		}
		// What was read can be written, and read again.
		frame, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseMessage(frame[4:]); err != nil {
			t.Errorf("after %x: %v", b, err)
		}
	})
}

func FuzzReadTagged(f *testing.F) {
	f.Add([]byte("d\x00\x00\x00\x01xe\x00\x00\x00\x00"))
	f.Add([]byte("d\xff\xff\xff\xff"))
	f.Add([]byte("x\x00\x10\x00\x00short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		for {
			before := r.Len()
			_, content, err := readTagged(r, nil, mostFailure)
			if err != nil {
				return
			}
			if len(content)+5 != before-r.Len() || cap(content) > 2*len(content)+1024 {
				t.Fatalf("got %d bytes of %d, with room for %d", len(content), before-r.Len(), cap(content))
			}
			parseFailure(content)
		}
	})
}

// FuzzConversation gives a session what another one says, which is whatever: it must not crash, and hold
// nothing when the other one has gone.
func FuzzConversation(f *testing.F) {
	var all []byte
	for _, m := range []*message{
		{Kind: kindCall, ID: 1, To: &address{Worker: "a"}, Path: "x", Payload: &payload{Refs: []reference{{Kind: refStub, Number: 4}, {Kind: refReadable, Number: 5}, {Kind: refWritable, Number: 6}}}},
		{Kind: kindFetch, ID: 2, To: &address{Worker: "a"}, Request: &request{Method: "GET", URL: "http://x/", Body: &body{Stream: true, Number: 9, Length: -1}}},
		{Kind: kindEvent, ID: 3, To: &address{Worker: "a"}, Path: "queue", Payload: &payload{}},
		{Kind: kindCancel, ID: 2},
		{Kind: kindRelease, Stub: 1},
	} {
		frame, err := m.encode()
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, frame...)
		f.Add(frame)
	}
	f.Add(all)
	f.Fuzz(func(t *testing.T, b []byte) {
		n := newNetwork(t, t.TempDir(), "a", echoHost())
		i := connect(t, n)
		_, err := i.control.Write(b)
		if err != nil && !errors.Is(err, yamux.ErrSessionShutdown) && !errors.Is(err, yamux.ErrStreamClosed) && !errors.Is(err, yamux.ErrConnectionReset) {
			t.Logf("write: %v", err)
		}
		i.session.Close()
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
