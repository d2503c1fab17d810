package durable

import (
	"sync"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
)

// Object is one Durable Object that has a place in memory: its queue of events, the calls under
// way, its hibernatable WebSockets. Its heap and its open database come and go (see lifecycle.go);
// the place goes when the object is reset, or when nobody used it for long.
type Object struct {
	namespace *Namespace
	id        string // 64 hex digits
	name      string // by which it was first reached, or ""
	serial    uint64 // tells this place from others of the same id
	loop      *isolate.Loop

	mu       sync.Mutex
	calls    map[uint64]*call
	lastCall uint64
	sockets  sockets
	used     time.Time   // when something last happened
	leaving  func() bool // stops the timer that ends the object's time in memory
	gone     error       // set when the place was taken away

	// What follows belongs to the loop.
	class      *Class
	instance   *Instance
	db         *storage.DB
	alarming   *dueAlarm // whose handler runs
	sections   map[float64]*isolate.Section
	cursors    map[int]*cursor
	lastCursor int
	rows       []byte // for rows on their way into JavaScript
	started    time.Time
}

func newObject(n *Namespace, hex, name string, serial uint64) *Object {
	o := &Object{namespace: n, id: hex, name: boundedName(name), serial: serial, calls: map[uint64]*call{}}
	o.sockets.object = o
	o.loop = isolate.NewLoop(isolate.Hooks{
		Start: o.start, Init: o.construct, Now: n.now, Store: (*objectStore)(o),
		Settled: o.settled, Broken: o.broken, Failed: o.platformFailed,
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

// Name is the name by which the object was first reached, or "".
func (o *Object) Name() string { return o.name }

// Namespace is the object's namespace.
func (o *Object) Namespace() *Namespace { return o.namespace }

// record writes an event into the journal with what is known of the object.
func (o *Object) record(e journal.Event) {
	e.Namespace, e.Object, e.Name = o.namespace.UniqueKey(), o.id, o.name
	if class := o.namespace.class.Load(); class != nil {
		e.Generation = class.Generation
	}
	o.namespace.around.Journal.Record(e)
}

// objectStore commits what turns write, before anything that they send leaves.
type objectStore Object

func (s *objectStore) Dirty() bool   { return s.db != nil && s.db.Dirty() }
func (s *objectStore) Commit() error { return s.db.Commit() }

func (s *objectStore) Mark() error {
	s.db.BeginTurn()
	return nil
}

func (s *objectStore) RollBack() error {
	s.db.Abort()
	return nil
}
