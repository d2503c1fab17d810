package platform

import (
	"github.com/doemu/doemu/emulator/isolate"
)

// Handle gives a request to what answers for the target: an object in the isolate, or the Worker
// itself (WorkerTarget). Reply is called when the answer may leave.
func (r *Realm) Handle(t *isolate.Turn, target int, req *Request, reply func(*Response, error)) error {
	id := keep(r, &r.requests, &handled{reply: reply, ctx: req.Context})
	cf := isolate.Undefined()
	if req.CF != nil {
		cf = isolate.String(string(req.CF))
	}
	return t.Deliver(t.Isolate().Engine().Event("fetch"), isolate.Int(id), isolate.Int(target), isolate.String(req.Method),
		isolate.String(req.URL), isolate.String(req.Headers.text()), r.bodyValue(req.Body), cf)
}

// WorkerTarget is the target of requests to the Worker's own fetch handler.
const WorkerTarget = -1

// HandlerError is what a fetch handler threw, with its stack in the user's files.
type HandlerError struct {
	Thrown *isolate.Error
	Stack  string
}

func (e *HandlerError) Error() string { return e.Thrown.Error() }

// Unwrap is what JavaScript sees of it.
func (e *HandlerError) Unwrap() error { return e.Thrown }

func handleOps() []isolate.Op {
	return []isolate.Op{
		{Name: "fetch.watch", Run: watchRequest},
		{Name: "fetch.respond", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			res := &Response{
				Status: c.Int(1), StatusText: c.String(2), Headers: headersFromText(c.String(3)), Body: bodyArgument(c, 4),
			}
			if !c.IsUndefined(5) {
				res.Socket = take(r, r.sockets, c.Int(5))
			}
			if h := take(r, r.requests, c.Int(0)); h != nil {
				h.answered(res.Body)
				c.Turn().Send(func() { h.reply(res, nil) })
			}
			return isolate.Undefined(), nil
		}},
		{Name: "fetch.fail", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			err := &HandlerError{&isolate.Error{Class: c.String(1), Message: c.String(2), Props: c.String(3)}, c.String(4)}
			if r.Stack != nil {
				err.Stack = r.Stack(err.Stack)
			}
			if h := take(r, r.requests, c.Int(0)); h != nil {
				h.answered(nil)
				c.Turn().Send(func() { h.reply(nil, err) })
			}
			return isolate.Undefined(), nil
		}},
	}
}
