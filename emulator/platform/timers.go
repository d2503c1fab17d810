package platform

import (
	"time"

	"github.com/doemu/doemu/emulator/clock"
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
				t.wait.Stop()
				t.unpin()
			}
			return isolate.Undefined(), nil
		}},
		{Name: "pin.add", Run: func(c *isolate.Call) (isolate.Value, error) {
			if c.Turn() == nil {
				return isolate.Value{}, errGlobalScope
			}
			r, unpin := realmOf(c), c.Turn().Loop().Pin(c.String(0), c.String(1))
			if flow := c.Turn().Flow(); flow != nil {
				flow.Outlives.Store(true)
			}
			if tr := traceOf(c); tr != nil {
				tr.hold()
				pin := unpin
				unpin = func() {
					pin()
					tr.release()
				}
			}
			return isolate.Int(keep(r, &r.pins, unpin)), nil
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

// EventsOver tells whether no event is under way in the isolate: what is left are timers and callbacks, and
// no body is being written, between whose chunks a program may wait.
func (r *Realm) EventsOver(l *isolate.Loop) bool {
	r.mu.Lock()
	writing := len(r.writers) > 0
	r.mu.Unlock()
	return !writing && l.PinnedOnlyBy(PinTimer, pinCallback)
}

// EndEvents forgets what events have left behind: timers, and callbacks that others have.
func (r *Realm) EndEvents(t *isolate.Turn) error {
	r.mu.Lock()
	timers := r.timers
	r.timers = nil
	r.mu.Unlock()
	for _, timer := range timers {
		timer.wait.Stop()
		timer.unpin()
	}
	if err := r.revokeCallbacks(t); err != nil || len(timers) == 0 {
		return err
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
	wait  *clock.Timer
	unpin func()
}

// shortestInterval is what an interval of 0 takes: on a clock that stands it would never end.
const shortestInterval = time.Millisecond

// startTimer calls the timer's function after a time, counted from the beginning of the turn. While
// it waits it keeps the isolate in memory; source tells people where it was set.
func (r *Realm) startTimer(t *isolate.Turn, id int, d time.Duration, repeat bool, source string) {
	entry := &timer{unpin: t.Loop().Pin(PinTimer, source)}
	event := t.Isolate().Engine().Event("timer")
	what := r.Place
	what.Kind, what.Detail = clock.KindTimer, source
	if repeat {
		d = max(d, shortestInterval)
	}
	var run func(*isolate.Turn) error
	arm := func(t *isolate.Turn) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.timers == nil {
			r.timers = map[int]*timer{}
		}
		r.timers[id] = entry
		entry.wait = r.Clock.At(t.Isolate().Time().Add(d), what, t.Here(run))
	}
	run = func(t *isolate.Turn) error {
		if look(r, r.timers, id) != entry {
			return nil
		}
		if r.Fired != nil {
			r.Fired(source)
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
