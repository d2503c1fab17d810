package durable

import (
	"time"

	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// call is an event that somebody waits for: a request, a method call, an alarm.
type call struct {
	id     uint64
	entry  journal.Event
	began  time.Time
	unpin  func()
	trace  *platform.Trace // for Tail Workers; nil if there are none
	limit  *clock.Timer    // ends it when it takes too long; may be nil
	finish func(err error)
	// lineage is what led to it.
	lineage platform.Lineage
	// settle is called in the turn that ends the call, for what must be written with it. May be nil.
	settle func(t *isolate.Turn, err error) error
}

// begin makes a call known: whatever happens to the object, finish is called once. The trace may be nil. Too
// many calls that wait are refused.
func (o *Object) begin(entry journal.Event, trace *platform.Trace, finish func(error)) (*call, bool) {
	o.mu.Lock()
	gone := o.gone
	if o.namespace.atRest {
		gone = ErrAtRest
	}
	if most := o.namespace.around.Limits.Queued; gone == nil && most > 0 && len(o.calls) >= most {
		gone = errOverloaded
	}
	if gone != nil {
		o.mu.Unlock()
		trace.End(gone, true)
		finish(gone)
		return nil, false
	}
	o.lastCall++
	c := &call{id: o.lastCall, entry: entry, began: o.namespace.now(), trace: trace, finish: finish}
	o.calls[c.id] = c
	o.mu.Unlock()
	return c, true
}

// take ends a call. It gives nil when the call has ended already.
func (o *Object) take(id uint64) *call {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.calls[id]
	delete(o.calls, id)
	return c
}

func (o *Object) open(id uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, ok := o.calls[id]
	return ok
}

// post queues the delivery of a call. A call that has failed by then, because the object was reset, is passed over, and one
// whose caller has left.
func (o *Object) post(c *call, from platform.Lineage, deliver func(t *isolate.Turn) error) {
	o.mu.Lock()
	c.lineage = from
	o.mu.Unlock()
	flow := from
	flow.Gone = nil // what has begun in an object goes on without its caller, and so does what that asks of others
	task := isolate.Task{
		Flow: platform.FlowOf(flow, c.trace),
		Skip: func() bool {
			if from.Gone != nil && from.Gone() {
				o.complete(c.id, errGone)
			}
			return !o.open(c.id)
		},
		Run: func(t *isolate.Turn) error {
			c.unpin = o.loop.Pin(platform.PinRequest, c.entry.Detail)
			return deliver(t)
		},
	}
	if post := func() { o.loop.Post(task) }; !o.faulty(c, post, deliver) {
		post()
	}
}

// complete ends a call; the caller sees to it that this happens after the commit.
func (o *Object) complete(id uint64, err error) {
	c := o.take(id)
	if c == nil {
		return
	}
	o.end(c, err)
	c.finish(err)
}

func (o *Object) end(c *call, err error) {
	if c.limit != nil {
		c.limit.Stop()
	}
	if c.unpin != nil {
		c.unpin()
	}
	now := o.namespace.now()
	c.entry.Duration = now.Sub(c.began)
	o.lastEnd.Store(now.UnixNano())
	if err != nil {
		c.entry.Error = err.Error()
		if c.entry.Kind != journal.RPC && c.entry.Kind != journal.Fetch {
			// Nobody else tells of it.
			c.entry.Error = platform.ErrorText(err)
			if o.instance != nil && o.instance.realm.Stack != nil {
				c.entry.Error = o.instance.realm.Stack(c.entry.Error)
			}
		}
	}
	o.record(c.entry)
	c.trace.End(err, c.entry.Kind != journal.RPC)
}

// traced begins to write an event down for Tail Workers, if there are any.
func (o *Object) traced(kind string, event func() map[string]any) *platform.Trace {
	class := o.namespace.class.Load()
	if class == nil || class.Tail == nil {
		return nil
	}
	return class.Tail.Trace(platform.TraceItem{
		ScriptName: class.Worker, Entrypoint: class.Name, DurableObjectID: o.id, ExecutionModel: "durableObject", Kind: kind, Event: event(),
	}, o.namespace.now)
}

// Call gives the object an invocation. It implements platform.Callable.
func (o *Object) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	var result platform.Payload
	trace := o.traced("rpc", func() map[string]any { return platform.CallEvent(inv) })
	c, ok := o.begin(journal.Event{Kind: journal.RPC, Detail: inv.Name()}, trace, func(err error) {
		inv.Args.Drop() // if it was not delivered
		reply(result, err)
	})
	if !ok {
		return
	}
	o.post(c, inv.Lineage, func(t *isolate.Turn) error {
		return o.instance.realm.Deliver(t, instanceTarget, inv, func(p platform.Payload, err error) {
			result = p
			o.complete(c.id, err)
		})
	})
}

// Fetch gives the object's fetch handler a request. It implements platform.Fetcher.
func (o *Object) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	var response *platform.Response
	trace := o.traced("fetch", func() map[string]any { return platform.RequestEvent(req) })
	c, ok := o.begin(journal.Event{Kind: journal.Fetch, Detail: req.Method + " " + req.URL}, trace, func(err error) {
		reply(response, fetchError(err))
	})
	if !ok {
		return
	}
	o.post(c, req.Lineage, func(t *isolate.Turn) error {
		return o.instance.realm.Handle(t, instanceTarget, req, func(r *platform.Response, err error) {
			response = r
			trace.Respond(r)
			o.complete(c.id, err)
		})
	})
}

// instanceTarget is the number of the object among those that answer requests in its isolate.
const instanceTarget = 0

func (o *Object) event(name string) isolate.Event { return o.namespace.around.Engine.Event(name) }
