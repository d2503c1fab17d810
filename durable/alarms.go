package durable

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/clock"
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

// alarms runs the alarms of a namespace when they are due. Two runs of one object never overlap.
type alarms struct {
	namespace *Namespace

	mu      sync.Mutex
	stopped bool
	due     map[string]*dueAlarm // the alarm of each object, by its id
	running map[string]*dueAlarm // those whose handlers run; another may be due meanwhile
}

// dueAlarm is an alarm that waits, or whose handler runs.
type dueAlarm struct {
	storage.ScheduledAlarm
	// told is the time that the handler is told: of an alarm that runs in place of a retry it is the
	// earlier alarm's, as in workerd.
	told time.Time
	// when is the time of the next run: that of the alarm, or of a retry.
	when    time.Time
	timer   *clock.Timer // nil if nothing runs
	retries int          // runs that failed by the program's fault
	backoff int          // of the next retry
	// internal tells that the last run failed by no fault of the program.
	internal bool
	late     bool // its time came while another's handler ran
	failure  string
	// asked is where who fired the alarm by hand waits for what its run ends with; nil otherwise.
	asked chan error
}

// stop keeps the alarm from running.
func (d *dueAlarm) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// tell tells who fired the alarm by hand what became of it. The lock is held, or the alarm has run.
func (d *dueAlarm) tell(err error) {
	if d.asked != nil {
		d.asked <- err
		d.asked = nil
	}
}

// PendingAlarm is an alarm that waits for its time, or whose handler runs.
type PendingAlarm struct {
	Object, Name string
	// At is the time that was set, Next that of the next run, which is later after failures.
	At, Next time.Time
	// Attempt counts the runs that have failed.
	Attempt int
	// Running tells whether the handler runs.
	Running bool
	// Error is what the last run failed with, or "".
	Error string
}

func newAlarms(n *Namespace) *alarms {
	return &alarms{namespace: n, due: map[string]*dueAlarm{}, running: map[string]*dueAlarm{}}
}

// start schedules what the namespace's file holds; what is overdue runs at once.
func (a *alarms) start() error {
	all, err := a.namespace.files.Alarms().Load()
	if err != nil {
		return err
	}
	for _, alarm := range all {
		a.schedule(alarm)
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

// list gives all alarms in the order in which they run next.
func (a *alarms) list() []PendingAlarm {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]PendingAlarm, 0, len(a.due))
	for _, d := range a.due {
		all = append(all, a.pending(d))
	}
	slices.SortFunc(all, func(x, y PendingAlarm) int {
		return cmp.Or(x.Next.Compare(y.Next), cmp.Compare(x.Object, y.Object))
	})
	return all
}

// schedule waits for an alarm, instead of what was waited for before. One that is set while a retry is
// waited for does not come before the retry would have.
func (a *alarms) schedule(alarm storage.ScheduledAlarm) {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := &dueAlarm{ScheduledAlarm: alarm, told: alarm.At}
	when := alarm.At
	before := a.due[alarm.ID]
	if before != nil && a.running[alarm.ID] != before && before.failure != "" && when.Before(before.when) {
		when = before.when
		next.told, next.retries, next.backoff, next.internal = before.told, before.retries, before.backoff, before.internal
	}
	a.wait(next, when)
}

// wait waits for the next run of an alarm. The lock is held.
func (a *alarms) wait(d *dueAlarm, when time.Time) {
	if a.stopped {
		return
	}
	if before := a.due[d.ID]; before != nil {
		before.stop()
		a.replaced(before)
	}
	kind := clock.KindAlarm
	if d.failure != "" {
		kind = clock.KindRetry
	}
	a.due[d.ID] = d
	d.when = when
	if a.namespace.atRest {
		return
	}
	d.timer = a.namespace.around.Clock.At(when, a.namespace.waits(kind, d.ID, d.Name), func() { a.fire(d) })
}

// waits describes what an object waits for.
func (n *Namespace) waits(kind clock.Kind, id, name string) clock.Due {
	return clock.Due{Kind: kind, Namespace: n.key, Object: id, Name: name}
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
	a.schedule(storage.ScheduledAlarm{ID: o.id, Name: o.Name(), At: at})
	return nil
}

// cancel forgets an object's alarm.
func (a *alarms) cancel(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.due[id]; d != nil {
		d.stop()
		delete(a.due, id)
		a.replaced(d)
	}
}

// replaced tells who fired an alarm by hand that it will not run, as another was set or it was deleted. The
// lock is held.
func (a *alarms) replaced(d *dueAlarm) {
	if a.running[d.ID] != d {
		d.tell(errAlarmReplaced)
	}
}

// of is the alarm of an object; nil if it has none.
func (a *alarms) of(id string) *PendingAlarm {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.due[id]
	if d == nil {
		return nil
	}
	p := a.pending(d)
	return &p
}

// pending describes an alarm. The lock is held.
func (a *alarms) pending(d *dueAlarm) PendingAlarm {
	return PendingAlarm{
		Object: d.ID, Name: d.Name, At: d.At, Next: d.when, Attempt: d.retries, Running: a.running[d.ID] == d, Error: d.failure,
	}
}

// ids are the ids of the objects that have an alarm.
func (a *alarms) ids() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.due))
}

// Why an alarm could not be fired by hand.
var (
	ErrNoAlarm       = errors.New("the object has no alarm")
	ErrAlarmRuns     = errors.New("the alarm's handler runs already")
	errAlarmReplaced = errors.New("the alarm did not run: another was set, or it was deleted")
)

// fireNow runs an alarm before its time, and gives what its handler ends with.
func (a *alarms) fireNow(ctx context.Context, id string) error {
	a.mu.Lock()
	d := a.due[id]
	switch {
	case d == nil || a.stopped:
		a.mu.Unlock()
		return ErrNoAlarm
	case a.running[id] == d || d.asked != nil:
		a.mu.Unlock()
		return ErrAlarmRuns
	}
	asked := make(chan error, 1)
	d.asked = asked
	d.stop()
	a.mu.Unlock()
	a.fire(d)
	select {
	case err := <-asked:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// forget ends an alarm, unless another has been set meanwhile.
func (a *alarms) forget(d *dueAlarm) (mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	mine = a.due[d.ID] == d
	if mine {
		delete(a.due, d.ID)
	}
	return mine
}

func (a *alarms) remove(id string) {
	if err := a.namespace.files.Alarms().Delete(id); err != nil {
		a.namespace.around.Log.Error("delete alarm", "namespace", a.namespace.UniqueKey(), "object", id, "err", err)
	}
}

// fire runs an alarm's handler, or lets it wait until the one that runs has ended.
func (a *alarms) fire(d *dueAlarm) {
	a.mu.Lock()
	run := a.due[d.ID] == d && !a.stopped
	if run && a.running[d.ID] != nil {
		d.late, run = true, false
	}
	if run {
		a.running[d.ID] = d
	}
	a.mu.Unlock()
	if run {
		a.namespace.Object(d.ID, d.Name).runAlarm(d)
	}
}

// ended is called when a handler has run, or could not. Whoever deals with the alarm itself does so
// before; afterwards one that has become due meanwhile runs.
func (a *alarms) ended(d *dueAlarm) {
	a.mu.Lock()
	delete(a.running, d.ID)
	next := a.due[d.ID]
	a.mu.Unlock()
	if next != nil && next != d && next.late {
		a.fire(next)
	}
}

// failed tries an alarm again later, or gives it up. If another was set, that one replaces the retry.
func (a *alarms) failed(d *dueAlarm, why error) {
	o := a.namespace.Object(d.ID, d.Name)
	internal := isInternal(why)
	if !internal && d.retries >= mostRetries {
		if a.forget(d) {
			o.record(journal.Event{Kind: journal.AlarmGiveUp, Detail: "after " + strconv.Itoa(d.retries+1) + " tries", Error: why.Error()})
			o.hintGivenUp(d.retries+1, why)
			o.removeAlarm(o.alarmChanges.Load())
			o.clearAlarm(d.At)
		}
		return
	}
	next := &dueAlarm{ScheduledAlarm: d.ScheduledAlarm, told: d.told, retries: d.retries, backoff: d.backoff, internal: internal, failure: why.Error()}
	if !internal {
		next.retries++
		if d.internal {
			next.backoff = 0 // the program's own failures begin with the shortest wait
		}
	}
	wait := firstRetry << min(next.backoff, mostBackoffs)
	wait += a.jitter(d, next.backoff, wait)
	next.backoff++
	a.mu.Lock()
	mine := a.due[d.ID] == d && !a.stopped
	if mine {
		a.wait(next, a.namespace.now().Add(wait))
	}
	a.mu.Unlock()
	if mine {
		o.record(journal.Event{Kind: journal.AlarmRetry, Detail: fmt.Sprintf("attempt %d at %s", next.retries+1, next.when.UTC().Format(timeFormat)), Error: next.failure})
	}
}

// timeFormat is how the journal writes a time.
const timeFormat = "2006-01-02T15:04:05.000Z"

// jitter is what a retry waits for besides: up to a quarter of the wait, in whole milliseconds.
func (a *alarms) jitter(d *dueAlarm, backoff int, wait time.Duration) time.Duration {
	most := float64(wait.Milliseconds())*retryJitter + 1
	share := a.namespace.around.Random.Float64("alarm", a.namespace.key, d.ID, strconv.FormatInt(d.At.UnixNano(), 10), strconv.Itoa(backoff))
	return time.Duration(share*most) * time.Millisecond
}
