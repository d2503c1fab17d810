package platform

import (
	"io"
	"sync"

	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
)

// Realm is what the platform keeps in Go for one isolate, and what it needs from outside.
type Realm struct {
	Clock  clock.Clock
	Random io.Reader
	// Console takes a line that a program wrote: level is log, info, warn, error or debug.
	Console func(level, text string)
	// Uncaught takes an error that nobody handled, with its stack.
	Uncaught func(text string)
	// Net is what fetch() of the global scope uses.
	Net Fetcher
	// Service finds the Workers that env has bindings to, by number. It may be nil.
	Service func(number int) Fetcher
	// Loopback finds the entrypoints of the isolate's own Worker; props are JSON. It may be nil.
	Loopback func(entrypoint string, props []byte) Fetcher

	// CommonJS is the Worker's CommonJS modules. It may be nil where none is loaded.
	CommonJS CommonJS

	mu       sync.Mutex
	last     int
	bodies   map[int]*Body
	sockets  map[int]*Socket
	fetchers map[int]Fetcher
	requests map[int]*handled
	timers   map[int]*timer
	due      timerQueue
	pins     map[int]func()
	decoders map[int]*decoder
	calls    map[int]func(result []byte)
	writers  map[int]*Body
	aborts   map[int]*sent
	parts    map[int][]byte
}

// realmOwner is every owner of an isolate that the platform runs in.
type realmOwner interface{ Realm() *Realm }

func realmOf(c *isolate.Call) *Realm { return c.Owner().(realmOwner).Realm() }

// keep puts something into one of the realm's tables, and gives the number that JavaScript knows.
func keep[T any](r *Realm, table *map[int]T, v T) int {
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
	defer r.mu.Unlock()
	v := table[n]
	delete(table, n)
	return v
}

// Close lets go of everything that the isolate had open: its heap is gone.
func (r *Realm) Close() {
	r.mu.Lock()
	bodies, sockets, stop := r.bodies, r.sockets, r.due.stop
	r.bodies, r.sockets, r.timers, r.requests, r.pins, r.fetchers = nil, nil, nil, nil, nil, nil
	r.due = timerQueue{}
	r.mu.Unlock()
	if stop != nil {
		stop()
	}
	for _, b := range bodies {
		b.Close()
	}
	for _, s := range sockets {
		s.Drop()
	}
}
