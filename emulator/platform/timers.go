package platform

import (
	"time"

	"github.com/doemu/doemu/emulator/isolate"
)

// timer is one setTimeout or setInterval.
type timer struct {
	stop  func() bool
	unpin func()
}

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
				t.stop()
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

// errGlobalScope is what workerd says of work that an image cannot hold.
var errGlobalScope = &isolate.Error{Message: "Disallowed operation called within global scope. Asynchronous I/O " +
	"(ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. " +
	"To fix this error, perform this operation within a handler. " +
	"https://developers.cloudflare.com/workers/runtime-apis/handlers/"}

// startTimer calls the timer's function after a time. While it waits it keeps the isolate in memory;
// source tells people where it was set.
func (r *Realm) startTimer(t *isolate.Turn, id int, d time.Duration, repeat bool, source string) {
	entry := &timer{unpin: t.Loop().Pin("timer", source)}
	var arm func(t *isolate.Turn)
	event := t.Isolate().Engine().Event("timer")
	arm = func(t *isolate.Turn) {
		post := t.Here(func(t *isolate.Turn) error {
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
		})
		entry.stop = r.Clock.AfterFunc(d, post)
	}
	r.mu.Lock()
	if r.timers == nil {
		r.timers = map[int]*timer{}
	}
	r.timers[id] = entry
	r.mu.Unlock()
	arm(t)
}
