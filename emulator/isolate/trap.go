package isolate

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// trap is the panic by which something that went wrong in Go ends everything up to the entry.
type trap struct{ err error }

// access says who may touch an isolate's memory. The watchdog takes it away from code of the engine that does not
// listen; it never does while Go works on the memory, since a fault there could find Go in the middle of anything.
type access struct {
	state atomic.Int32
	mu    sync.Mutex // held while the memory is taken away or freed
}

// The states of access.
const (
	inGo     int32 = iota // no code of the engine runs
	inEngine              // code of the engine runs
	seized                // the memory cannot be touched any more
)

// errSeized ends code that reached Go after its memory had been taken away. Whoever took it knows why.
var errSeized = errors.New("the isolate was stopped")

// seize takes the memory away if code of the engine runs, and tells whether it did. It may be called from any goroutine.
func (i *Isolate) seize() bool {
	i.access.mu.Lock()
	defer i.access.mu.Unlock()
	return i.access.state.CompareAndSwap(inEngine, seized) && i.mem.Protect()
}

// close waits until nobody takes the memory away, and lets nobody do so any more.
func (a *access) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Store(seized)
}

// enter lets code of the engine run, until exit; ok is false if none can run any more. Calls nest.
func (i *Isolate) enter() (faults, ok bool) {
	if !i.access.state.CompareAndSwap(inGo, inEngine) {
		return false, false // what is deferred still runs when the engine has ended
	}
	return debug.SetPanicOnFault(true), true
}

// exit comes back from code of the engine.
func (i *Isolate) exit(faults bool) {
	debug.SetPanicOnFault(faults)
	i.leave()
}

// leave begins work in Go, and ends the isolate if its memory has been taken away.
func (i *Isolate) leave() {
	if !i.access.state.CompareAndSwap(inEngine, inGo) {
		panic(trap{errSeized})
	}
}

// enterAgain goes back to code of the engine that called Go.
func (i *Isolate) enterAgain() {
	if !i.access.state.CompareAndSwap(inGo, inEngine) {
		panic(trap{errSeized})
	}
}

// recoverTrap turns what ended the engine's code into an error at the entry, and marks the isolate as broken. Panics of
// Go's own code go on.
func (i *Isolate) recoverTrap(err *error) {
	if i.access.state.Load() == inGo {
		// Only a trap of ours may come from Go.
		switch r := recover().(type) {
		case nil:
			return
		case trap:
			i.breaks(err, r.err)
			return
		default:
			panic(r)
		}
	}
	debug.SetPanicOnFault(false)
	stopped := i.access.state.Load() == seized
	if stopped {
		// Nothing of the engine runs any more, and Go may still look at what it left.
		i.mem.Unprotect()
	}
	switch r := recover().(type) {
	case nil:
		// The isolate broke earlier.
	case trap:
		i.breaks(err, r.err)
	case runtime.Error:
		// A fault, a call of no function, a division by zero, or what the engine itself calls unreachable.
		if stopped {
			i.breaks(err, errSeized)
			return
		}
		i.breaks(err, fmt.Errorf("JavaScript engine stopped: %w", r))
	default:
		panic(r)
	}
}

func (i *Isolate) breaks(err *error, why error) {
	i.broken = why
	if i.mem.Exceeded() && !errors.Is(why, errSeized) {
		i.broken = ErrMemoryLimit
	}
	*err = i.broken
}
