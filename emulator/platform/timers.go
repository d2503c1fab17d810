package platform

import (
	"container/heap"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
)

func timerOps() []isolate.Op {
	return []isolate.Op{
		{Name: "timer.start", Run: func(c *isolate.Call) (isolate.Value, error) {
			if c.Turn() == nil {
				return isolate.Value{}, errGlobalScope
			}
			realmOf(c).startTimer(c.Turn(), c.Int(0), time.Duration(c.Number(1)*float64(time.Millisecond)), c.Bool(2), c.String(3))
			return isolate.Undefined(), nil
		}},
		{Name: "timer.stop", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if t := take(r, r.timers, c.Int(0)); t != nil {
				t.unpin()
			}
			return isolate.Undefined(), nil
		}},
		{Name: "pin.add", Run: func(c *isolate.Call) (isolate.Value, error) {
			if c.Turn() == nil {
				return isolate.Value{}, errGlobalScope
			}
			r := realmOf(c)
			return isolate.Int(keep(r, &r.pins, c.Turn().Loop().Pin(c.String(0), c.String(1)))), nil
		}},
		{Name: "pin.remove", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if unpin := take(r, r.pins, c.Int(0)); unpin != nil {
				unpin()
			}
			return isolate.Undefined(), nil
		}},
	}
}

// TimersOnly tells whether timers are all that goes on in the isolate: no event is under way, and no
// body is being written, between whose chunks a program may wait.
func (r *Realm) TimersOnly(l *isolate.Loop) bool {
	r.mu.Lock()
	writing := len(r.writers) > 0
	r.mu.Unlock()
	return !writing && l.PinnedOnlyBy("timer")
}

// StopTimers forgets all timers.
func (r *Realm) StopTimers(t *isolate.Turn) error {
	r.mu.Lock()
	timers, stop := r.timers, r.due.stop
	r.timers, r.due = nil, timerQueue{seq: r.due.seq}
	r.mu.Unlock()
	if stop != nil {
		stop()
	}
	for _, timer := range timers {
		timer.unpin()
	}
	return t.Deliver(t.Isolate().Engine().Event("timer.end"))
}

// errGlobalScope is what workerd says of work that an image cannot hold.
var errGlobalScope = &isolate.Error{Message: "Disallowed operation called within global scope. Asynchronous I/O " +
	"(ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. " +
	"To fix this error, perform this operation within a handler. " +
	"https://developers.cloudflare.com/workers/runtime-apis/handlers/"}

// timer is one setTimeout or setInterval.
type timer struct {
	id    int
	due   time.Time
	seq   uint64 // the order in which timers were set
	post  func() // queues its turn
	unpin func()
}

// timerQueue holds timers in the order in which they fall due; those of the same time in the order
// in which they were set. It implements heap.Interface.
type timerQueue struct {
	all  []*timer
	seq  uint64
	stop func() bool // the wait for the first one
}

func (q *timerQueue) Len() int { return len(q.all) }
func (q *timerQueue) Less(a, b int) bool {
	x, y := q.all[a], q.all[b]
	if !x.due.Equal(y.due) {
		return x.due.Before(y.due)
	}
	return x.seq < y.seq
}
func (q *timerQueue) Swap(a, b int) { q.all[a], q.all[b] = q.all[b], q.all[a] }
func (q *timerQueue) Push(t any)    { q.all = append(q.all, t.(*timer)) }
func (q *timerQueue) Pop() any {
	last := q.all[len(q.all)-1]
	q.all = q.all[:len(q.all)-1]
	return last
}

// startTimer calls the timer's function after a time, counted from the beginning of the turn. While
// it waits it keeps the isolate in memory; source tells people where it was set.
func (r *Realm) startTimer(t *isolate.Turn, id int, d time.Duration, repeat bool, source string) {
	entry := &timer{id: id, unpin: t.Loop().Pin("timer", source)}
	event := t.Isolate().Engine().Event("timer")
	var run func(*isolate.Turn) error
	arm := func(t *isolate.Turn) {
		entry.post = t.Here(run)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.timers == nil {
			r.timers = map[int]*timer{}
		}
		r.timers[id] = entry
		r.due.seq++
		entry.due, entry.seq = t.Isolate().Time().Add(d), r.due.seq
		heap.Push(&r.due, entry)
		r.waitForTimer()
	}
	run = func(t *isolate.Turn) error {
		if look(r, r.timers, id) != entry {
			return nil
		}
		if repeat {
			arm(t)
		} else {
			take(r, r.timers, id)
			entry.unpin()
		}
		return t.Deliver(event, isolate.Int(id))
	}
	arm(t)
}

// waitForTimer waits for the first timer, if there is one. It is called with the lock held.
func (r *Realm) waitForTimer() {
	if r.due.stop != nil {
		r.due.stop()
		r.due.stop = nil
	}
	// Timers that were stopped stay in the queue until they come to its front.
	for len(r.due.all) > 0 && r.timers[r.due.all[0].id] != r.due.all[0] {
		heap.Pop(&r.due)
	}
	if len(r.due.all) > 0 {
		r.due.stop = r.Clock.AfterFunc(max(r.due.all[0].due.Sub(r.Clock.Now()), 0), r.fireTimers)
	}
}

// fireTimers queues the turns of all timers that are due, in their order.
func (r *Realm) fireTimers() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Clock.Now()
	for len(r.due.all) > 0 && !r.due.all[0].due.After(now) {
		heap.Pop(&r.due).(*timer).post()
	}
	r.waitForTimer()
}
