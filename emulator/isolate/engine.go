// Package isolate runs JavaScript: QuickJS compiled to WebAssembly, on wazero. An [Engine] compiles
// it once; an [Isolate] is one JavaScript heap; an [Image] is a heap at rest, of which a new isolate
// is a copy-on-write mapping that costs microseconds. A [Loop] gives an isolate its events, one
// turn at a time.
//
// The package knows nothing of Workers: what JavaScript can ask of Go is the table of [Op]s that
// the caller gives.
package isolate

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/doemu/doemu/emulator/isolate/internal/quickjs"
	"github.com/doemu/doemu/emulator/isolate/internal/wasmedit"
)

// DefaultMemoryLimit is what an isolate may use on Cloudflare, in bytes.
// https://developers.cloudflare.com/workers/platform/limits/#memory
const DefaultMemoryLimit = 128 << 20

// Config says how an engine works.
type Config struct {
	// CacheDir keeps compiled machine code over restarts, which makes starting ten times faster.
	// Empty: nothing is kept.
	CacheDir string
	// Ops are the functions that JavaScript can call, and Events the names of what Go can deliver
	// to it. Both are numbered by their order.
	Ops    []Op
	Events []string
	Log    *slog.Logger
}

// Engine is QuickJS, compiled. It is safe for use by many goroutines.
type Engine struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	data     []wasmedit.Segment
	ops      []Op
	events   map[string]Event
	kernel   []byte // the kernel's parameter: names of ops and events as JSON
	log      *slog.Logger
}

// NewEngine compiles QuickJS, or loads it compiled from the cache directory.
func NewEngine(ctx context.Context, cfg Config) (*Engine, error) {
	module, data, err := quickjs.Build()
	if err != nil {
		return nil, err
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	runtime, err := newRuntime(ctx, cfg.CacheDir)
	if err != nil {
		log.Warn("compiled code is not kept: every start takes longer", "err", err)
		cfg.CacheDir = ""
		if runtime, err = newRuntime(ctx, ""); err != nil {
			return nil, err
		}
	}
	e := &Engine{runtime: runtime, data: data, ops: cfg.Ops, log: log}
	if e.kernel, e.events, err = kernelConfig(cfg.Ops, cfg.Events); err != nil {
		return nil, err
	}
	if err := e.instantiateHost(ctx); err != nil {
		return nil, err
	}
	if e.compiled, err = e.runtime.CompileModule(ctx, module); err != nil {
		err = fmt.Errorf("compile QuickJS: %w", err)
		if cfg.CacheDir == "" {
			return nil, err
		}
		// A cache that can be read but not written, as in a container, serves only the processor that it
		// was made for. Another one compiles at each start.
		e.log.Warn("compiled code is not kept: every start takes longer", "err", err)
		cfg.CacheDir = ""
		_ = e.runtime.Close(ctx) // nothing runs in it
		return NewEngine(ctx, cfg)
	}
	return e, nil
}

// starting is held while a runtime is made: wazero finds out its own version then, and keeps it without a lock.
var starting sync.Mutex

// newRuntime makes a runtime that keeps compiled code in a directory, or nowhere if that is empty.
func newRuntime(ctx context.Context, cacheDir string) (wazero.Runtime, error) {
	starting.Lock()
	defer starting.Unlock()
	cache, err := openCache(cacheDir)
	if err != nil {
		return nil, err
	}
	config := wazero.NewRuntimeConfigCompiler().WithCompilationCache(cache).WithDebugInfoEnabled(false)
	return wazero.NewRuntimeWithConfig(ctx, config), nil
}

func openCache(dir string) (wazero.CompilationCache, error) {
	if dir == "" {
		return wazero.NewCompilationCache(), nil
	}
	dir = filepath.Join(dir, "wazero")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make cache directory: %w", err)
	}
	return wazero.NewCompilationCacheWithDir(dir)
}

// Close frees the compiled code. No isolate may be in use.
func (e *Engine) Close(ctx context.Context) error { return e.runtime.Close(ctx) }

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

// instance makes a WebAssembly instance with the memory given.
func (e *Engine) instance(mem *linearMemory) (api.Module, error) {
	ctx := experimental.WithMemoryAllocator(context.Background(), experimental.MemoryAllocatorFunc(
		func(_, _ uint64) experimental.LinearMemory { return mem }))
	mod, err := e.runtime.InstantiateModule(ctx, e.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("instantiate QuickJS: %w", err)
	}
	return mod, nil
}

// gcThreshold keeps QuickJS's cycle collector away until this many bytes are in use: reference
// counting frees most garbage, and a collection touches every object, which makes a forked isolate
// own all its pages.
const gcThreshold = 24 << 20

// Boot makes an isolate from nothing: QuickJS's own objects and the kernel. It takes milliseconds;
// its use is to become an [Image].
func (e *Engine) Boot(opts Options) (*Isolate, error) {
	mem, err := newLinearMemory(opts.memoryLimit())
	if err != nil {
		return nil, err
	}
	mod, err := e.instance(mem)
	if err != nil {
		mem.Free()
		return nil, err
	}
	for _, s := range e.data {
		copy(mem.bytes()[s.Offset:], s.Bytes)
	}
	i := newIsolate(e, mod, mem, opts)
	if err := i.boot(); err != nil {
		i.Close()
		return nil, fmt.Errorf("boot QuickJS: %w", err)
	}
	return i, nil
}

func (i *Isolate) boot() (err error) {
	defer i.recoverTrap(&err)
	made, err := i.mod.ExportedFunction("New_QJS").Call(i.callCtx, 0, 0, 0, gcThreshold)
	if err != nil {
		return err
	}
	runtime, context := i.load32(uint32(made[0])), i.load32(uint32(made[0])+4)
	i.roots.Context, i.roots.Runtime = context, runtime
	i.store32(runtime+quickjs.RuntimeInterruptHandler, quickjs.TableInterrupt)
	i.store32(runtime+quickjs.RuntimeRejectionTracker, quickjs.TableRejectionTracker)
	i.roots.Scratch = uint32(i.op(quickjs.OpMalloc, 0, 0, scratchSize, 0))
	if i.roots.Scratch == 0 {
		return ErrMemoryLimit
	}
	return i.loadKernel()
}

func (i *Isolate) load32(at uint32) uint32 { return binary.LittleEndian.Uint32(i.mem.bytes()[at:]) }
func (i *Isolate) load64(at uint32) uint64 { return binary.LittleEndian.Uint64(i.mem.bytes()[at:]) }
func (i *Isolate) store32(at, v uint32)    { binary.LittleEndian.PutUint32(i.mem.bytes()[at:], v) }
func (i *Isolate) store64(at uint32, v uint64) {
	binary.LittleEndian.PutUint64(i.mem.bytes()[at:], v)
}
