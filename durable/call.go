package durable

import (
	"time"

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
	finish func(err error)
	// settle is called in the turn that ends the call, for what must be written with it. May be nil.
	settle func(t *isolate.Turn, err error) error
}

// begin makes a call known: whatever happens to the object, finish is called once.
func (o *Object) begin(entry journal.Event, finish func(error)) (*call, bool) {
	o.mu.Lock()
	if gone := o.gone; gone != nil {
		o.mu.Unlock()
		finish(gone)
		return nil, false
	}
	o.lastCall++
	c := &call{id: o.lastCall, entry: entry, began: o.namespace.now(), finish: finish}
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

// post queues the delivery of a call, to which as many calls led as the depth says. A call that has failed
// by then, because the object was reset, is passed over.
func (o *Object) post(c *call, depth int, deliver func(t *isolate.Turn) error) {
	o.loop.Post(isolate.Task{
		Depth: depth,
		Skip:  func() bool { return !o.open(c.id) },
		Run: func(t *isolate.Turn) error {
			c.unpin = o.loop.Pin(platform.PinRequest, c.entry.Detail)
			return deliver(t)
		},
	})
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
	if c.unpin != nil {
		c.unpin()
	}
	c.entry.Duration = o.namespace.now().Sub(c.began)
	if err != nil {
		c.entry.Error = err.Error()
	}
	o.record(c.entry)
}

// Call gives the object an invocation. It implements platform.Callable.
func (o *Object) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	var result platform.Payload
	c, ok := o.begin(journal.Event{Kind: journal.RPC, Detail: inv.Path}, func(err error) {
		inv.Args.Drop() // if it was not delivered
		reply(result, err)
	})
	if !ok {
		return
	}
	o.post(c, inv.Depth, func(t *isolate.Turn) error {
		return o.instance.realm.Deliver(t, instanceTarget, inv, func(p platform.Payload, err error) {
			result = p
			o.complete(c.id, err)
		})
	})
}

// Fetch gives the object's fetch handler a request. It implements platform.Fetcher.
func (o *Object) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	var response *platform.Response
	c, ok := o.begin(journal.Event{Kind: journal.Fetch, Detail: req.Method + " " + req.URL}, func(err error) {
		reply(response, err)
	})
	if !ok {
		return
	}
	o.post(c, req.Depth, func(t *isolate.Turn) error {
		return o.instance.realm.Handle(t, instanceTarget, req, func(r *platform.Response, err error) {
			response = r
			o.complete(c.id, err)
		})
	})
}

// instanceTarget is the number of the object among those that answer requests in its isolate.
const instanceTarget = 0

func (o *Object) event(name string) isolate.Event { return o.namespace.around.Engine.Event(name) }
