package durable

import (
	"container/list"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
)

// Object is one Durable Object that has a place in memory: its queue of events, the calls under
// way, its hibernatable WebSockets. Its heap and its open database come and go (see lifecycle.go);
// the place goes when the object is reset, or when nobody used it for long.
type Object struct {
	namespace *Namespace
	id        string                 // 64 hex digits
	name      atomic.Pointer[string] // by which it was first reached, or ""
	serial    uint64                 // tells this place from others of the same id
	loop      *isolate.Loop
	facet     *facet // nil for an object that is none

	mu       sync.Mutex
	calls    map[uint64]*call
	lastCall uint64
	sockets  sockets
	used     time.Time // when something last happened
	leaving  *clock.Timer
	leavesAt time.Time // when leaving is due
	gone     error     // set when the place was taken away
	// evictions are wishes that the object leaves memory.
	evictions []*eviction

	inCrowd *list.Element // the crowd's, under its lock; nil when the object is not in memory
	inUse   *list.Element // the crowd's, under its lock; nil when the database is not open

	generation atomic.Int64 // of the code that it runs; 0 when it is not in memory

	live atomic.Pointer[storage.DB] // db, for other goroutines

	alarmChanges atomic.Uint64 // counts what sets or deletes the alarm
	lastEnd      atomic.Int64  // when a call last ended, in nanoseconds since 1970; 0 if none has

	// What follows belongs to the loop.
	class    *Class
	instance *Instance
	db       *storage.DB // nil while it is not open: see storage
	// randomness is where the database of the object's present life takes its seeds; nil if it was not open yet.
	randomness io.Reader
	made       time.Time // when the database was made that is not opened yet; zero if there is none
	restTurns  uint64    // of the loop, when the database was last known to be in use
	alarming   *dueAlarm // whose handler runs
	sections   map[float64]openSection
	cursors    cursors
	convert    isolate.Handle // calls exec again with what it takes
	rows       []byte         // for values on their way into JavaScript
	taken      isolate.Rows
	forms      map[*storage.Fields]isolate.Form
	limits     storage.Limits
	started    time.Time
	starting   *starting // while the constructor runs
	turns      uint64    // of the loop, when something last happened
	starts     uint64
	facets     map[string]*Object  // those that have a place in memory
	endings    map[int]*ending     // of facets, by their numbers
	index      *storage.FacetIndex // of an object that had facets
	hints      hints
}

// openSection is a critical section and what ends it when it takes too long.
type openSection struct {
	*isolate.Section
	limit *clock.Timer
	// start is the start of the object that the section belongs to; nil for a later one.
	start *starting
}

func newObject(n *Namespace, hex, name string, serial uint64) *Object {
	o := &Object{namespace: n, id: hex, serial: serial, calls: map[uint64]*call{}}
	name = boundedName(name)
	o.name.Store(&name)
	o.sockets.object = o
	o.loop = isolate.NewLoop(isolate.Hooks{
		Start: o.start, Init: o.construct, Now: n.now, Store: (*objectStore)(o),
		Interrupt: o.endQuery, Settled: o.settled, Broken: o.broken, Failed: o.platformFailed, Go: n.around.Clock.Work().Go, Stopping: n.around.Clock.Work().Stopping,
		Steady: n.around.Random.Seeded(),
	}, n.around.Watchdog, 0)
	return o
}

// boundedName drops names that are too long for ctx.id, as workerd does.
func boundedName(name string) string {
	if len(name) > 1024 {
		return ""
	}
	return name
}

// ID is the object's id: 64 hex digits.
func (o *Object) ID() string { return o.id }

// Name is the name by which the object was first reached, or "" if it was reached by its id only.
func (o *Object) Name() string { return *o.name.Load() }

// nameAs names an object that is named nowhere yet, for its next life.
func (o *Object) nameAs(name string) {
	if name = boundedName(name); name != "" && o.Name() == "" {
		o.name.Store(&name)
	}
}

// Namespace is the object's namespace.
func (o *Object) Namespace() *Namespace { return o.namespace }

// place names what belongs to one life of the object, for its randomness.
func (o *Object) place(what string) []string {
	return []string{what, o.namespace.key, o.id, strconv.FormatUint(o.serial, 10), strconv.FormatUint(o.starts, 10)}
}

// Random is the randomness of the object's present life.
func (o *Object) Random() io.Reader { return o.namespace.around.Random.Stream(o.place("object")...) }

// record writes an event into the journal with what is known of the object.
func (o *Object) record(e journal.Event) {
	o.namespace.recordOf(o.id, o.Name(), e)
}

// recordOf is record of an object that need not be in memory.
func (n *Namespace) recordOf(hex, name string, e journal.Event) {
	e.Namespace, e.Object, e.Name = n.key, hex, name
	if class := n.class.Load(); class != nil {
		e.Generation, e.Worker = class.Generation, class.Worker
	}
	n.around.Journal.Record(e)
}

// endQuery ends the query that the object's turn waits for. It is called from any goroutine.
func (o *Object) endQuery() {
	if db := o.live.Load(); db != nil {
		db.Interrupt()
	}
}

// objectStore commits what turns write, before anything that they send leaves.
type objectStore Object

func (s *objectStore) Dirty() bool { return s.db != nil && s.db.Dirty() }

func (s *objectStore) Commit() error {
	s.cursors.sweep()
	(*Object)(s).hintDatabase()
	return (*Object)(s).commit()
}

func (s *objectStore) Mark() error {
	s.db.BeginTurn() // it is open, since it is dirty
	return nil
}

func (s *objectStore) RollBack() error {
	s.db.Resume() // the turn may have been interrupted
	s.db.Abort()
	return nil
}
