package platform

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

// Handle gives a request to what answers for the target: an object in the isolate, or the Worker
// itself (WorkerTarget). Reply is called when the answer may leave.
func (r *Realm) Handle(t *isolate.Turn, target int, req *Request, reply func(*Response, error)) error {
	h := &handled{reply: reply, ctx: req.Context, upgrade: strings.EqualFold(req.Headers.Get("Upgrade"), "websocket")}
	id := keep(r, &r.requests, h)
	r.endWithAsker(t, id, h)
	body, headers := isolate.Undefined(), req.Headers
	if req.Body != nil {
		headers = req.Body.measured(headers)
		h.body = keep(r, &r.bodies, req.Body)
		body = isolate.Int(h.body)
	}
	cf := isolate.Undefined()
	if req.CF != nil {
		cf = isolate.String(string(req.CF))
	}
	return t.Deliver(t.Isolate().Engine().Event("fetch"), isolate.Int(id), isolate.Int(target), isolate.String(req.Method),
		isolate.String(req.URL), isolate.String(headers.text()), body, cf)
}

// measured are the headers of a request with this body, which say how long it is.
func (b *Body) measured(headers Headers) Headers {
	for _, h := range headers {
		if strings.EqualFold(h.Name, "Content-Length") || strings.EqualFold(h.Name, "Transfer-Encoding") {
			return headers
		}
	}
	length := Header{"Transfer-Encoding", "chunked"}
	if b.length >= 0 {
		length = Header{"Content-Length", strconv.FormatInt(b.length, 10)}
	}
	return append(slices.Clip(headers), length)
}

// WorkerTarget is the target of requests to the Worker's own fetch handler.
const WorkerTarget = -1

// HandlerError is what a fetch handler threw. Stack is its class, its message and its places in the user's files;
// Text has its properties and its causes too, for the log.
type HandlerError struct {
	Thrown      *isolate.Error
	Stack, Text string
}

func (e *HandlerError) Error() string { return e.Thrown.Error() }

// Unwrap is what JavaScript sees of it.
func (e *HandlerError) Unwrap() error { return e.Thrown }

var errNoUpgrade = isolate.Errorf("TypeError", "Worker tried to return a WebSocket in a response to a request which did not contain the header "+
	"\"Upgrade: websocket\".")

func handleOps() []isolate.Op {
	return []isolate.Op{
		{Name: "fetch.watch", Run: watchRequest},
		{Name: "fetch.respond", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			res := &Response{
				Status: c.Int(1), StatusText: c.String(2), Headers: headersFromText(c.String(3)), Body: bodyArgument(c, 4),
			}
			if !c.Bool(6) {
				res.Coding = r.coding(res.Headers)
			}
			if !c.IsUndefined(5) {
				res.Socket = take(r, r.sockets, c.Int(5))
				if h := look(r, r.requests, c.Int(0)); h != nil && !h.upgrade && res.Socket != nil {
					res.Drop()
					return isolate.Value{}, errNoUpgrade
				}
			}
			if h := take(r, r.requests, c.Int(0)); h != nil {
				h.answered(r, res.Body)
				c.Turn().Send(func() { h.reply(res, nil) })
			}
			return isolate.Undefined(), nil
		}},
		{Name: "fetch.fail", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			err := &HandlerError{&isolate.Error{Class: c.String(1), Message: c.String(2), Props: c.String(3), Stack: c.String(6)}, c.String(4), c.String(5)}
			if r.Stack != nil {
				err.Stack, err.Text, err.Thrown.Stack = r.Stack(err.Stack), r.Stack(err.Text), r.Stack(err.Thrown.Stack)
			}
			if h := take(r, r.requests, c.Int(0)); h != nil {
				h.answered(r, nil)
				c.Turn().Send(func() { h.reply(nil, err) })
			}
			return isolate.Undefined(), nil
		}},
	}
}

// ErrorText is an error as the log shows it: with its places in the user's files, and what else is known of it.
func ErrorText(err error) string {
	var handler *HandlerError
	if errors.As(err, &handler) {
		return strings.TrimRight(handler.Text, "\n")
	}
	var thrown *isolate.Error
	if errors.As(err, &thrown) && thrown.Stack != "" {
		return cmp.Or(thrown.Class, "Error") + ": " + err.Error() + "\n" + strings.TrimRight(thrown.Stack, "\n")
	}
	return err.Error()
}
