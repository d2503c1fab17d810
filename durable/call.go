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
	finish func(result isolate.Value, err error)
	// settle is called in the turn that ends the call, for what must be written with it. May be nil.
	settle func(t *isolate.Turn, err error) error
}

// begin makes a call known: whatever happens to the object, finish is called once.
func (o *Object) begin(entry journal.Event, finish func(isolate.Value, error)) (*call, bool) {
	o.mu.Lock()
	if gone := o.gone; gone != nil {
		o.mu.Unlock()
		finish(isolate.Undefined(), gone)
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

// post queues the delivery of a call. A call that has failed by then, because the object was reset,
// is passed over.
func (o *Object) post(c *call, deliver func(t *isolate.Turn) error) {
	task := isolate.Task{
		Skip: func() bool { return !o.open(c.id) },
		Run: func(t *isolate.Turn) error {
			c.unpin = o.loop.Pin(requestPin, c.entry.Detail)
			return deliver(t)
		},
	}
	if post := func() { o.loop.Post(task) }; !o.faulty(c, post, deliver) {
		post()
	}
}

// complete ends a call with its result; the caller sees to it that this happens after the commit.
func (o *Object) complete(id uint64, result isolate.Value, err error) {
	c := o.take(id)
	if c == nil {
		return
	}
	o.end(c, err)
	c.finish(result, err)
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

// Call calls a method. The arguments are a serialized array, or empty for none; the result is a
// primitive value or serialized bytes.
func (o *Object) Call(method string, args []byte, finish func(isolate.Value, error)) {
	c, ok := o.begin(journal.Event{Kind: journal.RPC, Detail: method}, finish)
	if !ok {
		return
	}
	payload := isolate.Undefined()
	if len(args) > 0 {
		payload = isolate.Bytes(args)
	}
	o.post(c, func(t *isolate.Turn) error {
		return t.Deliver(o.event("object.call"), isolate.Number(float64(c.id)), isolate.String(method), payload)
	})
}

// Fetch gives the object's fetch handler a request. It implements platform.Fetcher.
func (o *Object) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	var response *platform.Response
	c, ok := o.begin(journal.Event{Kind: journal.Fetch, Detail: req.Method + " " + req.URL}, func(_ isolate.Value, err error) {
		reply(response, err)
	})
	if !ok {
		return
	}
	o.post(c, func(t *isolate.Turn) error {
		return o.instance.realm.Handle(t, instanceTarget, req, func(r *platform.Response, err error) {
			response = r
			o.complete(c.id, isolate.Undefined(), err)
		})
	})
}

// instanceTarget is the number of the object among those that answer requests in its isolate.
const instanceTarget = 0

func (o *Object) event(name string) isolate.Event { return o.namespace.around.Engine.Event(name) }
