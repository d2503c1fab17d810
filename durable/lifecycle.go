package durable

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// errNoCode is for objects of a Worker that has not started.
var errNoCode = errors.New("the namespace has no code yet: its Worker did not start")

// start makes a heap for the object. Storage that it had before is opened, since a restore may be due; a new one is
// made, and opened by its first use.
func (o *Object) start() (*isolate.Isolate, error) {
	class := o.code()
	if o.namespace.closed.Load() {
		return nil, errGone
	}
	if class == nil {
		return nil, errNoCode
	}
	around := o.namespace.around
	leave := around.gate.enter(o.wanted())
	defer leave()
	if o.facet == nil {
		if err := around.crowd.awaitRoom(around.Eviction.Most, around.FreeMemory, around.Clock.Work().Alone); err != nil {
			return nil, err
		}
		around.crowd.enter(o)
	}
	o.starts++
	o.class, o.randomness, o.made = class, nil, time.Time{}
	created, err := o.namespace.files.Create(o.database())
	if err == nil && created {
		o.made = o.namespace.now()
		err = o.keepName()
	} else if err == nil {
		err = o.openStorage(class)
	}
	if err != nil {
		return nil, err
	}
	o.started = o.namespace.now()
	o.sections, o.cursors, o.alarming = map[float64]openSection{}, cursors{}, nil
	o.forms = map[*storage.Fields]isolate.Form{}
	i, err := o.fork(class)
	if newer := o.code(); errors.Is(err, isolate.ErrImageClosed) && newer != class {
		i, err = o.fork(newer) // new code began to serve just now
	}
	return i, err
}

// wanted is who wants the object in memory: the event from outside that led to its first call, or its namespace.
func (o *Object) wanted() any {
	if first := o.firstCall(); first != nil && first.lineage.Origin != nil {
		return first.lineage.Origin
	}
	return o.namespace
}

// firstCall is the oldest of its calls, or nil.
func (o *Object) firstCall() *call {
	o.mu.Lock()
	defer o.mu.Unlock()
	var first *call
	for _, c := range o.calls {
		if first == nil || c.id < first.id {
			first = c
		}
	}
	return first
}

// fork makes a heap with the code of a class.
func (o *Object) fork(class *Class) (*isolate.Isolate, error) {
	around := o.namespace.around
	o.class = class
	o.loop.LimitCPU(class.CPU)
	o.instance = &Instance{object: o, realm: class.Realm(o)}
	realm := o.instance.realm
	realm.Fired, realm.Accepted = o.fired, o.accepted
	realm.Exceeded = func() {
		o.loop.Control(func() {
			if o.instance != nil && o.instance.realm == realm && o.loop.Started() {
				o.loop.Fail(isolate.ErrMemoryLimit)
			}
		})
	}
	i, err := class.Image.Fork(isolate.Options{
		MemoryLimit: around.Limits.Memory, LoadModule: class.LoadModule, Owner: o.instance,
		Seed: around.Random.Uint64(o.place("Math.random")...),
	})
	if err == nil {
		o.generation.Store(int64(class.Generation))
	}
	return i, err
}

// openStorage opens the database, and makes it if there is none.
func (o *Object) openStorage(class *Class) error {
	around := o.namespace.around
	o.limits = around.Limits.Storage(class.SQL)
	options := storage.Options{Clock: o.namespace.now, Limits: o.limits}
	if around.Random.Seeded() {
		if o.randomness == nil {
			o.randomness = around.Random.Stream(o.place("storage")...)
		}
		options.Random = o.randomness
	}
	if class.SQL && o.facet == nil {
		options.History = &storage.History{Clock: o.namespace.now, Since: o.made, Log: around.Log}
	}
	db, err := o.namespace.files.Open(o.database(), options)
	if err == nil && db.Restored() {
		err = o.namespace.alarms.restored(o, db)
	}
	if err == nil {
		err = o.keepName()
	}
	if err != nil {
		return fmt.Errorf("open storage of object %s: %w", o.id, err)
	}
	o.db, o.made = db, time.Time{}
	o.live.Store(db)
	return nil
}

// keepName writes the object's name down, which its id does not tell.
func (o *Object) keepName() error {
	if o.Name() == "" || o.facet != nil {
		return nil
	}
	return o.namespace.files.SetName(o.id, o.Name())
}

// storage is the object's database. The first use opens it, and the first one after it was at rest.
func (o *Object) storage() (*storage.DB, error) {
	if o.db == nil {
		if err := o.openStorage(o.class); err != nil {
			return nil, err
		}
	}
	return o.db, nil
}

// construct makes the instance of the user's class.
func (o *Object) construct(t *isolate.Turn) error {
	name := isolate.Undefined()
	if o.Name() != "" {
		name = isolate.String(o.Name())
	}
	id, isText, props := o.id, false, isolate.Undefined()
	if f := o.facet; f != nil {
		id, isText, props, name = f.ctxID, f.isText, f.props, isolate.Undefined()
		if f.named != "" {
			name = isolate.String(f.named)
		}
	}
	o.starting = &starting{began: o.namespace.now()}
	began := o.loop.Computed()
	err := t.Deliver(o.event("object.construct"), isolate.String(o.class.Name), isolate.String(id), name, isolate.Bool(o.class.SQL),
		isolate.Bool(isText), props)
	s := o.starting
	o.starting, s.computing = nil, o.loop.Computed()-began
	o.record(journal.Event{Kind: journal.Wake, Detail: o.wakeReason(), Duration: o.namespace.now().Sub(o.started)})
	if s.sections == 0 {
		o.hintStart(s.computing, 0)
	}
	return err
}

// wakeReason is the event that the object was started for.
func (o *Object) wakeReason() string {
	first := o.firstCall()
	if first == nil {
		return ""
	}
	return string(first.entry.Kind) + " " + first.entry.Detail
}

// settled is called when the object has nothing to do for now: the time until it leaves memory
// begins. What keeps it there ends with an event of the loop, so that this is called again.
func (o *Object) settled() {
	if turns := o.loop.Turns(); o.db != nil && turns != o.restTurns {
		o.restTurns = turns
		o.namespace.around.crowd.use(o, cmp.Or(o.namespace.around.Eviction.Rest, restAfter))
	}
	if o.facet != nil {
		return // it leaves with its parent
	}
	o.tryEvictions()
	o.hintMemory()
	now := o.namespace.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if turns := o.loop.Turns(); turns != o.turns {
		o.turns, o.used = turns, now
	}
	stay, ends := o.stay()
	at := o.used.Add(stay)
	switch {
	case !ends || !o.loop.Started():
		o.stopLeaving()
	case o.leaving != nil && !at.Before(o.leavesAt):
		o.leaving.Postpone(at)
		o.leavesAt = at
	default:
		o.stopLeaving()
		o.leavesAt = at
		o.leaving = o.namespace.around.Clock.At(at, o.namespace.waits(clock.KindEvict, o.id, o.Name()), o.look)
	}
}

// stay is how long the object stays in memory if nothing more happens; ends is false if something
// keeps it there. The lock is held, as for stopLeaving.
func (o *Object) stay() (stay time.Duration, ends bool) {
	rules := o.namespace.around.Eviction
	switch {
	case rules.Hibernate < 0 || len(o.calls) > 0 || o.loop.PinnedBy("socket"):
		return 0, false
	case !o.loop.Pinned():
		return rules.Hibernate, true
	}
	return rules.Forget, rules.Forget > 0
}

func (o *Object) stopLeaving() {
	if o.leaving != nil {
		o.leaving.Stop()
		o.leaving = nil
	}
}

// look lets the object leave memory, unless something has happened meanwhile: then settled is called
// again.
func (o *Object) look() {
	o.loop.Control(func() {
		o.mu.Lock()
		o.leaving = nil
		stay, ends := o.stay()
		leave := ends && o.loop.Turns() == o.turns && !o.namespace.now().Before(o.used.Add(stay))
		o.mu.Unlock()
		if leave {
			o.hintLost(stay)
			o.leave("idle for "+stay.String(), errGone)
		}
	})
}

// leave frees the heap and closes the database. Hibernatable WebSockets stay connected, and stubs
// keep working: the next event starts the object again. Calls of values that the object exported fail
// with the error.
func (o *Object) leave(why string, told error) {
	if !o.loop.Started() {
		return
	}
	kind := journal.Evict
	if o.sockets.count() > 0 {
		kind = journal.Hibernate
	}
	o.drop(told)
	o.record(journal.Event{Kind: kind, Detail: why})
	o.evicted()
}

// drop frees the heap and what it held in Go. Calls of values that it exported fail with the reason.
func (o *Object) drop(why error) {
	o.loop.Drop()
	o.release().Close(why)
}

// release closes the database of a heap that is gone. What the heap held in Go is the caller's to close:
// when those who wait for an answer get the reason, they may call the object again at once.
func (o *Object) release() *platform.Realm {
	o.namespace.around.crowd.leave(o)
	if err := o.endFacets(errGone, false); err != nil {
		o.namespace.around.Log.Error("end facets", "namespace", o.namespace.UniqueKey(), "object", o.id, "err", err)
	}
	o.generation.Store(0)
	for _, section := range o.sections {
		section.limit.Stop()
	}
	o.sections, o.cursors, o.convert, o.forms, o.taken = nil, cursors{}, isolate.Handle{}, nil, isolate.Rows{}
	o.sockets.forgetLeft()
	o.closeStorage()
	if o.instance == nil {
		return &platform.Realm{} // it did not start
	}
	realm := o.instance.realm
	o.instance = nil
	return realm
}

func (o *Object) closeStorage() { o.endStorage((*storage.DB).Close) }

// abandonStorage closes the database, which is about to be replaced or removed.
func (o *Object) abandonStorage() { o.endStorage((*storage.DB).Abandon) }

func (o *Object) endStorage(end func(*storage.DB) error) {
	if o.db == nil {
		return
	}
	o.namespace.around.crowd.unuse(o)
	if err := end(o.db); err != nil {
		o.namespace.around.Log.Error("close storage", "namespace", o.namespace.UniqueKey(), "object", o.id, "err", err)
	}
	o.db = nil
	o.live.Store(nil)
}

// restStorage closes the database of an object that has not used it for a while: it costs files and memory. The next use
// opens it again.
func (o *Object) restStorage() {
	if o.db != nil && o.loop.Turns() == o.restTurns && o.db.CanRest() {
		o.closeStorage()
	}
}

// broken is called when the isolate is gone by a failure: the object is reset. All calls fail with
// the same error, its WebSockets end, and the next call to a new stub finds a new instance.
func (o *Object) broken(err error) {
	reset := resetError(err)
	o.lose(reset)
	o.sockets.dropAll()
	event := journal.Event{Kind: journal.Reset, Error: reset.Error()}
	var stored *storage.Error
	if errors.As(err, &stored) && stored.Reason != "" {
		event.Error += ": " + stored.Reason
	}
	o.record(event)
}

// lose takes the place away of an object whose heap is gone.
func (o *Object) lose(why error) {
	realm := o.release()
	o.fail(why)
	realm.Close(why)
}

// fail takes the object's place away and fails its calls.
func (o *Object) fail(why error) {
	o.mu.Lock()
	o.gone = why
	calls := o.calls
	o.calls = map[uint64]*call{}
	o.stopLeaving()
	evictions := o.evictions
	o.evictions = nil
	o.mu.Unlock()
	for _, e := range evictions {
		e.done <- nil
	}
	o.namespace.remove(o, why)
	for _, c := range calls {
		o.end(c, why)
		c.finish(why)
	}
}

// platformFailed is called with an error of the platform's own code in the isolate.
func (o *Object) platformFailed(err error) {
	o.namespace.around.Log.Error("platform code failed", "namespace", o.namespace.UniqueKey(), "object", o.id, "err", err)
}

// replaceCode ends the instance because new code serves. Calls under way fail; hibernatable
// WebSockets stay.
func (o *Object) replaceCode() {
	o.loop.Control(func() {
		if !o.loop.Started() {
			return
		}
		o.failCalls(errCodeUpdated)
		o.leave("its code was updated", errCodeUpdated)
	})
}

// failCalls fails the calls that have been delivered; those that wait go to the next instance.
func (o *Object) failCalls(why error) {
	o.mu.Lock()
	var failed []*call
	for id, c := range o.calls {
		if c.unpin != nil {
			failed = append(failed, c)
			delete(o.calls, id)
		}
	}
	o.mu.Unlock()
	for _, c := range failed {
		o.end(c, why)
		c.finish(why)
	}
}

// shutDown ends the object for good, with its state on disk.
func (o *Object) shutDown() {
	done := make(chan struct{})
	o.loop.Control(func() {
		o.loop.Drop()
		o.lose(errGone)
		o.sockets.closeAll()
		o.whenFacetsEnded(func() { close(done) })
	})
	<-done
}

// sectionTime is how long blockConcurrencyWhile may take.
const sectionTime = 30 * time.Second

// limitSection resets the object when a critical section takes too long. The timer is stopped with
// the section.
func (o *Object) limitSection(t *isolate.Turn, s *isolate.Section) *clock.Timer {
	return o.limit(t, sectionTime, "blockConcurrencyWhile", func() bool { return !s.Ended() }, errSectionTime)
}

// limit resets the object if something goes on after a time.
func (o *Object) limit(t *isolate.Turn, d time.Duration, what string, goesOn func() bool, err error) *clock.Timer {
	return o.limitWith(t, d, what, goesOn, func() { o.loop.Fail(err) })
}

// limitWith does something about the object if something goes on after a time.
func (o *Object) limitWith(t *isolate.Turn, d time.Duration, what string, goesOn func() bool, do func()) *clock.Timer {
	return o.after(d, clock.KindLimit, what, t.Loop().Controller(func() {
		if goesOn() {
			do()
		}
	}))
}

// after does something when a time is over.
func (o *Object) after(d time.Duration, kind clock.Kind, detail string, do func()) *clock.Timer {
	due := o.namespace.waits(kind, o.id, o.Name())
	due.Detail = detail
	return o.namespace.around.Clock.At(o.namespace.now().Add(d), due, do)
}

// deleteAll removes everything the object stored.
func (o *Object) deleteAll(t *isolate.Turn) error {
	if err := o.endFacets(errGone, true); err != nil {
		return err
	}
	keepAlarm := !o.class.DeleteAllDeletesAlarm
	db, err := o.storage()
	if err != nil {
		return err
	}
	if _, err := db.DeleteAll(keepAlarm); err != nil || keepAlarm {
		return err
	}
	return o.deleteAlarm(t)
}
