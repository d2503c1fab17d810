package durable

import (
	"errors"
	"sync"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/fault"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
)

// faultPoints are where the events of an object can fail.
var faultPoints = map[journal.Kind]fault.Point{
	journal.RPC: fault.RPC, journal.Fetch: fault.Fetch, journal.Alarm: fault.Alarm,
}

// meet is the failure that happens to the object at a point, if any. It is recorded.
func (o *Object) meet(where fault.Point, detail string) (fault.Fault, bool) {
	f, ok := o.namespace.around.Faults.Meet(where, o.namespace.key, o.id, o.Name())
	if ok {
		o.record(journal.Event{Kind: journal.Fault, Detail: string(where) + " " + string(f.What), Error: detail})
	}
	return f, ok
}

// errLost is what a caller gets whose connection was lost by a fault, and errFault what one gets of
// an object that was reset by one. Neither is the program's own failure.
func errLost() error {
	lost := flagged("Error", errGone.Message, flags{Retryable: true})
	lost.Cause = internalError{errors.New("fault")}
	return lost
}

func errFault(f fault.Fault) error {
	reset := flagged("Error", f.Message, flags{DurableObjectReset: true, Retryable: true})
	reset.Cause = internalError{errors.New("fault")}
	return reset
}

// faulty lets a failure happen to a call before it is delivered; it is false if there is none. A call
// that is delayed is delivered with post later.
func (o *Object) faulty(c *call, post func(), deliver func(*isolate.Turn) error) bool {
	where, can := faultPoints[c.entry.Kind]
	if !can {
		return false
	}
	f, ok := o.meet(where, c.entry.Detail)
	if !ok {
		return false
	}
	switch f.What {
	case fault.Delay:
		o.after(f.Delay, clock.KindDelay, string(where), post)
	case fault.Error:
		o.complete(c.id, &isolate.Error{Message: f.Message})
	case fault.Reset:
		o.reset(f)
	case fault.Disconnect:
		if where == fault.Alarm {
			o.complete(c.id, errLost())
			break
		}
		o.loop.Post(isolate.Task{
			Skip: func() bool { return !o.open(c.id) },
			Run: func(t *isolate.Turn) error {
				t.Send(func() { o.complete(c.id, errLost()) }) // before the call's own end
				return deliver(t)
			},
		})
	}
	return true
}

// reset resets the object by a fault.
func (o *Object) reset(f fault.Fault) {
	o.loop.Control(func() { o.loop.Fail(errFault(f)) })
}

// commit makes what turns wrote durable, or fails as a fault asks for.
func (o *Object) commit() error {
	if o.facet != nil && o.facet.alarmed {
		o.db.Abort()
		return errFacetAlarm
	}
	f, ok := o.meet(fault.Commit, "")
	switch {
	case !ok:
		return o.committed(o.db.Commit())
	case f.What == fault.Error:
		return internalError{errors.New(f.Message)}
	case f.What == fault.Reset:
		return errFault(f)
	}
	if err := o.committed(o.db.Commit()); err != nil {
		return err
	}
	return errLost()
}

// committed words the failure of a commit: a query that was interrupted may have taken the transaction with it.
func (o *Object) committed(err error) error {
	var failure *storage.Error
	if errors.As(err, &failure) && failure.Interrupted() {
		return isolate.ErrCPULimit
	}
	return err
}

// line keeps the messages of a socket in order while some are delayed.
type line struct {
	mu    sync.Mutex
	until time.Time // when the last delayed message comes
}

// passes lets a failure happen to a message of the socket; it is false if the message does not go on now.
func (s *socket) passes(again func()) bool {
	o := s.object
	f, ok := o.meet(fault.WebSocket, "")
	if ok && f.What == fault.Delay || !ok && s.line.delayed(o.namespace.now()) {
		s.line.mu.Lock()
		defer s.line.mu.Unlock()
		now := o.namespace.now()
		if at := now.Add(f.Delay); at.After(s.line.until) {
			s.line.until = at
		}
		o.after(s.line.until.Sub(now), clock.KindDelay, string(fault.WebSocket), again)
		return false
	}
	if !ok {
		return true
	}
	switch f.What {
	case fault.Error:
		receiver{s}.Fail(errors.New(f.Message))
		s.dropped.Store(true) // what the connection's end brings is not news
		s.Drop()
	case fault.Disconnect:
		receiver{s}.Close(1006, "WebSocket disconnected without sending Close frame.", false)
		s.dropped.Store(true)
		s.Drop()
	case fault.Reset:
		o.reset(f)
	}
	return false
}

func (l *line) delayed(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until.After(now)
}
