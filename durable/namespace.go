package durable

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/durable/id"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/platform"
)

// Namespace is all objects of one class.
// https://developers.cloudflare.com/durable-objects/api/namespace/
type Namespace struct {
	around *Surroundings
	key    string
	ids    id.Namespace
	files  *storage.Namespace
	alarms *alarms
	class  atomic.Pointer[Class]
	// elsewhere leads to the objects if another process has them. Then there is nothing but the ids here.
	elsewhere func(hex, name string) platform.Target
	// atRest tells that nothing runs here: see OpenNamespaceAtRest.
	atRest bool
	// started tells whether alarms run.
	started atomic.Bool
	// closed keeps objects from starting again.
	closed atomic.Bool

	mu      sync.Mutex
	objects map[string]*Object // by their hex id, those with a place in memory
	broken  map[uint64]error   // why an object that stubs may still name was reset, by serial
	located map[string]string  // the location hints of objects, by their hex id
}

// OpenNamespace opens the namespace with a unique key, which is <worker>-<Class>, and schedules the
// alarms that its state holds. SetClass must come before the first call.
func OpenNamespace(around *Surroundings, uniqueKey string) (*Namespace, error) {
	return openNamespace(around, uniqueKey, storage.OpenNamespace)
}

func openNamespace(around *Surroundings, uniqueKey string, open func(stateDir, uniqueKey string) (*storage.Namespace, error)) (*Namespace, error) {
	n := &Namespace{
		around: around, key: uniqueKey, ids: id.NewNamespace(uniqueKey),
		objects: map[string]*Object{}, broken: map[uint64]error{}, located: map[string]string{},
	}
	var err error
	if n.files, err = open(around.StateDir, uniqueKey); err != nil {
		return nil, fmt.Errorf("open namespace %s: %w", uniqueKey, err)
	}
	n.alarms = newAlarms(n)
	return n, nil
}

// Start begins to run alarms, those that are overdue at once, if the namespace has code. Further
// calls do nothing.
func (n *Namespace) Start() error {
	if n.class.Load() == nil || n.started.Swap(true) {
		return nil
	}
	return n.alarms.start()
}

// UniqueKey is <worker>-<Class>.
func (n *Namespace) UniqueKey() string { return n.key }

// SQL tells whether the class was declared with SQLite storage.
func (n *Namespace) SQL() bool {
	class := n.class.Load()
	return class != nil && class.SQL
}

// Alarms are the namespace's alarms, in the order in which they run next.
func (n *Namespace) Alarms() []PendingAlarm { return n.alarms.list() }

// SetClass makes new code serve. Objects in memory end; their hibernatable WebSockets stay.
func (n *Namespace) SetClass(c *Class) {
	if n.class.Swap(c) == nil {
		return
	}
	for _, o := range n.loaded() {
		o.replaceCode()
	}
}

// loaded lists the objects that have a place in memory, by id.
func (n *Namespace) loaded() []*Object {
	n.mu.Lock()
	defer n.mu.Unlock()
	objects := make([]*Object, 0, len(n.objects))
	for _, o := range n.objects {
		objects = append(objects, o)
	}
	slices.SortFunc(objects, func(a, b *Object) int { return strings.Compare(a.id, b.id) })
	return objects
}

// Object gives the object with an id its place in memory; it starts with its first call. The name
// is kept unless it has one.
func (n *Namespace) Object(hex, name string) *Object {
	n.mu.Lock()
	defer n.mu.Unlock()
	o := n.objects[hex]
	if o == nil {
		o = newObject(n, hex, name, n.around.serials.Add(1))
		n.objects[hex] = o
	} else {
		o.nameAs(name)
	}
	return o
}

// mostLocated bounds how many location hints are remembered.
const mostLocated = 10_000

// locate remembers where an object was asked to be: as on Cloudflare's network the first hint counts.
func (n *Namespace) locate(hex, hint string) {
	if n.elsewhere != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.located[hex]; !known && len(n.located) < mostLocated {
		n.located[hex] = hint
	}
}

func (n *Namespace) location(hex string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.located[hex]
}

// placed is the object with an id if it has a place in memory, or nil.
func (n *Namespace) placed(hex string) *Object {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.objects[hex]
}

// object finds the object that a stub was bound to. If it was reset, the error is why: it stays with
// the stub. A serial of 0 is a stub that was never used.
func (n *Namespace) object(hex, name string, serial uint64) (*Object, error) {
	n.mu.Lock()
	err := n.broken[serial]
	n.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return n.Object(hex, name), nil
}

// keepBroken is how many resets are remembered for the stubs of their time.
const keepBroken = 4096

// remove takes an object's place away after a reset, or when nobody asked for it for long.
func (n *Namespace) remove(o *Object, why error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.objects[o.id] == o {
		delete(n.objects, o.id)
	}
	if why == nil {
		return
	}
	n.broken[o.serial] = why
	if len(n.broken) > keepBroken {
		oldest := o.serial
		for serial := range n.broken {
			oldest = min(oldest, serial)
		}
		delete(n.broken, oldest)
	}
}

// Close ends all objects and writes their state out. Calls that are under way fail.
func (n *Namespace) Close() error {
	n.alarms.stop()
	n.closed.Store(true)
	for _, o := range n.loaded() {
		o.shutDown()
	}
	return n.files.Close()
}

// now is the time by the emulator's clock.
func (n *Namespace) now() time.Time { return n.around.Clock.Now() }
