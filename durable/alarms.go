package durable

import (
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
)

// The rules of retries, which are workerd's.
// https://developers.cloudflare.com/durable-objects/api/alarms/
const (
	firstRetry   = 2 * time.Second
	mostRetries  = 6
	retryJitter  = 0.25
	mostBackoffs = 9
)

// alarms runs the alarms of a namespace when they are due.
type alarms struct {
	namespace *Namespace

	mu      sync.Mutex
	stopped bool
	due     map[string]*dueAlarm // by object id
}

// dueAlarm is an alarm that waits, or whose handler runs.
type dueAlarm struct {
	storage.ScheduledAlarm
	retries int
	stop    func() bool
}

func newAlarms(n *Namespace) *alarms { return &alarms{namespace: n, due: map[string]*dueAlarm{}} }

// start schedules what the namespace's file holds; what is overdue runs at once.
func (a *alarms) start() error {
	all, err := a.namespace.files.Alarms().Load()
	if err != nil {
		return err
	}
	for _, alarm := range all {
		a.schedule(alarm, 0)
	}
	return nil
}

func (a *alarms) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	for _, d := range a.due {
		d.stop()
	}
}

// schedule waits for an alarm, instead of what was waited for before.
func (a *alarms) schedule(alarm storage.ScheduledAlarm, retries int) {
	a.wait(&dueAlarm{ScheduledAlarm: alarm, retries: retries}, alarm.At.Sub(a.namespace.now()))
}

func (a *alarms) wait(d *dueAlarm, delay time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stopped {
		return
	}
	if before := a.due[d.ID]; before != nil && before.stop != nil {
		before.stop()
	}
	a.due[d.ID] = d
	d.stop = a.namespace.around.Clock.AfterFunc(max(delay, 0), func() { a.fire(d) })
}

// restored waits for the alarm of an earlier state that was restored, instead of the one that was
// waited for.
func (a *alarms) restored(o *Object, db *storage.DB) error {
	at, ok, err := db.Alarm()
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if !ok {
		a.cancel(o.id)
		return nil
	}
	a.schedule(storage.ScheduledAlarm{ID: o.id, Name: o.name, At: at}, 0)
	return nil
}

// cancel forgets an object's alarm.
func (a *alarms) cancel(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.due[id]; d != nil {
		d.stop()
		delete(a.due, id)
	}
}

// forget ends an alarm that has run, unless another has been set meanwhile.
func (a *alarms) forget(d *dueAlarm) {
	a.mu.Lock()
	mine := a.due[d.ID] == d
	if mine {
		delete(a.due, d.ID)
	}
	a.mu.Unlock()
	if mine {
		a.remove(d.ID)
	}
}

func (a *alarms) remove(id string) {
	if err := a.namespace.files.Alarms().Delete(id); err != nil {
		a.namespace.around.Log.Error("delete alarm", "namespace", a.namespace.UniqueKey(), "object", id, "err", err)
	}
}

// fire runs an alarm's handler.
func (a *alarms) fire(d *dueAlarm) {
	a.mu.Lock()
	current := a.due[d.ID] == d && !a.stopped
	a.mu.Unlock()
	if current {
		a.namespace.Object(d.ID, d.Name).runAlarm(d)
	}
}

// failed tries an alarm again later, or gives it up.
func (a *alarms) failed(d *dueAlarm) {
	a.mu.Lock()
	mine := a.due[d.ID] == d
	a.mu.Unlock()
	if !mine {
		return
	}
	if d.retries >= mostRetries {
		o := a.namespace.Object(d.ID, d.Name)
		o.record(journal.Event{Kind: journal.Alarm, Detail: "given up after " + strconv.Itoa(mostRetries+1) + " tries", Error: "the alarm handler kept failing"})
		a.forget(d)
		o.clearAlarm(d.At)
		return
	}
	backoff := firstRetry << min(d.retries, mostBackoffs)
	backoff += time.Duration(rand.Float64() * retryJitter * float64(backoff))
	a.wait(&dueAlarm{ScheduledAlarm: d.ScheduledAlarm, retries: d.retries + 1}, backoff)
}

// alarmTime is what getAlarm gives: nothing while the handler runs.
func (o *Object) alarmTime() (time.Time, error) {
	if o.alarming != nil {
		return time.Time{}, nil
	}
	at, _, err := o.db.Alarm()
	return at, err
}

// setAlarm sets the alarm with the turn's other writes. The namespace's file learns of it before
// they are committed: a crash in between wakes the object once for nothing, and loses no alarm.
func (o *Object) setAlarm(t *isolate.Turn, ms float64) error {
	at := time.UnixMilli(int64(math.Trunc(ms)))
	if err := o.db.SetAlarm(at); err != nil {
		return err
	}
	o.alarming = nil
	alarm := storage.ScheduledAlarm{ID: o.id, Name: o.name, At: at}
	if err := o.namespace.files.Alarms().Set(alarm); err != nil {
		return err
	}
	t.Send(func() {
		o.namespace.alarms.schedule(alarm, 0)
		o.record(journal.Event{Kind: journal.AlarmSet, Detail: at.UTC().Format(time.RFC3339Nano)})
	})
	return nil
}

func (o *Object) deleteAlarm(t *isolate.Turn) error {
	if err := o.db.DeleteAlarm(); err != nil {
		return err
	}
	o.alarming = nil
	t.Send(func() {
		o.namespace.alarms.cancel(o.id)
		o.namespace.alarms.remove(o.id)
	})
	return nil
}

// dropAlarm forgets the alarm whose handler runs: it is not tried again.
func (o *Object) dropAlarm() {
	if d := o.alarming; d != nil {
		o.namespace.alarms.forget(d)
	}
}

// clearAlarm removes an alarm that was given up from the object's own storage.
func (o *Object) clearAlarm(at time.Time) {
	o.loop.Post(isolate.Task{Run: func(*isolate.Turn) error {
		stored, _, err := o.db.Alarm()
		if err != nil || !stored.Equal(at) {
			return err
		}
		return o.db.DeleteAlarm()
	}})
}

// runAlarm calls the alarm handler, if the object still has this alarm.
func (o *Object) runAlarm(d *dueAlarm) {
	failed := true
	entry := journal.Event{Kind: journal.Alarm, Detail: "attempt " + strconv.Itoa(d.retries+1)}
	c, ok := o.begin(entry, func(error) {
		if failed {
			o.namespace.alarms.failed(d)
		} else {
			o.namespace.alarms.forget(d)
		}
	})
	if !ok {
		return
	}
	c.settle = func(_ *isolate.Turn, err error) error {
		mine := o.alarming == d
		if mine {
			o.alarming = nil
		}
		failed = err != nil
		if mine && err == nil {
			return o.db.DeleteAlarm()
		}
		return nil
	}
	o.post(c, func(t *isolate.Turn) error {
		stored, _, err := o.db.Alarm()
		if err != nil {
			return err
		}
		if !stored.Equal(d.At) {
			failed = false
			t.Send(func() { o.complete(c.id, nil) })
			return nil
		}
		o.alarming = d
		return t.Deliver(o.event("object.alarm"), isolate.Number(float64(c.id)), isolate.Number(float64(d.At.UnixMilli())), isolate.Int(d.retries))
	})
}
