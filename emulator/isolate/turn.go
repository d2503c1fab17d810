package isolate

import (
	"sync/atomic"
	"time"
)

// Turn is one entry into an isolate: an event and all JavaScript that follows from it before
// everything waits for Go again. It is valid while it runs.
type Turn struct {
	loop    *Loop
	section *Section
	flow    *Flow
	sends   []func()
}

// Loop is the loop that the turn belongs to.
func (t *Turn) Loop() *Loop { return t.loop }

// Isolate is the isolate that the turn runs in.
func (t *Turn) Isolate() *Isolate { return t.loop.isolate }

// Section is the critical section that the turn runs in; nil outside of any. What the turn starts
// carries it on, so that its results are let in.
func (t *Turn) Section() *Section { return t.section.open() }

// Flow is what one event set in motion: the turns that follow from it carry it on.
type Flow struct {
	// Depth is how many calls between isolates, each of which the one before led to, led to the event.
	Depth int
	// Loops, Origin, Gone and Asker are for the owner of the loop, too: how often what led to the event left the process,
	// what it all began with, whether anybody still waits, and who it is.
	Loops  int
	Origin any
	Gone   func() bool
	Asker  any
	// Outlives is set once the event has asked for work to go on after its answer.
	Outlives atomic.Bool
	// Trace is for the owner of the loop: what is written down of the event.
	Trace any
	// Requests counts the requests and calls to others that the event has made. It belongs to the loop.
	Requests int
}

// Flow is the flow that the turn belongs to; nil if nobody gave it one.
func (t *Turn) Flow() *Flow { return t.flow }

// Depth is the depth of the turn's flow.
func (t *Turn) Depth() int {
	if t.flow == nil {
		return 0
	}
	return t.flow.Depth
}

// Deliver gives the isolate an event.
func (t *Turn) Deliver(ev Event, args ...Value) error { return t.loop.isolate.Deliver(ev, args...) }

// Send does f when everything that has been written up to now is durable: it is how responses,
// results and messages leave. f must not block. It is not called if the turn fails.
func (t *Turn) Send(f func()) { t.sends = append(t.sends, f) }

// Break ends the isolate with the turn: what the turn wrote and sent is dropped. JavaScript that
// runs is stopped when the op returns that asked for it, and cannot catch that.
func (t *Turn) Break(err error) {
	if t.loop.broken == nil {
		t.loop.broken = err
	}
}

// ending tells whether Break was called: what JavaScript still does has no effect any more.
func (t *Turn) ending() bool { return t != nil && t.loop.broken != nil }

// Here binds a task to the life of the isolate and to the section that the turn has: it returns a
// function that queues the task, from any goroutine, and does nothing once the isolate has gone.
func (t *Turn) Here(run func(*Turn) error) (post func()) {
	task := Task{Run: run, Section: t.Section(), Flow: t.flow, epoch: t.loop.epoch}
	return func() { t.loop.Post(task) }
}

// Resolver settles the promise of an op that waits, once, from any goroutine. When the isolate has
// gone in the meantime it does nothing.
type Resolver struct {
	loop  *Loop
	task  Task
	id    float64
	unpin func()
}

// Resolver is for the promise that this call of a waiting op gave. While it is open it keeps the
// isolate in memory; kind and detail say why.
func (c *Call) Resolver(kind, detail string) *Resolver {
	t := c.Turn()
	return &Resolver{
		loop: t.loop, id: c.promise, unpin: t.loop.Pin(kind, detail),
		task: Task{Section: t.Section(), Flow: t.flow, epoch: t.loop.epoch},
	}
}

// Resolve fulfils the promise.
func (r *Resolver) Resolve(v Value) { r.ResolveWith(func(*Turn) Value { return v }) }

// ResolveWith fulfils the promise with a value that is made in the turn that delivers it.
func (r *Resolver) ResolveWith(value func(*Turn) Value) {
	r.settle(func(t *Turn) error { return t.Deliver(resolveEvent, Number(r.id), value(t)) })
}

// Reject rejects the promise; see [Error].
func (r *Resolver) Reject(err error) {
	r.settle(func(t *Turn) error {
		i := t.loop.isolate
		return i.Deliver(rejectEvent, Number(r.id), Handle{i.errorValue(err)}.Value())
	})
}

func (r *Resolver) settle(deliver func(*Turn) error) {
	r.task.Run = func(t *Turn) error {
		r.unpin()
		return deliver(t)
	}
	r.loop.Post(r.task)
}

// Poster is like Here for tasks that are not known yet.
func (t *Turn) Poster() func(run func(*Turn) error) {
	loop, task := t.loop, Task{Section: t.Section(), Flow: t.flow, epoch: t.loop.epoch}
	return func(run func(*Turn) error) {
		task := task
		task.Run = run
		loop.Post(task)
	}
}

// Computed is how long the thread that runs turns has computed, for differences within a turn: time that it waited for a
// processor does not count. Where the system does not tell that, it is the machine's time.
func (l *Loop) Computed() time.Duration {
	if computed, ok := threadTime(int(l.thread.Load())); ok {
		return computed
	}
	return l.watchdog.now()
}
