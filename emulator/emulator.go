// Package emulator runs Workers projects: it reads their configuration, bundles their sources, makes
// generations of them, and serves HTTP. It is the Go API of doemu; flags and terminals are elsewhere.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/fault"
	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/machine"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/platform/websocket"
	"github.com/doemu/doemu/emulator/random"
	"github.com/doemu/doemu/emulator/snapshot"
)

// Options say what an emulator runs, and with what.
type Options struct {
	// Workers say which projects run together; each is read again when it changes. The first one
	// answers HTTP, and the state is in its place.
	Workers []config.Options
	// StateDir is where objects keep their state; empty is wrangler's place beside the first
	// Worker's configuration.
	StateDir string
	// Ephemeral keeps all state in memory.
	Ephemeral bool
	// Clock is the emulator's time; nil is the machine's.
	Clock *clock.Clock
	// Random is where all randomness comes from; nil is the system. If it is seeded, what the emulator
	// does is done one thing after the other, and an event from outside is let in when what came before
	// has come to rest: then the same events give the same journal.
	Random   *random.Source
	Log      *slog.Logger
	Eviction durable.Eviction
	// Limits are those that objects meet: Cloudflare's if empty.
	Limits LimitProfile
	// CPU is how long one turn may take; a Worker's limits.cpu_ms comes first. 0 is Cloudflare's 30 s, or no
	// limit without limits.
	CPU time.Duration
	// Memory is how many bytes an isolate may use; 0 is Cloudflare's 128 MiB, or 2 GiB without limits.
	Memory uint64
	// Test prepares for test handlers: Workers may lack a default export, and have a global gc().
	Test bool
	// Registry is the directory in which running sessions find each other: see package registry. If it is
	// empty, bindings to Workers that do not run here lead nowhere.
	Registry string
	// BuildLog takes what a project's own build command prints. It may be nil.
	BuildLog func(line string)
}

// unlimitedMemory is as much as an isolate can have without a limit: half of what WebAssembly can address.
const unlimitedMemory = 2 << 30

// DefaultCPU is Cloudflare's limit for one event.
// https://developers.cloudflare.com/durable-objects/platform/limits/
const DefaultCPU = 30 * time.Second

// Emulator is some Workers that run together. It is safe for use by many goroutines.
type Emulator struct {
	options  Options
	engine   *isolate.Engine
	base     *isolate.Image // the platform, without a user's code
	around   *durable.Surroundings
	journal  *journal.Journal
	hints    *hint.Hints
	faults   *fault.Faults
	net      *platform.Net
	unlock   func() error
	services []*Service // in the order of Options.Workers
	stateDir string
	sessions *sessions // nil if the emulator is on its own
	// snapshots are beside the state, or in memory as it is.
	snapshots *snapshot.Store
	// of is the emulator that a world was made from, from the state that it began with; nil for no world.
	of     *Emulator
	from   *snapshot.Snapshot
	worlds worlds
	// done is closed when the emulator begins to end.
	done     chan struct{}
	doneOnce sync.Once
	// startedAt is when it began, by the machine's clock.
	startedAt time.Time

	connections connections

	mu         sync.Mutex
	namespaces map[string]*durable.Namespace // by unique key
}

func (o *Options) defaults() {
	if o.Clock == nil {
		o.Clock = clock.New()
	}
	if o.Random == nil {
		o.Random = random.System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Eviction == (durable.Eviction{}) {
		o.Eviction = durable.ProductionEviction
	}
	if o.CPU == 0 && o.Limits != NoLimits {
		o.CPU = DefaultCPU
	}
	if o.Memory == 0 && o.Limits == NoLimits {
		o.Memory = unlimitedMemory
	}
}

// New starts the Workers. The first one has to start; calls to others that do not start give their
// error until a reload succeeds. The diagnostics of those that were read are given even when it
// fails.
func New(ctx context.Context, options Options) (*Emulator, []*config.Diagnostics, error) {
	options.defaults()
	e := newEmulator(options)
	if options.Random.Seeded() {
		options.Clock.Work().OneByOne()
	}

	// The platform takes about as long as the build: both at once.
	type started struct {
		engine *isolate.Engine
		base   *isolate.Image
		err    error
	}
	engine := make(chan started, 1)
	go func() {
		eng, base, err := newPlatform(options, e.net)
		engine <- started{eng, base, err}
	}()
	builds, diagnostics, buildErr := e.loadAll(ctx)
	s := <-engine
	if buildErr != nil {
		return nil, diagnostics, buildErr
	}
	if s.err != nil {
		return nil, diagnostics, s.err
	}
	e.engine, e.base = s.engine, s.base
	if err := e.open(builds[0].project, storage.LockDir); err != nil {
		return nil, diagnostics, err
	}
	if err := e.finishRestore(ctx); err != nil {
		return nil, diagnostics, errors.Join(err, e.Close())
	}
	e.joinSessions()
	for n, service := range e.services {
		service.failed = service.swap(builds[n])
	}
	if err := e.services[0].failed; err != nil {
		return nil, diagnostics, errors.Join(err, e.Close())
	}
	if err := e.startAlarms(); err != nil {
		return nil, diagnostics, errors.Join(err, e.Close())
	}
	e.sessions.announce()
	return e, diagnostics, nil
}

// newEmulator is an emulator with nothing in it. The options have their defaults.
func newEmulator(options Options) *Emulator {
	e := &Emulator{
		options: options, namespaces: map[string]*durable.Namespace{}, net: platform.NewNet(options.Limits.sockets()), startedAt: time.Now(),
		done: make(chan struct{}), journal: journal.New(options.Clock.Now), faults: &fault.Faults{Random: options.Random},
	}
	e.connections.unread = websocket.NewBudget(mostUnread)
	e.hints = hint.New(e.journal)
	return e
}

// loadAll reads and bundles all Workers.
func (e *Emulator) loadAll(ctx context.Context) (builds []build, all []*config.Diagnostics, err error) {
	for _, options := range e.options.Workers {
		s := &Service{emulator: e, options: options}
		b, diagnostics, err := s.load(ctx)
		all = append(all, diagnostics)
		if err != nil {
			return nil, all, err
		}
		if other := e.Service(b.project.Name); other != nil {
			return nil, all, &config.Error{
				Text: fmt.Sprintf("Two Workers have the name %q: %s and %s.", b.project.Name, other.project.ConfigPath, b.project.ConfigPath),
				Hint: "Give each its own \"name\": bindings to Workers go by it.",
			}
		}
		s.project, s.first = b.project, b.project
		e.services = append(e.services, s)
		builds = append(builds, b)
	}
	return builds, all, nil
}

// open takes the state directory.
func (e *Emulator) open(first *config.Project, lock func(dir string, now time.Time) (release func() error, err error)) error {
	e.unlock = func() error { return nil }
	dir, snapshots := "", ""
	if !e.options.Ephemeral {
		root := e.options.StateDir
		if root == "" {
			root = first.StateDir
		}
		snapshots = filepath.Join(root, "snapshots")
		root = filepath.Join(root, "v3")
		release, err := lock(root, time.Now())
		if err != nil {
			return err
		}
		e.unlock = release
		e.stateDir = root
		dir = filepath.Join(root, "do")
	}
	e.snapshots = snapshot.OpenStore(snapshots)
	e.around = &durable.Surroundings{
		Engine: e.engine, Watchdog: isolate.NewWatchdog(), Clock: e.options.Clock, Random: e.options.Random,
		Journal: e.journal, Faults: e.faults, Log: e.options.Log, StateDir: dir, Eviction: e.options.Eviction,
		Limits:     durable.Limits{Memory: e.options.Memory, Storage: e.options.Limits.storage, Queued: e.options.Limits.queued()},
		FreeMemory: machine.FreeMemory,
	}
	return nil
}

// Services are the Workers, in the order of the options.
func (e *Emulator) Services() []*Service { return slices.Clone(e.services) }

// Service finds a Worker by its name; nil if there is none.
func (e *Emulator) Service(name string) *Service {
	for _, s := range e.services {
		if s.running().Name == name {
			return s
		}
	}
	return nil
}

// Namespaces are those that are open, by their unique keys.
func (e *Emulator) Namespaces() []*durable.Namespace {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.SortedFunc(maps.Values(e.namespaces), func(a, b *durable.Namespace) int {
		return strings.Compare(a.UniqueKey(), b.UniqueKey())
	})
}

// Namespace finds a namespace by its unique key, <worker>-<Class>; nil if there is none.
func (e *Emulator) Namespace(uniqueKey string) *durable.Namespace {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.namespaces[uniqueKey]
}

// EvictAll takes all objects out of memory; see [durable.Namespace.Evict].
func (e *Emulator) EvictAll(ctx context.Context, sockets durable.SocketMode) error {
	var errs []error
	for _, n := range e.Namespaces() {
		errs = append(errs, n.EvictAll(ctx, sockets))
	}
	return errors.Join(errs...)
}

// Reset deletes objects: one, all of a namespace, or all if both are empty. It gives how many there were.
func (e *Emulator) Reset(ctx context.Context, namespace *durable.Namespace, object string) (deleted int, err error) {
	namespaces := e.Namespaces()
	if namespace != nil {
		namespaces = []*durable.Namespace{namespace}
	}
	for _, n := range namespaces {
		ids := []string{object}
		if object == "" {
			if ids, err = n.IDs(); err != nil {
				return deleted, err
			}
		}
		for _, id := range ids {
			if err := n.Delete(ctx, id); err != nil && !errors.Is(err, durable.ErrNoObject) {
				return deleted, err
			} else if err == nil {
				deleted++
			}
		}
	}
	return deleted, nil
}

// Faults are failures that objects meet because somebody asked for them.
func (e *Emulator) Faults() *fault.Faults { return e.faults }

// Journal is the record of what happens.
func (e *Emulator) Journal() *journal.Journal { return e.journal }

// Clock is the emulator's time. What it does and waits for is done by it: see [clock.Clock.Advance].
func (e *Emulator) Clock() *clock.Clock { return e.options.Clock }

// Settle waits until nothing is being done any more that does not wait for time or for the outside.
func (e *Emulator) Settle(ctx context.Context) error { return e.options.Clock.Work().Idle(ctx) }

// StateDir is where objects keep their state, or "" in memory.
func (e *Emulator) StateDir() string { return e.stateDir }

// namespace opens a namespace once.
func (e *Emulator) namespace(uniqueKey string) (*durable.Namespace, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.namespaces[uniqueKey]
	if n == nil {
		var err error
		if n, err = durable.OpenNamespace(e.around, uniqueKey); err != nil {
			return nil, err
		}
		e.namespaces[uniqueKey] = n
	}
	return n, nil
}

// startAlarms lets the alarms of all namespaces run that have code now.
func (e *Emulator) startAlarms() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.namespaces {
		if err := n.Start(); err != nil {
			return fmt.Errorf("start alarms: %w", err)
		}
	}
	return nil
}

// lastTurns is how long turns may go on when the emulator ends: containers are given a second in all.
const lastTurns = 300 * time.Millisecond

// Done is closed when the emulator begins to end: what listens for it should end, too.
func (e *Emulator) Done() <-chan struct{} { return e.done }

// Close ends everything; all state is on disk afterwards. Turns that still compute are broken off, and
// what they wrote is gone, as at a crash.
func (e *Emulator) Close() error {
	e.doneOnce.Do(func() { close(e.done) })
	errs := []error{e.endWorlds()}
	if e.of != nil {
		e.of.leave(e)
	}
	e.mu.Lock()
	namespaces := e.namespaces
	e.namespaces = nil
	e.mu.Unlock()
	if e.around != nil {
		e.around.Watchdog.LastTurns(lastTurns)
	}
	errs = append(errs, e.sessions.close())
	for _, n := range namespaces {
		errs = append(errs, n.Close())
	}
	for _, s := range e.services {
		s.close()
	}
	e.connections.close()
	e.net.Close()
	if e.base != nil {
		errs = append(errs, e.base.Close())
	}
	return errors.Join(append(errs, e.unlock())...)
}
