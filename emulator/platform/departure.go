package platform

import (
	"context"
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

// answered is called with the answer's body, in the turn that gives it: a body that JavaScript writes
// goes on after that.
func (h *handled) answered(body *Body) {
	switch {
	case h.ended == nil:
	case body != nil && body.writer != nil:
		body.ended = h.ended
	default:
		h.ended(false)
	}
}

// asker is the context of a request that a program sends, and can take back.
type asker struct {
	context.Context
	cancel context.CancelFunc

	mu   sync.Mutex
	left bool
	wait []func()
}

func newAsker() *asker {
	ctx, cancel := context.WithCancel(context.Background())
	return &asker{Context: ctx, cancel: cancel}
}

// leave ends the context. What waits for that is told before it returns, so that a program that
// answers hears of it before the one that asked goes on.
func (a *asker) leave() {
	a.cancel()
	a.mu.Lock()
	wait := a.wait
	a.left, a.wait = true, nil
	a.mu.Unlock()
	for _, f := range wait {
		f()
	}
}

func (a *asker) whenLeft(f func()) {
	a.mu.Lock()
	left := a.left
	if !left {
		a.wait = append(a.wait, f)
	}
	a.mu.Unlock()
	if left {
		f()
	}
}

// whenLeft calls f when the context of a request ends.
func whenLeft(ctx context.Context, f func()) {
	if a, ok := ctx.(*asker); ok {
		a.whenLeft(f)
		return
	}
	context.AfterFunc(ctx, f)
}
