package peer

import (
	"fmt"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// Target is what an address leads to in whichever other session has its Worker when it is called. It
// implements platform.Addressed.
func (n *Network) Target(a platform.Address) Target { return target{n, a} }

// Absent is the target of a session that is on its own: there is no other that could have the Worker.
func Absent(a platform.Address) Target { return target{nil, a} }

type target struct {
	network *Network // nil without others
	address platform.Address
}

// Address implements platform.Addressed.
func (t target) Address() platform.Address { return t.address }

func (t target) route() (*conn, error) {
	if t.network == nil {
		return nil, errUnreachable
	}
	return t.network.route(t.address.Worker)
}

// Fetch implements platform.Fetcher.
func (t target) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	absent := func(err error) bool {
		text, ok := absence(t.address.Worker, err)
		if ok {
			reply(&platform.Response{
				Status: 503, Headers: platform.Headers{{Name: "Content-Type", Value: "text/plain;charset=UTF-8"}},
				Body: platform.BytesBody([]byte(text)),
			}, nil)
		}
		return ok
	}
	c, err := t.route()
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		if !absent(err) {
			reply(nil, err)
		}
		return
	}
	c.fetch(addressOf(t.address), req, func(res *platform.Response, err error) {
		if !absent(err) {
			reply(res, err)
		}
	})
}

// Call implements platform.Callable.
func (t target) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	c, err := t.route()
	if err != nil {
		inv.Args.Drop()
		reply(platform.Payload{}, t.absent(err))
		return
	}
	c.call(message{To: addressOf(t.address)}, inv, func(result platform.Payload, err error) { reply(result, t.absent(err)) })
}

// Event implements Target.
func (t target) Event(kind string, payload isolate.Value, done func([]byte, error)) {
	c, err := t.route()
	if err != nil {
		done(nil, t.absent(err))
		return
	}
	c.event(addressOf(t.address), kind, payload, func(outcome []byte, err error) { done(outcome, t.absent(err)) })
}

// absent gives an error the words for a Worker that is not there, if it means that.
func (t target) absent(err error) error {
	if text, ok := absence(t.address.Worker, err); ok {
		return &isolate.Error{Message: text, Props: `{"remote":true}`}
	}
	return err
}

// absence says in wrangler's words that a Worker is not there.
func absence(worker string, err error) (text string, ok bool) {
	switch err {
	case errUnreachable:
		return NotFound(worker), true
	case errIncompatible:
		return fmt.Sprintf("Worker %q is not compatible with this version of the dev server. Please update all Worker instances to the same version.", worker), true
	}
	return "", false
}

// NotFound is what wrangler says of a Worker that runs nowhere.
func NotFound(worker string) string {
	return fmt.Sprintf("Worker %q not found. Make sure it is running locally.", worker)
}

// Refuse is a target that answers everything with an error.
func Refuse(err error) Target { return refusal{err} }

// refusal is a target that is not there.
type refusal struct{ err error }

func (r refusal) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	if req.Body != nil {
		req.Body.Close()
	}
	reply(nil, r.err)
}

func (r refusal) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	inv.Args.Drop()
	reply(platform.Payload{}, r.err)
}

func (r refusal) Event(_ string, _ isolate.Value, done func([]byte, error)) { done(nil, r.err) }
