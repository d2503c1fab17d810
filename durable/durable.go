// Package durable is Durable Objects: namespaces, ids, objects and their life, their storage,
// alarms and hibernating WebSockets. It knows nothing of HTTP servers.
//
// https://developers.cloudflare.com/durable-objects/
package durable

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/fault"
	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/random"
)

// Surroundings are what all objects of an emulator share.
type Surroundings struct {
	Engine   *isolate.Engine
	Watchdog *isolate.Watchdog
	Clock    *clock.Clock
	Random   *random.Source
	Journal  *journal.Journal
	// Faults are failures that are asked for; nil for none.
	Faults *fault.Faults
	Log    *slog.Logger
	// StateDir is the directory with a folder for each namespace; empty keeps everything in memory.
	StateDir string
	Eviction Eviction
	Limits   Limits

	// FreeMemory tells how many bytes the machine has left for this process, if that is known. It may be nil.
	FreeMemory func() (bytes uint64, known bool)

	serials atomic.Uint64
	crowd   crowd
	gate    gate
}

// Limits are what an object may use.
type Limits struct {
	// Memory is in bytes, of one isolate; 0 for the engine's own limit.
	Memory uint64
	// Storage gives the limits of a class with or without SQLite storage.
	Storage func(sqlStorage bool) storage.Limits
	// Queued is how many events may wait for an object; 0 for no limit.
	Queued int
}

// Class is a Durable Object class in one build of a project.
type Class struct {
	Name string
	// Worker is the name of the Worker that has it.
	Worker string
	// Image is the heap in which the build's modules are loaded.
	Image *isolate.Image
	// LoadModule gives the modules that code imports later; see isolate.Options. It may be nil.
	LoadModule func(name string, path []string) (string, error)
	// Realm makes what the platform needs for a new isolate.
	Realm func(o *Object) *platform.Realm
	// SQL tells whether the class was declared with SQLite storage.
	SQL bool
	// Namespaces are those that the code has bindings to, by the numbers in its env.
	Namespaces []*Namespace
	// Source rewrites a line of a stack so that it names the user's own files. It may be nil.
	Source func(line string) string
	// Hint tells people of a mistake that showed at an event, in the place to which a stack leads. It may be nil.
	Hint func(at journal.Event, h hint.Hint, stack string)
	// Constructor is the place of the class's constructor in the user's own files, or "". It may be nil, and takes
	// long.
	Constructor func() string
	// Generation counts the builds.
	Generation int
	// CPU is how long one turn may take; 0 for no limit.
	CPU time.Duration
	// Facet is a class of the same build by the name of its export, as a facet runs it.
	Facet func(export string) (*Class, error)
	// Tail takes what is written down of the objects' events; nil if nobody wants to see it.
	Tail platform.Tail
	// DeleteAllDeletesAlarm is the compatibility flag delete_all_deletes_alarm.
	DeleteAllDeletesAlarm bool
}

// Instance is the owner of an isolate that one object lives in.
type Instance struct {
	object *Object
	realm  *platform.Realm
}

// Realm is what the platform keeps for the isolate.
func (i *Instance) Realm() *platform.Realm { return i.realm }

// Object is the object that lives in the isolate.
func (i *Instance) Object() *Object { return i.object }

// Namespace finds the namespaces that the class's code has bindings to.
func (i *Instance) Namespace(number int) *Namespace { return i.object.class.Namespaces[number] }

// realmOwner is every owner of an isolate that the platform runs in.
type realmOwner interface{ Realm() *platform.Realm }

// objectOf is the object whose isolate makes a call.
func objectOf(c *isolate.Call) *Object { return c.Owner().(*Instance).object }
