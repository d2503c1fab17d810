package peer

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/registry"
)

// Nothing goes on when the networks of all tests are closed.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeHost is a session whose Workers are functions.
type fakeHost struct {
	fetch func(*platform.Request, func(*platform.Response, error))
	call  func(*platform.Invocation, func(platform.Payload, error))
	event func(kind string, payload isolate.Value) ([]byte, error)
}

func (h *fakeHost) Admit(ctx context.Context) error { return ctx.Err() }
func (h *fakeHost) Outside(string) func()           { return func() {} }

func (h *fakeHost) Target(a platform.Address) (platform.Target, error) {
	if a.Entrypoint == "none" {
		return nil, isolate.Errorf("Error", "no such entrypoint")
	}
	return fakeTarget{h, a}, nil
}

type fakeTarget struct {
	host    *fakeHost
	address platform.Address
}

func (t fakeTarget) Address() platform.Address { return t.address }
func (t fakeTarget) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	t.host.fetch(req, reply)
}
func (t fakeTarget) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	t.host.call(inv, reply)
}
func (t fakeTarget) Event(kind string, payload isolate.Value, done func([]byte, error)) {
	done(t.host.event(kind, payload))
}

// newNetwork is a session with one Worker.
func newNetwork(t testing.TB, dir, worker string, host *fakeHost) *Network {
	t.Helper()
	n, err := Listen(host, registry.Open(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := n.Announce(registry.Session{PID: os.Getpid(), StartedAt: time.Now(), Workers: []registry.Worker{{Name: worker}}}); err != nil {
		t.Fatal(err)
	}
	return n
}

// connTo is a network's connection with another, if there is one.
func (n *Network) connTo(other *Network) *conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.conns[other.id]
}

// connections is how many connections a network has.
func (n *Network) connections() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.conns)
}

// wantEmpty waits until a connection holds nothing.
func wantEmpty(t *testing.T, c *conn) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		c.mu.Lock()
		held := []int{len(c.waiting), len(c.stubs), len(c.offers), len(c.serving), c.taken, c.streams}
		c.mu.Unlock()
		if reflect.DeepEqual(held, make([]int, len(held))) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %v questions, stubs, offers, served questions, their bytes and streams; want none", held)
		}
		time.Sleep(time.Millisecond)
	}
}

type result struct {
	payload platform.Payload
	err     error
}

func call(to platform.Callable, path string, args platform.Payload) result {
	done := make(chan result, 1)
	to.Call(&platform.Invocation{Path: path, Args: args, Lineage: platform.Lineage{Depth: 1}}, func(p platform.Payload, err error) { done <- result{p, err} })
	return <-done
}

// value is something that stubs lead to.
type value struct {
	call func(*platform.Invocation, func(platform.Payload, error))

	mu       sync.Mutex
	holders  int
	released chan struct{} // closed with the last holder
}

func newValue(call func(*platform.Invocation, func(platform.Payload, error))) *value {
	return &value{call: call, holders: 1, released: make(chan struct{})}
}

func (v *value) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	v.call(inv, reply)
}

func (v *value) Share() platform.Distant {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.holders++
	return v
}

func (v *value) Release() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.holders--; v.holders == 0 {
		close(v.released)
	}
}

func text(s string) platform.Payload { return platform.Payload{Value: isolate.String(s)} }

func TestNetwork_calls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := newNetwork(t, dir, "a", &fakeHost{})
	b := newNetwork(t, dir, "b", &fakeHost{
		call: func(inv *platform.Invocation, reply func(platform.Payload, error)) {
			if inv.Path == "throw" {
				reply(platform.Payload{}, &isolate.Error{Class: "RangeError", Message: "bad", Props: `{"remote":true}`, Thrown: []byte{1}, Stack: "    at x"})
				return
			}
			reply(text(inv.Path+" "+inv.Args.Value.Text()), nil)
		},
		event: func(kind string, payload isolate.Value) ([]byte, error) {
			if kind == "bad" {
				return nil, errors.New("no such event")
			}
			return []byte(`"` + kind + ` ` + payload.Text() + `"`), nil
		},
	})
	to := a.Target(platform.Address{Worker: "b", Entrypoint: "E", Props: []byte(`{}`)})
	if got := call(to, "greet", text("you")); got.err != nil || got.payload.Value.Text() != "greet you" {
		t.Errorf("got %+v, want greet you", got)
	}
	want := &isolate.Error{Class: "RangeError", Message: "bad", Props: `{"remote":true}`, Thrown: []byte{1}, Stack: "    at x"}
	if got := call(to, "throw", text("")); !reflect.DeepEqual(got.err, want) {
		t.Errorf("got %#v, want %#v", got.err, want)
	}
	if got := call(a.Target(platform.Address{Worker: "b", Entrypoint: "none"}), "x", text("")); got.err == nil || got.err.Error() != "no such entrypoint" {
		t.Errorf("got %v, want no such entrypoint", got.err)
	}
	to.Event("queue", isolate.String("x"), func(outcome []byte, err error) {
		if string(outcome) != `"queue x"` || err != nil {
			t.Errorf("got %s, %v", outcome, err)
		}
	})
	done := make(chan error)
	to.Event("bad", isolate.Undefined(), func(_ []byte, err error) { done <- err })
	if err := <-done; err == nil || err.Error() != "no such event" {
		t.Errorf("got %v, want no such event", err)
	}
	if got := call(to, "large", text(strings.Repeat("x", mostMessage))); got.err != errTooLarge {
		t.Errorf("too large a value: got %v, want %v", got.err, errTooLarge)
	}
	// What could not be sent is not kept, whatever it held.
	v := newValue(nil)
	reader, writer := io.Pipe()
	large := text(strings.Repeat("x", mostMessage))
	large.Refs = []platform.Ref{platform.StubRef(v), platform.ReadableRef(platform.StreamBody(reader, -1))}
	if got := call(to, "large", large); got.err != errTooLarge {
		t.Errorf("too large a value with references: got %v, want %v", got.err, errTooLarge)
	}
	<-v.released
	if _, err := writer.Write([]byte("x")); err == nil {
		t.Error("somebody reads a stream that was not sent")
	}
	none := platform.Payload{Refs: []platform.Ref{platform.StubRef(newValue(nil)), platform.ServiceRef(refusal{errBusy})}}
	if got := call(to, "no address", none); got.err != errNoAddress {
		t.Errorf("a service without an address: got %v, want %v", got.err, errNoAddress)
	}
	if got := call(b.Target(platform.Address{Worker: "c"}), "x", text("")); got.err == nil || got.err.Error() != `Worker "c" not found. Make sure it is running locally.` {
		t.Errorf("got %v", got.err)
	}
	wantEmpty(t, a.connTo(b))
	wantEmpty(t, b.connTo(a))
}

// Both sides call at the same time, before there is a connection: there is one afterwards.
func TestNetwork_oneConnection(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := t.TempDir()
		echo := &fakeHost{call: func(inv *platform.Invocation, reply func(platform.Payload, error)) { reply(inv.Args, nil) }}
		a, b := newNetwork(t, dir, "a", echo), newNetwork(t, dir, "b", echo)
		var all sync.WaitGroup
		for n := range 8 {
			from, to := a, "b"
			if n%2 == 1 {
				from, to = b, "a"
			}
			all.Go(func() {
				if got := call(from.Target(platform.Address{Worker: to}), "x", text("y")); got.err != nil || got.payload.Value.Text() != "y" {
					t.Errorf("got %+v, want y", got)
				}
			})
		}
		all.Wait()
		ca, cb := a.connTo(b), b.connTo(a)
		if ca.session.RemoteAddr().String() != cb.session.LocalAddr().String() || a.connections() != 1 || b.connections() != 1 {
			t.Errorf("got connections from %v to %v and from %v to %v, want one", ca.session.LocalAddr(), ca.session.RemoteAddr(), cb.session.LocalAddr(), cb.session.RemoteAddr())
		}
	}
}

func TestNetwork_stubs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var kept []platform.Stub
	host := &fakeHost{}
	host.call = func(inv *platform.Invocation, reply func(platform.Payload, error)) {
		switch inv.Path {
		case "keep":
			kept = append(kept, inv.Args.Refs[0].(platform.Stub))
			reply(platform.Payload{}, nil)
		case "back":
			reply(platform.Payload{Refs: []platform.Ref{platform.Share(kept[0])}}, nil)
		case "new":
			reply(platform.Payload{Refs: []platform.Ref{platform.StubRef(newValue(func(inv *platform.Invocation, reply func(platform.Payload, error)) {
				reply(text("of b"), nil)
			}))}}, nil)
		}
	}
	a, b := newNetwork(t, dir, "a", &fakeHost{}), newNetwork(t, dir, "b", host)
	to := a.Target(platform.Address{Worker: "b"})
	v := newValue(func(inv *platform.Invocation, reply func(platform.Payload, error)) {
		reply(text("of a: "+inv.Path), nil)
	})
	if got := call(to, "keep", platform.Payload{Refs: []platform.Ref{platform.StubRef(v)}}); got.err != nil {
		t.Fatal(got.err)
	}
	called := func(s platform.Stub, path string) string {
		done := make(chan string, 1)
		platform.CallStub(s, &platform.Invocation{Path: path, Lineage: platform.Lineage{Depth: 1}}, func(p platform.Payload, err error) {
			if err != nil {
				done <- err.Error()
				return
			}
			done <- p.Value.Text()
		})
		return <-done
	}
	if got, want := called(kept[0], "m"), "of a: m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// A stub that comes home is the value's own, not one that leads there and back.
	back := call(to, "back", platform.Payload{})
	if back.err != nil || platform.DistantOf(back.payload.Refs[0].(platform.Stub)) != platform.Distant(v) {
		t.Errorf("got %+v, want the value's own stub", back)
	}
	back.payload.Drop()
	select {
	case <-v.released:
		t.Error("the value was released while b has a stub of it")
	default:
	}
	ofB := call(to, "new", platform.Payload{}).payload.Refs[0].(platform.Stub)
	if got, want := called(ofB, ""), "of b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	platform.Drop(ofB)
	second := platform.Share(kept[0])
	platform.Drop(kept[0])
	platform.Drop(second)
	<-v.released
	wantEmpty(t, a.connTo(b))
	wantEmpty(t, b.connTo(a))

	// What the other side holds is let go of with the connection, and what it gave fails.
	w := newValue(func(inv *platform.Invocation, reply func(platform.Payload, error)) {})
	call(to, "keep", platform.Payload{Refs: []platform.Ref{platform.StubRef(w)}})
	ofB = call(to, "new", platform.Payload{}).payload.Refs[0].(platform.Stub)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	<-w.released
	if got, want := called(ofB, ""), "Network connection lost."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	platform.Drop(ofB)
}

func TestNetwork_bodies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var mu sync.Mutex
	host := &fakeHost{fetch: func(req *platform.Request, reply func(*platform.Response, error)) {
		mu.Lock()
		defer mu.Unlock()
		reply(&platform.Response{Status: 200, StatusText: "fine", Headers: append(req.Headers, platform.Header{Name: "Url", Value: req.URL}), Body: req.Body}, nil)
	}}
	a, b := newNetwork(t, dir, "a", &fakeHost{}), newNetwork(t, dir, "b", host)
	to := a.Target(platform.Address{Worker: "b"})
	fetch := func(body *platform.Body) *platform.Response {
		done := make(chan *platform.Response, 1)
		to.Fetch(&platform.Request{Method: "POST", URL: "http://x/y", Headers: platform.Headers{{Name: "A", Value: "b"}}, Body: body, Context: t.Context()},
			func(res *platform.Response, err error) {
				if err != nil {
					t.Error(err)
				}
				done <- res
			})
		return <-done
	}
	for _, size := range []int{0, 1, chunkSize, chunkSize + 1, 3 << 20} {
		content := strings.Repeat("x", size)
		for kind, body := range map[string]*platform.Body{
			"whole": platform.BytesBody([]byte(content)), "stream": platform.StreamBody(io.NopCloser(strings.NewReader(content)), -1),
		} {
			res := fetch(body)
			got, err := io.ReadAll(res.Body.Reader())
			if err != nil || string(got) != content || res.Status != 200 || res.StatusText != "fine" || res.Headers.Get("a") != "b" || res.Headers.Get("url") != "http://x/y" {
				t.Errorf("%s of %d bytes: got %d bytes of %+v, %v", kind, size, len(got), res, err)
			}
			res.Body.Close()
		}
	}
	if res := fetch(nil); res.Body != nil {
		t.Errorf("got the body %v, want none", res.Body)
	}

	// An error comes through with its words, a sender's end without them as a lost connection.
	for _, sent := range []error{isolate.Errorf("RangeError", "mine"), io.ErrUnexpectedEOF} {
		reader, writer := io.Pipe()
		res := fetch(platform.StreamBody(reader, -1))
		go func() {
			_, _ = writer.Write([]byte("abc"))
			writer.CloseWithError(sent)
		}()
		if got, err := io.ReadAll(res.Body.Reader()); string(got) != "abc" || err == nil || err.Error() != sent.Error() {
			t.Errorf("got %q, %v; want abc and %v", got, err, sent)
		}
	}

	// Who reads on no more lets the sender know, also when that has nothing to send just now.
	reader, writer := io.Pipe()
	res := fetch(platform.StreamBody(reader, -1))
	res.Body.CloseWith(isolate.Errorf("Error", "enough"))
	for err := error(nil); err == nil || err.Error() != "enough"; {
		if _, err = writer.Write([]byte("x")); err != nil && err.Error() != "enough" {
			t.Fatalf("got %v, want enough", err)
		}
	}
	wantEmpty(t, a.connTo(b))
	wantEmpty(t, b.connTo(a))
}

func TestNetwork_backPressure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reader, writer := io.Pipe()
	host := &fakeHost{
		fetch: func(req *platform.Request, reply func(*platform.Response, error)) {
			reply(&platform.Response{Status: 200, Body: platform.StreamBody(reader, -1)}, nil)
		},
		call: func(inv *platform.Invocation, reply func(platform.Payload, error)) { reply(platform.Payload{}, nil) },
	}
	a, b := newNetwork(t, dir, "a", &fakeHost{}), newNetwork(t, dir, "b", host)
	to := a.Target(platform.Address{Worker: "b"})
	done := make(chan *platform.Response, 1)
	to.Fetch(&platform.Request{Method: "GET", URL: "http://x/"}, func(res *platform.Response, err error) { done <- res })
	res := <-done
	const parts = 100
	var mu sync.Mutex
	written := 0
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		part := make([]byte, chunkSize)
		for range parts {
			if _, err := writer.Write(part); err != nil {
				t.Error(err)
			}
			mu.Lock()
			written++
			mu.Unlock()
		}
		writer.Close()
	}()
	// Other calls get through, and take longer than the few parts that there is room for.
	for range 500 {
		if got := call(to, "x", platform.Payload{}); got.err != nil {
			t.Fatal(got.err)
		}
	}
	mu.Lock()
	if written > 10 {
		t.Errorf("%d parts of %d bytes were written that nobody reads", written, chunkSize)
	}
	mu.Unlock()
	if n, err := io.Copy(io.Discard, res.Body.Reader()); n != parts*chunkSize || err != nil {
		t.Errorf("got %d bytes, %v; want %d", n, err, parts*chunkSize)
	}
	<-ended
	wantEmpty(t, a.connTo(b))
}

// taker notes what comes to a socket.
type taker chan string

func (c taker) Message(m platform.Message) {
	if m.Text {
		c <- "text " + string(m.Data)
	} else {
		c <- strings.TrimSpace("bytes " + hex.EncodeToString(m.Data))
	}
}
func (c taker) Close(code int, reason string, clean bool) {
	c <- strings.TrimSpace("close " + hex.EncodeToString([]byte{byte(code >> 8), byte(code)}) + " " + reason)
}
func (c taker) Fail(err error) { c <- "error " + err.Error() }

func TestNetwork_sockets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	servers := make(chan *platform.Socket, 1)
	host := &fakeHost{fetch: func(req *platform.Request, reply func(*platform.Response, error)) {
		client, server := platform.NewPair()
		servers <- server
		server.Send(true, []byte("early"))
		reply(&platform.Response{Status: 101, Socket: client}, nil)
	}}
	a, b := newNetwork(t, dir, "a", &fakeHost{}), newNetwork(t, dir, "b", host)
	open := func() (ours, theirs *platform.Socket, atOurs, atTheirs taker) {
		done := make(chan *platform.Response, 1)
		a.Target(platform.Address{Worker: "b"}).Fetch(&platform.Request{Method: "GET", URL: "http://x/"}, func(res *platform.Response, err error) { done <- res })
		ours, theirs = (<-done).Socket, <-servers
		atOurs, atTheirs = make(taker, 10), make(taker, 10)
		ours.Attach(atOurs)
		theirs.Attach(atTheirs)
		if got := <-atOurs; got != "text early" {
			t.Errorf("got %q", got)
		}
		return ours, theirs, atOurs, atTheirs
	}
	want := func(c taker, want string) {
		t.Helper()
		if got := <-c; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	ours, theirs, atOurs, atTheirs := open()
	ours.Send(true, []byte("hé"))
	want(atTheirs, "text hé")
	ours.Send(false, []byte{0, 255})
	want(atTheirs, "bytes 00ff")
	theirs.Send(false, nil)
	want(atOurs, "bytes")
	ours.Close(4001, "why")
	want(atTheirs, "close 0fa1 why")
	theirs.Send(true, []byte("late"))
	want(atOurs, "text late")
	theirs.Close(1005, "")
	want(atOurs, "close 03ed")

	ours, _, _, atTheirs = open()
	ours.Drop()
	want(atTheirs, "close 03ee WebSocket disconnected without sending Close frame.")
	ours, theirs, atOurs, _ = open()
	theirs.Fail(errors.New("too large"))
	want(atOurs, "error too large")
	ours.Drop()
	wantEmpty(t, a.connTo(b))

	_, _, atOurs, atTheirs = open()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	want(atOurs, "close 03ee WebSocket disconnected without sending Close frame.")
	want(atTheirs, "close 03ee WebSocket disconnected without sending Close frame.")
}

func TestNetwork_cancel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asked := make(chan func(*platform.Response, error), 1)
	gone := make(chan struct{})
	host := &fakeHost{fetch: func(req *platform.Request, reply func(*platform.Response, error)) {
		context.AfterFunc(req.Context, func() { close(gone) })
		asked <- reply
	}}
	a, b := newNetwork(t, dir, "a", &fakeHost{}), newNetwork(t, dir, "b", host)
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	a.Target(platform.Address{Worker: "b"}).Fetch(&platform.Request{Method: "GET", URL: "http://x/", Context: ctx}, func(res *platform.Response, err error) { answered <- err })
	reply := <-asked
	cancel()
	<-gone
	closed := make(chan struct{})
	reply(&platform.Response{Status: 200, Body: platform.StreamBody(closer(closed), -1)}, nil)
	if err := <-answered; err == nil {
		t.Error("got an answer that nobody waits for any more")
	}
	<-closed // the answer's body is not kept
	wantEmpty(t, a.connTo(b))
	wantEmpty(t, b.connTo(a))
}

// closer is a body that says when it is closed, and has nothing before.
type closer chan struct{}

func (c closer) Read([]byte) (int, error) {
	<-c
	return 0, io.ErrClosedPipe
}

func (c closer) Close() error {
	select {
	case <-c:
	default:
		close(c)
	}
	return nil
}

func TestNetwork_lost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asked := make(chan struct{}, 2)
	host := &fakeHost{
		call:  func(*platform.Invocation, func(platform.Payload, error)) { asked <- struct{}{} },
		fetch: func(*platform.Request, func(*platform.Response, error)) { asked <- struct{}{} },
	}
	a, b := newNetwork(t, dir, "a", &fakeHost{}), newNetwork(t, dir, "b", host)
	to := a.Target(platform.Address{Worker: "b"})
	done := make(chan error, 2)
	to.Call(&platform.Invocation{Lineage: platform.Lineage{Depth: 1}}, func(_ platform.Payload, err error) { done <- err })
	to.Fetch(&platform.Request{Method: "GET", URL: "http://x/"}, func(_ *platform.Response, err error) { done <- err })
	<-asked
	<-asked
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-done; err != error(errLost) {
			t.Errorf("got %v, want %v", err, errLost)
		}
	}
}
