package platform

import (
	"io"
	"sync"
	"sync/atomic"

	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/mistake"
)

// Realm is what the platform keeps in Go for one isolate, and what it needs from outside.
type Realm struct {
	Clock *clock.Clock
	// Place says what the realm belongs to, for what waits for a time.
	Place clock.Due
	// Random is the realm's own randomness.
	Random io.Reader
	// Console takes a line that a program wrote: level is log, info, warn, error or debug.
	Console func(level, text string)
	// Uncaught takes an error that nobody handled, with its stack.
	Uncaught func(text string)
	// Socket takes what happens to a WebSocket that the program took: open, close or error. It may be nil.
	Socket func(what, detail string)
	// Net is what fetch() of the global scope uses.
	Net Fetcher
	// Service finds the Workers that env has bindings to, by number. It may be nil.
	Service func(number int) Target
	// Loopback finds the entrypoints of the isolate's own Worker; props are JSON. It may be nil.
	Loopback func(entrypoint string, props []byte) Target

	// Find gives what an address leads to. It may be nil where no program runs.
	Find func(Address) (Target, error)

	// AnyDepth allows calls between Workers and objects that lead to ever more calls.
	AnyDepth bool
	// Brotli makes the platform decode and encode bodies in br, as programs of newer compatibility dates have it.
	Brotli bool
	// SocketLimits bound what programs keep with WebSockets.
	SocketLimits SocketLimits
	// Subrequests is how many requests and calls to others one event may make; 0 for no limit.
	Subrequests int
	// Hint takes a mistake that showed in a call, with the JavaScript that made it. It may be nil.
	Hint func(h hint.Hint, stack string)
	// Hinted are the mistakes that a Hint needs no more of. It belongs to the isolate's goroutine.
	Hinted mistake.Set
	// Fired is called when a timer is due, with the line that set it; Accepted when the program takes a WebSocket
	// with accept(), which is outgoing if it leads to elsewhere: stack gives the JavaScript that did. They may be nil.
	Fired    func(source string)
	Accepted func(outgoing bool, stack func() string)
	// Stack gives the places of a stack as those in the user's files. It may be nil.
	Stack func(text string) string

	// CommonJS is the Worker's CommonJS modules. It may be nil where none is loaded.
	CommonJS CommonJS

	// MostHeld is how many bytes the host may keep for the isolate beside its heap: messages and calls that have not
	// arrived, bodies that have not been read. 0 is no limit. Beyond it Exceeded is called once, from any goroutine.
	MostHeld int64
	Exceeded func()
	held     atomic.Int64
	exceeded atomic.Bool

	mu       sync.Mutex
	last     int
	bodies   map[int]*Body
	sockets  map[int]*Socket
	fetchers map[int]Fetcher
	requests map[int]*handled
	timers   map[int]*timer
	pins     map[int]func()
	decoders map[int]*decoder
	calls    map[int]func(result []byte)
	writers  map[int]*writer
	aborts   map[int]*sent
	parts    map[int][]byte
	refs     map[int]Ref
	// invocations are the calls that wait for an answer of the isolate, and expected the answers of
	// others that wait for a turn of it.
	invocations map[int]func(Payload, error)
	expected    map[int]*Payload
	callbacks   map[*exported]struct{}
	closed      error // why, once the isolate is gone
}

func (r *Realm) socket(what, detail string) {
	if r.Socket != nil {
		r.Socket(what, detail)
	}
}

// realmOwner is every owner of an isolate that the platform runs in.
type realmOwner interface{ Realm() *Realm }

func realmOf(c *isolate.Call) *Realm { return c.Owner().(realmOwner).Realm() }

// charged is what the host keeps for an isolate.
type charged struct {
	realm *Realm
	bytes atomic.Int64
}

// messageCost is what any message counts beside its bytes.
const messageCost = 256

// charge counts bytes that the host keeps until free is called.
func (r *Realm) charge(bytes int) *charged {
	c := &charged{realm: r}
	c.bytes.Store(int64(bytes))
	r.hold(int64(bytes))
	return c
}

// chargeTurn is charge for what a turn asks for: one that asks for too much is stopped at once.
func (r *Realm) chargeTurn(c *isolate.Call, bytes int) *charged {
	charge := r.charge(bytes)
	if r.exceeded.Load() && c.Turn() != nil {
		c.Turn().Break(isolate.ErrMemoryLimit)
	}
	return charge
}

// add charges more to it.
func (c *charged) add(bytes int64) {
	c.bytes.Add(bytes)
	c.realm.hold(bytes)
}

// free may be called more than once, and on nil.
func (c *charged) free() {
	if c != nil {
		c.realm.held.Add(-c.bytes.Swap(0))
	}
}

func (r *Realm) hold(bytes int64) {
	if held := r.held.Add(bytes); r.MostHeld > 0 && held > r.MostHeld && !r.exceeded.Swap(true) && r.Exceeded != nil {
		r.Exceeded()
	}
}

// weigh counts what comes into a table or, with sign -1, leaves it.
func (r *Realm) weigh(v any, sign int64) {
	switch v := v.(type) {
	case *Body:
		if v != nil && v.weight > 0 {
			r.hold(sign * int64(v.weight))
		}
	case *Socket:
		if v == nil {
			return
		}
		if sign > 0 {
			v.move(r)
		} else {
			v.move(nil)
		}
	}
}

// keep puts something into one of the realm's tables, and gives the number that JavaScript knows.
func keep[T any](r *Realm, table *map[int]T, v T) int {
	r.weigh(v, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if *table == nil {
		*table = map[int]T{}
	}
	r.last++
	(*table)[r.last] = v
	return r.last
}

func look[T any](r *Realm, table map[int]T, n int) T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return table[n]
}

func take[T any](r *Realm, table map[int]T, n int) T {
	r.mu.Lock()
	v := table[n]
	delete(table, n)
	r.mu.Unlock()
	r.weigh(v, -1)
	return v
}

// Close lets go of everything that the isolate had open: its heap is gone. The reason is what those get
// who wait for an answer.
func (r *Realm) Close(reason error) {
	r.mu.Lock()
	bodies, sockets, timers, writers, refs := r.bodies, r.sockets, r.timers, r.writers, r.refs
	expected, invocations := r.expected, r.invocations
	r.bodies, r.sockets, r.timers, r.requests, r.pins, r.fetchers = nil, nil, nil, nil, nil, nil
	r.writers, r.refs, r.expected, r.invocations = nil, nil, nil, nil
	r.closed = reason
	r.mu.Unlock()
	for _, t := range timers {
		t.wait.Stop()
	}
	for _, b := range bodies {
		b.Close()
	}
	for _, s := range sockets {
		s.Drop()
	}
	for _, w := range writers {
		w.drop()
	}
	for _, ref := range refs {
		ref.drop()
	}
	for _, p := range expected {
		p.Drop()
	}
	for _, reply := range invocations {
		reply(Payload{}, reason)
	}
}
