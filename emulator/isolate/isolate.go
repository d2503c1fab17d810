package isolate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/doemu/doemu/emulator/isolate/internal/quickjs"
)

// ErrMemoryLimit breaks an isolate that asked for more memory than its options allow.
var ErrMemoryLimit = errors.New("isolate exceeded its memory limit")

// Options are an isolate's own settings.
type Options struct {
	// MemoryLimit in bytes; 0 is [DefaultMemoryLimit].
	MemoryLimit uint64
	// LoadModule gives the source of a module that code imports and that is not loaded yet. Path is
	// the modules whose import statements led to it, the importing one last; it is empty for import()
	// in code that runs.
	LoadModule func(name string, path []string) (source string, err error)
	// Seed is where Math.random begins; 0 takes a random one.
	Seed uint64
	// Owner is what ops find as [Call.Owner].
	Owner any
}

func (o Options) memoryLimit() uint64 {
	if o.MemoryLimit == 0 {
		return DefaultMemoryLimit
	}
	return o.MemoryLimit
}

// roots are the places in a heap that Go knows: they are equal in an image and all its forks.
type roots struct {
	Context, Runtime, Scratch     uint32
	Dispatch, MakeError, Describe uint64
}

// Isolate is one JavaScript heap. It belongs to one goroutine at a time, except for Interrupt.
type Isolate struct {
	engine  *Engine
	mod     api.Module
	mem     *linearMemory
	roots   roots
	callCtx callContext
	// levels are wazero's handles for calls, one for each nesting of Go → JavaScript → Go → …: a handle
	// cannot be used again while its call runs.
	levels  []api.Function
	depth   int
	load    func(name string, path []string) (string, error)
	loading []string // modules whose imports are being resolved
	owner   any
	seed    uint64
	now     int64 // nanoseconds since 1970

	rejections []rejection
	handled    []uint64 // promises that got a handler when their rejection may have been reported
	turn       *Turn
	broken     error // why it cannot be used any more

	interrupted atomic.Bool
}

func newIsolate(e *Engine, mod api.Module, mem *linearMemory, opts Options) *Isolate {
	i := &Isolate{engine: e, mod: mod, mem: mem, load: opts.LoadModule, owner: opts.Owner, seed: opts.Seed}
	if i.seed == 0 {
		i.seed = rand.Uint64()
	}
	i.callCtx = callContext{context.Background(), i}
	return i
}

// Close frees the heap.
func (i *Isolate) Close() {
	if i.mod != nil {
		// Closing a module of our own fails only when it is closed already.
		_ = i.mod.Close(context.Background())
		i.mem.Free()
		i.mod = nil
	}
	i.broken = errors.New("isolate is closed")
}

// Owner is the Owner of its Options.
func (i *Isolate) Owner() any { return i.owner }

// SetTime sets what JavaScript's clock shows until it is set again.
func (i *Isolate) SetTime(t time.Time) { i.now = t.UnixNano() }

// Time is what JavaScript's clock shows.
func (i *Isolate) Time() time.Time { return time.Unix(0, i.now) }

// Broken tells why the isolate can no longer be used, or nil. A broken isolate is closed and made
// again by its owner.
func (i *Isolate) Broken() error { return i.broken }

// MemoryBytes is the size of the heap, most of which may be shared with its image.
func (i *Isolate) MemoryBytes() int { return i.mem.size }

// MemoryLimit is what the heap may grow to.
func (i *Isolate) MemoryLimit() int { return len(i.mem.reserved) }

// trap is the panic by which a failed call into WebAssembly ends everything up to the entry.
type trap struct{ err error }

// recoverTrap turns a trap into an error at the entry, and marks the isolate as broken.
func (i *Isolate) recoverTrap(err *error) {
	r := recover()
	if r == nil {
		return
	}
	t, ok := r.(trap)
	if !ok {
		panic(r)
	}
	i.depth = 0
	i.broken = t.err
	if i.mem.exceeded {
		i.broken = ErrMemoryLimit
	}
	*err = i.broken
}

// op calls an operation of QuickJS's C API.
func (i *Isolate) op(op quickjs.Op, b, c uint64, d, e uint32) uint64 {
	return i.opOn(op, i.roots.Context, b, c, d, e)
}

func (i *Isolate) opOn(op quickjs.Op, a uint32, b, c uint64, d, e uint32) uint64 {
	if i.depth == len(i.levels) {
		i.levels = append(i.levels, i.mod.ExportedFunction(quickjs.OpExport))
	}
	function := i.levels[i.depth]
	stack := [6]uint64{uint64(op), uint64(a), b, c, uint64(d), uint64(e)}
	i.depth++
	err := function.CallWithStack(i.callCtx, stack[:])
	i.depth--
	if err != nil {
		panic(trap{fmt.Errorf("JavaScript engine stopped: %w", err)})
	}
	return stack[0]
}

// Interrupt ends the JavaScript that runs now with an exception that it cannot catch. It may be
// called from any goroutine; a call between two turns ends the next one, unless ClearInterrupt
// comes first.
func (i *Isolate) Interrupt() { i.interrupted.Store(true) }

// ClearInterrupt takes an interruption back and tells whether there was one.
func (i *Isolate) ClearInterrupt() bool { return i.interrupted.Load() && i.interrupted.Swap(false) }

// Collect frees cycles with the next object that JavaScript makes.
func (i *Isolate) Collect() { i.store32(i.roots.Runtime+quickjs.RuntimeGCThreshold, 0) }

// Engine is the engine that runs the isolate.
func (i *Isolate) Engine() *Engine { return i.engine }
