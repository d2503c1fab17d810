// Package emulator runs a Workers project: it reads the configuration, bundles the sources, makes a
// generation of them, and serves HTTP. It is the Go API of doemu; flags and terminals are elsewhere.
package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// Options say what an emulator runs, and with what.
type Options struct {
	// Config says which project; it is read again when it changes.
	Config config.Options
	// StateDir is where objects keep their state; empty is wrangler's place beside the configuration.
	StateDir string
	// Ephemeral keeps all state in memory.
	Ephemeral bool
	// CacheDir keeps compiled code over restarts; empty keeps none.
	CacheDir string
	Clock    clock.Clock
	Random   io.Reader
	Log      *slog.Logger
	Eviction durable.Eviction
	// CPU is how long one turn may take; the project's limits.cpu_ms comes first. 0 is no limit.
	CPU time.Duration
	// Memory is how many bytes an isolate may use; 0 is Cloudflare's 128 MiB.
	Memory uint64
	// BuildLog takes what a project's own build command prints. It may be nil.
	BuildLog func(line string)
}

// DefaultCPU is Cloudflare's limit for one event.
// https://developers.cloudflare.com/durable-objects/platform/limits/
const DefaultCPU = 30 * time.Second

// Emulator is a running project. It is safe for use by many goroutines.
type Emulator struct {
	options  Options
	engine   *isolate.Engine
	base     *isolate.Image // the platform, without a user's code
	around   *durable.Surroundings
	journal  *journal.Journal
	net      *platform.Net
	unlock   func() error
	current  atomic.Pointer[Generation]
	stateDir string

	mu         sync.Mutex // one reload at a time
	project    *config.Project
	builder    *bundle.Builder
	namespaces map[string]*durable.Namespace
	failed     error // the last reload's error, until one succeeds
	built      int
}

func (o *Options) defaults() {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Eviction == (durable.Eviction{}) {
		o.Eviction = durable.ProductionEviction
	}
	if o.CPU == 0 {
		o.CPU = DefaultCPU
	}
}

// New starts a project. Its diagnostics are given even when it fails.
func New(ctx context.Context, options Options) (*Emulator, *config.Diagnostics, error) {
	options.defaults()
	e := &Emulator{options: options, namespaces: map[string]*durable.Namespace{}, net: platform.NewNet()}
	e.journal = journal.New(options.Clock.Now)

	// The engine takes about as long as the build: both at once.
	type started struct {
		engine *isolate.Engine
		base   *isolate.Image
		err    error
	}
	engine := make(chan started, 1)
	go func() {
		eng, base, err := newPlatform(ctx, options, e.net)
		engine <- started{eng, base, err}
	}()
	project, diagnostics, built, buildErr := e.load(ctx)
	s := <-engine
	if buildErr != nil {
		return nil, diagnostics, buildErr
	}
	if s.err != nil {
		return nil, diagnostics, s.err
	}
	e.engine, e.base = s.engine, s.base
	if err := e.open(project); err != nil {
		return nil, diagnostics, err
	}
	if err := e.swap(project, built); err != nil {
		return nil, diagnostics, errors.Join(err, e.unlock())
	}
	for _, n := range e.namespaces {
		if err := n.Start(); err != nil {
			return nil, diagnostics, err
		}
	}
	return e, diagnostics, nil
}

// load reads the configuration and bundles.
func (e *Emulator) load(ctx context.Context) (*config.Project, *config.Diagnostics, *bundle.Bundle, error) {
	options := e.options.Config
	options.Now = e.options.Clock.Now()
	project, diagnostics, err := config.Load(options)
	if err != nil {
		return nil, diagnostics, nil, err
	}
	builder := bundle.NewBuilder(project, bundle.Options{Log: e.options.BuildLog})
	built, err := builder.Build(ctx)
	if err != nil {
		builder.Close()
		return project, diagnostics, nil, err
	}
	if e.builder != nil {
		e.builder.Close()
	}
	e.builder = builder
	return project, diagnostics, built, checkBundle(project, built)
}

func checkBundle(project *config.Project, b *bundle.Bundle) error {
	if b.Format != bundle.Modules {
		return &config.Error{
			Text: "This Worker is written in the service-worker format, which doemu does not run.",
			Hint: "Export a default object with a fetch handler: https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/",
		}
	}
	return config.CheckExports(project, b.Exports)
}

// open takes the state directory.
func (e *Emulator) open(project *config.Project) error {
	e.unlock = func() error { return nil }
	dir := ""
	if !e.options.Ephemeral {
		root := e.options.StateDir
		if root == "" {
			root = project.StateDir
		}
		root = filepath.Join(root, "v3")
		release, err := storage.LockDir(root, time.Now())
		if err != nil {
			return err
		}
		e.unlock = release
		e.stateDir = root
		dir = filepath.Join(root, "do")
	}
	cpu := e.options.CPU
	if ms := project.Limits.CPUMillis; ms > 0 {
		cpu = time.Duration(ms * float64(time.Millisecond))
	}
	e.around = &durable.Surroundings{
		Engine: e.engine, Watchdog: isolate.NewWatchdog(), Clock: e.options.Clock, Random: e.options.Random,
		Journal: e.journal, Log: e.options.Log, StateDir: dir, Eviction: e.options.Eviction,
		Limits: durable.Limits{CPU: cpu, Memory: e.options.Memory},
	}
	return nil
}

// Project is the project as it runs.
func (e *Emulator) Project() *config.Project { return e.current.Load().project }

// Generation is the code that serves now.
func (e *Emulator) Generation() *Generation { return e.current.Load() }

// Journal is the record of what happens.
func (e *Emulator) Journal() *journal.Journal { return e.journal }

// StateDir is where objects keep their state, or "" in memory.
func (e *Emulator) StateDir() string { return e.stateDir }

// Files are all files that the running code was made of, or would be: a change of one calls for
// Reload.
func (e *Emulator) Files() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	files := append([]string{}, e.project.Files...)
	g := e.current.Load()
	files = append(files, g.inputs...)
	var build *bundle.BuildError
	if errors.As(e.failed, &build) {
		files = append(files, build.Inputs...)
	}
	return files
}

// Reload builds the project again. If that fails, what served before serves on.
func (e *Emulator) Reload(ctx context.Context) (*config.Diagnostics, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	diagnostics, err := e.reload(ctx)
	e.failed = err
	entry := journal.Event{Kind: journal.Reload, Generation: e.built}
	if err != nil {
		entry.Error = err.Error()
	}
	e.journal.Record(entry)
	return diagnostics, err
}

func (e *Emulator) reload(ctx context.Context) (*config.Diagnostics, error) {
	project, diagnostics, built, err := e.load(ctx)
	if err != nil {
		return diagnostics, err
	}
	return diagnostics, e.swap(project, built)
}

// swap makes a generation and lets it serve.
func (e *Emulator) swap(project *config.Project, built *bundle.Bundle) error {
	namespaces, fresh, err := e.openNamespaces(project)
	if err != nil {
		return err
	}
	g, err := e.generate(project, built, namespaces, e.built+1)
	if err != nil {
		return err
	}
	e.built++
	e.project = project
	old := e.current.Swap(g)
	for n, class := range g.classes {
		namespaces[n].SetClass(class)
	}
	if old != nil {
		old.worker.retire()
		old.close()
		for _, n := range fresh {
			if err := n.Start(); err != nil {
				return fmt.Errorf("start alarms: %w", err)
			}
		}
	}
	return nil
}

// openNamespaces opens the namespaces of the project's classes, in their order.
func (e *Emulator) openNamespaces(project *config.Project) (all, fresh []*durable.Namespace, err error) {
	for _, class := range project.Classes {
		n := e.namespaces[class.UniqueKey]
		if n == nil {
			if n, err = durable.OpenNamespace(e.around, class.UniqueKey); err != nil {
				return nil, nil, err
			}
			e.namespaces[class.UniqueKey] = n
			fresh = append(fresh, n)
		}
		all = append(all, n)
	}
	return all, fresh, nil
}

// Close ends everything; all state is on disk afterwards.
func (e *Emulator) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, n := range e.namespaces {
		errs = append(errs, n.Close())
	}
	if g := e.current.Load(); g != nil {
		g.worker.stop()
	}
	e.builder.Close()
	return errors.Join(append(errs, e.unlock())...)
}

// CacheDir is where doemu keeps compiled code for this user, or "" if there is no such place.
func CacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "doemu")
}
