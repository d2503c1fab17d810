package isolate

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/emulator/isolate/internal/linear"
	"github.com/doemu/doemu/emulator/isolate/internal/module"
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
	Context                       int32
	Scratch                       uint32
	Lost                          uint32 // bytes that are neither used nor free, see freeze
	Dispatch, MakeError, Describe uint64
}

// Isolate is one JavaScript heap. It belongs to one goroutine at a time, except for Interrupt.
type Isolate struct {
	engine  *Engine
	code    *module.Module
	mem     *linear.Memory
	access  access
	roots   roots
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

func newIsolate(e *Engine, mem *linear.Memory, opts Options) *Isolate {
	i := &Isolate{engine: e, mem: mem, load: opts.LoadModule, owner: opts.Owner, seed: opts.Seed}
	if i.seed == 0 {
		i.seed = rand.Uint64()
	}
	i.code = module.New(mem, &host{i})
	return i
}

// Close frees the heap.
func (i *Isolate) Close() {
	if i.code != nil {
		i.access.close()
		i.mem.Free()
		i.code = nil
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
func (i *Isolate) MemoryBytes() int { return i.mem.Size() - int(i.roots.Lost) }

// MemoryLimit is what the heap may grow to.
func (i *Isolate) MemoryLimit() int { return i.mem.Limit() - int(i.roots.Lost) }

// Interrupt ends the JavaScript that runs now with an exception that it cannot catch. It may be
// called from any goroutine; a call between two turns ends the next one, unless ClearInterrupt
// comes first.
func (i *Isolate) Interrupt() { i.interrupted.Store(true) }

// ClearInterrupt takes an interruption back and tells whether there was one.
func (i *Isolate) ClearInterrupt() bool { return i.interrupted.Load() && i.interrupted.Swap(false) }

// Engine is the engine that runs the isolate.
func (i *Isolate) Engine() *Engine { return i.engine }
