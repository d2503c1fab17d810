package clock

import (
	"container/heap"
	"sync/atomic"
	"time"
)

// Kind is what falls due.
type Kind string

// What waits for a time.
const (
	KindTimer  Kind = "timer"  // setTimeout, setInterval, scheduler.wait
	KindAlarm  Kind = "alarm"  // an alarm handler's first run
	KindRetry  Kind = "retry"  // an alarm handler's run after one that failed
	KindEvict  Kind = "evict"  // an object's time in memory is over
	KindLimit  Kind = "limit"  // something has taken longer than it may
	KindRetire Kind = "retire" // a replaced generation's last requests end
	KindDelay  Kind = "delay"  // a fault that delays is over
)

// Due is a thing that waits for its time, or was done. Fields that do not apply are empty.
type Due struct {
	At        time.Time // when it is due
	Kind      Kind
	Worker    string
	Namespace string // <worker>-<Class>
	Object    string // 64 hex digits
	Name      string // of the object
	Detail    string
}

// Timer is a thing that waits for its time.
type Timer struct {
	clock *Clock
	due   int64        // nanoseconds since 1970; changed with the clock's lock held
	later atomic.Int64 // where due moves before it is looked at; see Postpone
	seq   uint64       // the order in which timers were set
	index int          // in the queue, -1 outside
	what  Due
	do    func()
}

// At does f at a time; at once if that has come. What is due at the same time is done in the order in
// which it was asked for. f must not wait for anything: it starts things.
func (c *Clock) At(at time.Time, what Due, f func()) *Timer {
	t := &Timer{clock: c, due: at.UnixNano(), what: what, do: f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	t.seq = c.seq
	heap.Push(&c.timers, t)
	c.attend()
	return t
}

// Stop keeps the timer from being done, and tells whether it did.
func (t *Timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.clock.timers, t.index)
	return true
}

// Postpone moves the timer to a later time. It costs next to nothing, so that it can be done with every
// request. A time before the present one is ignored.
func (t *Timer) Postpone(at time.Time) { t.later.Store(at.UnixNano()) }

func (t *Timer) thing() Due {
	what := t.what
	what.At = time.Unix(0, t.due)
	return what
}

// queue holds timers in the order in which they fall due. It implements heap.Interface.
type queue []*Timer

func (q queue) Len() int { return len(q) }
func (q queue) Less(a, b int) bool {
	if q[a].due != q[b].due {
		return q[a].due < q[b].due
	}
	return q[a].seq < q[b].seq
}
func (q queue) Swap(a, b int) {
	q[a], q[b] = q[b], q[a]
	q[a].index, q[b].index = a, b
}
func (q *queue) Push(t any) {
	t.(*Timer).index = len(*q)
	*q = append(*q, t.(*Timer))
}
func (q *queue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	t.index = -1
	return t
}

// first is the timer that falls due first, or nil. The lock is held, as for all that follow.
func (c *Clock) first() *Timer {
	for len(c.timers) > 0 {
		t := c.timers[0]
		later := t.later.Load()
		if later <= t.due {
			return t
		}
		t.due = later
		heap.Fix(&c.timers, 0)
	}
	return nil
}

// take takes the first timer out, if it is due at a time.
func (c *Clock) take(until int64) *Timer {
	t := c.first()
	if t == nil || t.due > until {
		return nil
	}
	heap.Pop(&c.timers)
	return t
}

// attend sees to it that somebody does what falls due first.
func (c *Clock) attend() {
	if c.Frozen() {
		if c.attending || c.driving || len(c.timers) == 0 || c.timers[0].due > c.Now().UnixNano() {
			return
		}
		c.attending = true
		c.work.hold()
		go c.doDue()
		return
	}
	if c.ticking || len(c.timers) == 0 {
		return
	}
	due := c.timers[0].due
	wait := time.Duration(due - c.Now().UnixNano())
	switch {
	case c.alarm == nil:
		c.alarm = time.AfterFunc(wait, c.tick)
	case c.alarmAt == 0 || due < c.alarmAt:
		c.alarm.Reset(wait)
	default:
		return // it comes in time, and looks again
	}
	c.alarmAt = due
}

// tick does what is due on a clock that runs.
func (c *Clock) tick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alarmAt = 0
	if c.ticking {
		return
	}
	c.ticking = true
	for !c.Frozen() {
		t := c.take(c.Now().UnixNano())
		if t == nil {
			break
		}
		c.mu.Unlock()
		c.do(t)
		c.mu.Lock()
	}
	c.ticking = false
	c.attend()
}

// do does what a timer is for.
func (c *Clock) do(t *Timer) {
	c.work.begin()
	defer c.work.end()
	t.do()
}
