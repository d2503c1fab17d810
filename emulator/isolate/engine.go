// Package isolate runs JavaScript: QuickJS compiled to WebAssembly, and that translated to Go ahead of time. An [Engine]
// has what all its heaps share; an [Isolate] is one JavaScript heap; an [Image] is a heap at rest, of which a new isolate
// is a copy-on-write mapping that costs microseconds. A [Loop] gives an isolate its events, one
// turn at a time.
//
// The package knows nothing of Workers: what JavaScript can ask of Go is the table of [Op]s that
// the caller gives.
package isolate

import (
	"encoding/binary"
	"fmt"

	"github.com/doemu/doemu/emulator/isolate/internal/linear"
	"github.com/doemu/doemu/emulator/isolate/internal/module"
)

// DefaultMemoryLimit is what an isolate may use on Cloudflare, in bytes.
// https://developers.cloudflare.com/workers/platform/limits/#memory
const DefaultMemoryLimit = 128 << 20

// Config says how an engine works.
type Config struct {
	// Ops are the functions that JavaScript can call, and Events the names of what Go can deliver
	// to it. Both are numbered by their order.
	Ops    []Op
	Events []string
}

// Engine is QuickJS with the ops and events of its isolates. It is safe for use by many goroutines.
type Engine struct {
	ops    []Op
	events map[string]Event
	kernel []byte // the kernel's parameter: names of ops and events as JSON
}

// NewEngine makes an engine.
func NewEngine(cfg Config) (*Engine, error) {
	kernel, events, err := kernelConfig(cfg.Ops, cfg.Events)
	if err != nil {
		return nil, err
	}
	return &Engine{ops: cfg.Ops, events: events, kernel: kernel}, nil
}

// Event is the number of something that Go can deliver to JavaScript.
type Event int

// Event returns the number of an event by the name in Config.Events; it panics for a name that is
// not there, which is a mistake in the program.
func (e *Engine) Event(name string) Event {
	ev, ok := e.events[name]
	if !ok {
		panic(fmt.Sprintf("isolate: event %q is not declared", name))
	}
	return ev
}

// gcThreshold keeps QuickJS's cycle collector away until this many bytes are in use: reference
// counting frees most garbage, and a collection touches every object, which makes a forked isolate
// own all its pages.
const gcThreshold = 24 << 20

// Boot makes an isolate from nothing: QuickJS's own objects and the kernel. It takes milliseconds;
// its use is to become an [Image].
func (e *Engine) Boot(opts Options) (*Isolate, error) {
	mem, err := linear.New(opts.memoryLimit())
	if err != nil {
		return nil, err
	}
	if mem.Grow(module.MemorySize/linear.PageSize) != 0 {
		mem.Free()
		return nil, ErrMemoryLimit
	}
	copy(mem.Bytes()[module.DataOffset:], module.Data)
	i := newIsolate(e, mem, opts)
	if err := i.boot(); err != nil {
		i.Close()
		return nil, fmt.Errorf("boot QuickJS: %w", err)
	}
	return i, nil
}

func (i *Isolate) boot() (err error) {
	defer i.recoverTrap(&err)
	faults, _ := i.enter()
	i.code.X_initialize()
	i.roots.Context = i.code.Xnew_context(gcThreshold)
	i.exit(faults)
	if i.roots.Context == 0 {
		return ErrMemoryLimit
	}
	i.roots.Scratch = i.malloc(scratchSize)
	if i.roots.Scratch == 0 {
		return ErrMemoryLimit
	}
	return i.loadKernel()
}

func (i *Isolate) load32(at uint32) uint32 { return binary.LittleEndian.Uint32(i.mem.Bytes()[at:]) }
func (i *Isolate) load64(at uint32) uint64 { return binary.LittleEndian.Uint64(i.mem.Bytes()[at:]) }
func (i *Isolate) store64(at uint32, v uint64) {
	binary.LittleEndian.PutUint64(i.mem.Bytes()[at:], v)
}
