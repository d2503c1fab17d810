package durable

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/journal"
)

// Edit is a change of an object from outside. None of the object's code runs for it.
type Edit struct {
	// DB is the object's storage. What is written is committed when the edit ends without an error, and
	// is gone otherwise.
	DB *storage.DB

	object *Object
	sends  []func()
}

// Send does f once what was written is durable.
func (e *Edit) Send(f func()) { e.sends = append(e.sends, f) }

// SetAlarm sets the object's alarm, in place of another one.
func (e *Edit) SetAlarm(at time.Time) error { return e.object.setAlarm(e, at) }

// DeleteAlarm removes the object's alarm, if it has one.
func (e *Edit) DeleteAlarm() error { return e.object.deleteAlarm(e) }

// ErrInTransaction is for an object whose program has a transaction open over several turns.
var ErrInTransaction = errors.New("a transaction of the object's program is open; try again when it has ended")

// errMoved tells that an object's place in memory was taken away: there is a new one.
var errMoved = errors.New("the object was reset")

// Edit changes what an object has stored, between two of its turns and when none of its critical sections
// is open. An object that is not in memory is not woken; one that has no storage gets some. What names the
// change for the journal. When the context ends, what runs is interrupted and taken back.
func (n *Namespace) Edit(ctx context.Context, hex, name, what string, f func(*Edit) error) error {
	if err := n.around.Clock.Work().Admit(ctx); err != nil {
		return err
	}
	for {
		o := n.Object(hex, name)
		if err := await(ctx, o.loop.Between, func() error { return o.edit(ctx, what, f) }); err != errMoved {
			return err
		}
	}
}

// await queues f and gives its result. It does not happen any more once the context has ended.
func await(ctx context.Context, queue func(func()), f func() error) error {
	var begun atomic.Bool
	done := make(chan error, 1)
	queue(func() {
		if begun.CompareAndSwap(false, true) {
			done <- f()
		}
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		if begun.CompareAndSwap(false, true) {
			return context.Cause(ctx)
		}
		return <-done
	}
}

// moved gives errMoved if the place was taken away.
func (o *Object) moved() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone != nil {
		return errMoved
	}
	return nil
}

func (o *Object) edit(ctx context.Context, what string, f func(*Edit) error) error {
	if err := o.moved(); err != nil {
		return err
	}
	live := o.loop.Started()
	if !live {
		if o.namespace.closed.Load() {
			return errGone
		}
		class := o.namespace.class.Load()
		if class == nil {
			return errNoCode
		}
		if err := o.openStorage(class); err != nil {
			return err
		}
		defer o.closeStorage()
	}
	db, err := o.storage()
	if err != nil {
		return err
	}
	if db.Depth() > 0 {
		return ErrInTransaction
	}
	e := &Edit{DB: db, object: o}
	db.SetInterrupt(ctx)
	err = db.Transact(func() error { return f(e) })
	db.SetInterrupt(context.Background())
	if broken := db.Broken(); broken != nil && live {
		o.loop.Fail(broken)
	}
	if err != nil {
		return interrupted(ctx, err)
	}
	for _, send := range e.sends {
		send()
	}
	if what != "" {
		o.record(journal.Event{Kind: journal.Edit, Detail: what})
	}
	return nil
}

// errDeleted is what callers get of an object that is deleted while they wait.
var errDeleted = flagged("Error", "Durable Object reset because it was deleted by hand.", flags{DurableObjectReset: true})

// Delete removes all of an object: its storage with its history and its facets, its alarm, and what is in memory.
// Calls under way fail, and its WebSockets end without a close. The error is [ErrNoObject] if there is
// none.
func (n *Namespace) Delete(ctx context.Context, hex string) error {
	if err := n.around.Clock.Work().Admit(ctx); err != nil {
		return err
	}
	if _, err := n.known(hex); err != nil {
		return err
	}
	for {
		o := n.Object(hex, "")
		// Not with Between: an object that hangs in a critical section can be deleted too.
		if err := await(ctx, o.loop.Control, o.delete); err != errMoved {
			return err
		}
	}
}

func (o *Object) delete() error {
	if err := o.moved(); err != nil {
		return err
	}
	n := o.namespace
	err := o.endFacets(errDeleted, true)
	o.loop.Drop()
	realm := o.release()
	n.alarms.cancel(o.id)
	o.alarmChanges.Add(1)
	err = errors.Join(err, n.files.Alarms().Delete(o.id), n.files.Remove(o.id))
	o.sockets.dropAll()
	o.fail(errDeleted)
	realm.Close(errDeleted)
	o.record(journal.Event{Kind: journal.Delete})
	return err
}

// SetAlarm sets an object's alarm.
func (n *Namespace) SetAlarm(ctx context.Context, hex, name string, at time.Time) error {
	return n.Edit(ctx, hex, name, "", func(e *Edit) error { return e.SetAlarm(at) })
}

// DeleteAlarm removes an object's alarm. The error is [ErrNoAlarm] if it has none.
func (n *Namespace) DeleteAlarm(ctx context.Context, hex string) error {
	if n.alarms.of(hex) == nil {
		return ErrNoAlarm
	}
	return n.Edit(ctx, hex, "", "", func(e *Edit) error { return e.DeleteAlarm() })
}

// FireAlarm runs an object's alarm now, whenever it is due, and waits for its end. Ran tells whether the
// handler ran; the error is then what it threw, and it is tried again as always. Otherwise it is [ErrNoAlarm] or
// [ErrAlarmRuns].
func (n *Namespace) FireAlarm(ctx context.Context, hex string) (ran bool, err error) {
	if n.atRest {
		return false, ErrAtRest
	}
	if err := n.around.Clock.Work().Admit(ctx); err != nil {
		return false, err
	}
	err = n.alarms.fireNow(ctx, hex)
	return err != ErrNoAlarm && err != ErrAlarmRuns && err != errAlarmReplaced && (err == nil || ctx.Err() == nil), err
}
