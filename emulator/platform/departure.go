package platform

import (
	"context"
	"slices"
	"sync"

	"github.com/doemu/doemu/emulator/isolate"
)

// handled is a request that the isolate has been given and has not answered yet.
type handled struct {
	reply func(*Response, error)
	ctx   context.Context
	// ended, once the program has asked for request.signal, tells it that the request is over: gone,
	// when who asked left before the whole answer was there.
	ended func(gone bool)
	// forget ends the wait for the departure of who asked. It may be nil.
	forget func()
	// body is the number of the request's body, 0 for none.
	body int
	// upgrade tells whether the request asks for a WebSocket.
	upgrade bool
}

// watchRequest lets the program know of the end of a request. It gives false if that has come already.
func watchRequest(c *isolate.Call) (isolate.Value, error) {
	r := realmOf(c)
	id := c.Int(0)
	h := look(r, r.requests, id)
	if h == nil || h.ctx == nil {
		return isolate.Bool(false), nil
	}
	post := c.Turn().Poster()
	var once sync.Once
	ended := func(gone bool) {
		once.Do(func() {
			post(func(t *isolate.Turn) error {
				return t.Deliver(t.Isolate().Engine().Event("fetch.ended"), isolate.Int(id), isolate.Bool(gone))
			})
		})
	}
	h.ended = ended
	whenLeft(h.ctx, func() { ended(true) })
	return isolate.Bool(true), nil
}

// answered is called with the answer's body, in the turn that gives it: a body that the program of this
// realm writes goes on after that. One that is only passed on does not: the request is over.
func (h *handled) answered(r *Realm, body *Body) {
	if h.forget != nil {
		h.forget()
	}
	over := func(gone bool) {
		r.endBody(h.body)
		if h.ended != nil {
			h.ended(gone)
		}
	}
	if body != nil && body.writtenBy == r {
		body.ended = over
	} else {
		over(false)
	}
}

// ErrRequestOver is what a program gets that reads the body of a request which it has answered.
var ErrRequestOver = isolate.Errorf("TypeError", "Can't read from request stream after response has been sent.")

// endBody ends a body that nobody has begun to read.
func (r *Realm) endBody(n int) {
	if n == 0 {
		return
	}
	if b := take(r, r.bodies, n); b != nil {
		b.Close()
		over := &Body{stream: overStream{}, length: b.length}
		r.mu.Lock()
		if r.bodies != nil {
			r.bodies[n] = over
		}
		r.mu.Unlock()
	}
}

// overStream is the body of a request that has been answered.
type overStream struct{}

// Read implements io.Reader.
func (overStream) Read([]byte) (int, error) { return 0, ErrRequestOver }

// Close implements io.Closer.
func (overStream) Close() error { return nil }

// errDeparted is how an event ends whose client has left, and that is not to outlive it.
var errDeparted = isolate.Errorf("Error", "The client has disconnected.")

// Departed tells whether an event ended because its client had left.
func Departed(err error) bool { return err == errDeparted }

// endWithAsker ends a request when who asked for it leaves, unless its program has asked for work to go on after the
// answer: what it awaits then never comes.
func (r *Realm) endWithAsker(t *isolate.Turn, id int, h *handled) {
	flow := t.Flow()
	if flow == nil {
		return
	}
	asker, ok := flow.Asker.(*Asker)
	if !ok {
		return
	}
	post := t.Poster()
	h.forget = asker.afterLeft(func() {
		post(func(t *isolate.Turn) error {
			if flow.Outlives.Load() {
				return nil
			}
			if h := take(r, r.requests, id); h != nil {
				t.Send(func() { h.reply(nil, errDeparted) })
			}
			return nil
		})
	})
}

// endWithAsker takes a request back when who asked for the event that sends it leaves, in the same way.
func (s *sent) endWithAsker(t *isolate.Turn) (forget func()) {
	flow := t.Flow()
	if flow == nil {
		return func() {}
	}
	asker, ok := flow.Asker.(*Asker)
	if !ok {
		return func() {}
	}
	post := t.Poster()
	return asker.afterLeft(func() {
		post(func(t *isolate.Turn) error {
			if !flow.Outlives.Load() {
				t.Send(func() { s.cut(errDeparted) })
			}
			return nil
		})
	})
}

// Asker is the context of a request, which ends when the one who asked has gone. It implements [context.Context].
type Asker struct {
	context.Context
	cancel context.CancelFunc

	mu   sync.Mutex
	left bool
	hear []func() // those who are told first
	then []*func()
}

// NewAsker makes the context of a request. It holds nothing that has to be let go of.
func NewAsker() *Asker {
	ctx, cancel := context.WithCancel(context.Background())
	return &Asker{Context: ctx, cancel: cancel}
}

// Leave ends the context. What waits for that is told before it returns, so that a program that
// answers hears of it before the one that asked goes on, and before what it began is ended.
func (a *Asker) Leave() {
	a.cancel()
	a.mu.Lock()
	hear, then := a.hear, a.then
	a.left, a.hear, a.then = true, nil, nil
	a.mu.Unlock()
	for _, f := range hear {
		f()
	}
	for _, f := range then {
		(*f)()
	}
}

// Left tells whether it has ended.
func (a *Asker) Left() bool { return a.Err() != nil }

func (a *Asker) whenLeft(f func()) {
	a.mu.Lock()
	left := a.left
	if !left {
		a.hear = append(a.hear, f)
	}
	a.mu.Unlock()
	if left {
		f()
	}
}

// afterLeft calls f when all that whenLeft was told of have been called, unless forget is called before.
func (a *Asker) afterLeft(f func()) (forget func()) {
	entry := &f
	a.mu.Lock()
	left := a.left
	if !left {
		a.then = append(a.then, entry)
	}
	a.mu.Unlock()
	if left {
		f()
		return func() {}
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if at := slices.Index(a.then, entry); at >= 0 {
			a.then = slices.Delete(a.then, at, at+1)
		}
	}
}

// whenLeft calls f when the context of a request ends.
func whenLeft(ctx context.Context, f func()) {
	if a, ok := ctx.(*Asker); ok {
		a.whenLeft(f)
		return
	}
	context.AfterFunc(ctx, f)
}
