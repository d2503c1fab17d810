package peer

import (
	"context"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// This file is what this session asks of the other one.

// ask sends a question. Answer is called once: with what the other side says, or with an error.
func (c *conn) ask(m *message, answer func(*message, error)) {
	c.mu.Lock()
	if failed := c.failed; failed != nil {
		c.mu.Unlock()
		answer(nil, failed)
		return
	}
	c.last++
	m.ID = c.last
	c.waiting[m.ID] = answer
	c.mu.Unlock()
	if err := c.send(m); err != nil {
		c.takeBack(m)
		if answer := c.answered(m.ID); answer != nil {
			answer(nil, err)
		}
	}
}

// answered takes what waits for an answer; nil if nothing does.
func (c *conn) answered(id uint64) func(*message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := c.waiting[id]
	delete(c.waiting, id)
	return answer
}

// call makes a call; head says of what.
func (c *conn) call(head message, inv *platform.Invocation, reply func(platform.Payload, error)) {
	args, sent, err := c.pack(&inv.Args)
	defer sent()
	if err != nil {
		reply(platform.Payload{}, err)
		return
	}
	done := c.network.host.Outside("a call to another session")
	head.Kind, head.Path, head.Get, head.Depth, head.Payload = kindCall, inv.Path, inv.Get, inv.Depth, args
	c.ask(&head, func(m *message, err error) {
		defer done()
		if err != nil {
			reply(platform.Payload{}, err)
			return
		}
		if m.Kind != kindReturned {
			reply(platform.Payload{}, errWrongAnswer)
			return
		}
		result, err := c.unpack(m.Payload)
		if err != nil {
			c.network.log.Debug("answer of another session", "err", err)
			err = errWrongAnswer
		}
		reply(result, err)
	})
}

// errWrongAnswer is for an answer to another question.
var errWrongAnswer = isolate.Errorf("Error", "The other session gave an answer that makes no sense. Do both run the same version of doemu?")

// fetch sends a request.
func (c *conn) fetch(to *address, req *platform.Request, reply func(*platform.Response, error)) {
	done := c.network.host.Outside("a request to another session")
	m := &message{Kind: kindFetch, To: to, Depth: req.Depth, Request: &request{
		Method: req.Method, URL: req.URL, Headers: req.Headers, Body: c.sendBody(req.Body, func() {}), CF: req.CF,
	}}
	ctx := req.Context
	if ctx == nil {
		ctx = context.Background()
	}
	answered := make(chan struct{})
	c.ask(m, func(m *message, err error) {
		defer done()
		close(answered)
		switch {
		case err != nil:
			reply(nil, err)
		case m.Kind != kindResponded:
			reply(nil, errWrongAnswer)
		default:
			res := c.response(m.Response)
			if ctx.Err() != nil {
				drop(res)
				reply(nil, ctx.Err())
				return
			}
			reply(res, nil)
		}
	})
	context.AfterFunc(ctx, func() {
		select {
		case <-answered:
		default:
			_ = c.send(&message{Kind: kindCancel, ID: m.ID}) // so small a message has always a form
		}
	})
}

// drop lets go of a response that nobody takes.
func drop(res *platform.Response) {
	if res.Body != nil {
		res.Body.Close()
	}
	if res.Socket != nil {
		res.Socket.Drop()
	}
}

func (c *conn) response(r *response) *platform.Response {
	res := &platform.Response{
		Status: r.Status, StatusText: r.StatusText, Headers: r.Headers, Body: c.takeBody(r.Body),
	}
	if r.Socket != 0 {
		res.Socket = c.takeSocket(r.Socket)
	}
	res.Encoded()
	return res
}

// event sends an event that is not a request.
func (c *conn) event(to *address, kind string, value isolate.Value, reply func(outcome []byte, err error)) {
	done := c.network.host.Outside("an event for another session")
	m := &message{Kind: kindEvent, To: to, Path: kind, Payload: &payload{Value: value}}
	c.ask(m, func(m *message, err error) {
		defer done()
		switch {
		case err != nil:
			reply(nil, err)
		case m.Kind != kindOutcome:
			reply(nil, errWrongAnswer)
		default:
			reply(m.Outcome, nil)
		}
	})
}
