package peer

import (
	"context"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// This file is what the other session asks of this one.

// take does what a message asks for. An error is one of the protocol, and ends the connection.
func (c *conn) take(m *message) error {
	switch m.Kind {
	case kindCall, kindFetch, kindEvent:
		return c.question(m)
	case kindReturned, kindResponded, kindOutcome:
		answer := c.answered(m.ID)
		if answer == nil {
			return protocolError("it answers what was not asked")
		}
		answer(m, nil)
	case kindFailed:
		answer := c.answered(m.ID)
		if answer == nil {
			return protocolError("it answers what was not asked")
		}
		answer(nil, m.Failure.err())
	case kindCancel:
		c.mu.Lock()
		cancel := c.serving[m.ID]
		c.mu.Unlock()
		if cancel != nil {
			cancel()
		}
	case kindRelease:
		return c.released(m.Stub)
	}
	return nil
}

// question is something that the other side asks, with all that it holds.
type question struct {
	deliver func()
	// drop lets go of it if it is not delivered.
	drop func()
}

// question lets a question in, after those that came before it.
func (c *conn) question(m *message) error {
	ctx, full, err := c.begin(m)
	if err != nil {
		return err
	}
	q, err := c.prepare(ctx, m)
	if err != nil {
		return err
	}
	if full {
		q.drop()
		return c.send(&message{Kind: kindFailed, ID: m.ID, Failure: failureOf(errBusy)})
	}
	c.letIn(q)
	return nil
}

// begin counts a question among those that have no answer yet. The context ends with the answer, or when
// the other side does not want it any more. Full tells that there are too many.
func (c *conn) begin(m *message) (ctx context.Context, full bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, twice := c.serving[m.ID]; twice {
		return nil, false, protocolError("it asks twice under one number")
	}
	if c.failed != nil || len(c.serving) >= c.network.limits.served || c.taken+m.size > c.network.limits.taken {
		return c.ctx, true, nil
	}
	ctx, c.serving[m.ID] = context.WithCancel(c.ctx)
	c.taken += m.size
	return ctx, false, nil
}

// letIn delivers a question when the emulator takes events from outside, in order.
func (c *conn) letIn(q question) {
	c.mu.Lock()
	if c.failed != nil {
		c.mu.Unlock()
		q.drop()
		return
	}
	c.incoming = append(c.incoming, q)
	begin := !c.letting
	c.letting = true
	c.mu.Unlock()
	if begin {
		c.network.run(c.letAllIn)
	}
}

func (c *conn) letAllIn() {
	for {
		c.mu.Lock()
		batch := c.incoming
		c.incoming = nil
		c.letting = len(batch) > 0
		c.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		for _, q := range batch {
			if c.network.host.Admit(c.ctx) != nil {
				q.drop()
				continue
			}
			q.deliver()
		}
	}
}

// prepare makes a question ready: the refs that it holds are taken at once, since what follows on the
// connection may be about them.
func (c *conn) prepare(ctx context.Context, m *message) (question, error) {
	switch m.Kind {
	case kindCall:
		return c.prepareCall(m)
	case kindFetch:
		return c.prepareFetch(ctx, m), nil
	}
	deliver := func() {
		target, ok := c.network.here(m.To.platform()).(Target)
		if !ok {
			c.replyError(m, isolate.Errorf("TypeError", "A Durable Object takes no events of the kind %q.", m.Path))
			return
		}
		target.Event(m.Path, m.Payload.Value, func(outcome []byte, err error) {
			if err != nil {
				c.replyError(m, err)
				return
			}
			c.reply(m, &message{Kind: kindOutcome, Outcome: outcome})
		})
	}
	return question{deliver, func() {}}, nil
}

func (c *conn) prepareCall(m *message) (question, error) {
	var stub platform.Stub
	if m.To == nil {
		var err error
		if stub, err = c.lent(m.Stub); err != nil {
			return question{}, err
		}
	}
	inv := &platform.Invocation{Path: m.Path, Get: m.Get, Lineage: platform.Lineage{Depth: max(m.Depth, 1)}}
	drop := func() {
		inv.Args.Drop()
		if stub != nil {
			platform.Drop(stub)
		}
	}
	var err error
	if inv.Args, err = c.unpack(m.Payload); err != nil {
		drop()
		return question{}, err
	}
	reply := func(result platform.Payload, err error) {
		if err != nil {
			c.replyError(m, err)
			return
		}
		packed, sent, err := c.pack(&result)
		if err != nil {
			c.replyError(m, err)
		} else {
			c.reply(m, &message{Kind: kindReturned, Payload: packed})
		}
		sent()
	}
	return question{func() {
		if stub == nil {
			c.network.here(m.To.platform()).Call(inv, reply)
			return
		}
		platform.CallStub(stub, inv, reply)
		platform.Drop(stub)
	}, drop}, nil
}

func (c *conn) prepareFetch(ctx context.Context, m *message) question {
	r := m.Request
	req := &platform.Request{
		Method: r.Method, URL: r.URL, Headers: r.Headers, Body: c.takeBody(r.Body), CF: r.CF,
		Lineage: platform.Lineage{Depth: max(m.Depth, 1)}, Context: ctx,
	}
	deliver := func() {
		c.network.here(m.To.platform()).Fetch(req, func(res *platform.Response, err error) {
			if err != nil {
				c.replyError(m, err)
				return
			}
			cancel := c.served(m)
			out := &response{
				Status: res.Status, StatusText: res.StatusText, Headers: res.Headers, Body: c.sendBody(res.Body.Recoded(res.Coding), cancel),
			}
			if res.Socket != nil {
				if out.Socket = c.offerSocket(res.Socket); out.Socket == 0 {
					c.replyError(m, errBusy)
					return
				}
			}
			c.reply(m, &message{Kind: kindResponded, Response: out})
		})
	}
	return question{deliver, func() {
		if req.Body != nil {
			req.Body.Close()
		}
	}}
}

// served notes that a question has its answer. The result ends what was begun for it.
func (c *conn) served(m *message) (cancel func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cancel, ok := c.serving[m.ID]
	if !ok {
		return func() {}
	}
	delete(c.serving, m.ID)
	c.taken -= m.size
	return cancel
}

// reply answers a question.
func (c *conn) reply(to, m *message) {
	if m.Kind != kindResponded {
		c.served(to)()
	}
	m.ID = to.ID
	if err := c.send(m); err != nil {
		c.takeBack(m)
		// An error has always a form.
		_ = c.send(&message{Kind: kindFailed, ID: to.ID, Failure: failureOf(err)})
	}
}

func (c *conn) replyError(to *message, err error) {
	c.reply(to, &message{Kind: kindFailed, Failure: failureOf(err)})
}
