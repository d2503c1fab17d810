package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/bindings/service"
	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// Service is one Worker of an emulator over all its reloads.
type Service struct {
	emulator *Emulator
	of       *Service // in a world, the one whose code it runs; nil otherwise
	options  config.Options
	current  atomic.Pointer[Generation]
	first    *config.Project // as it was read first
	workers  sync.Map        // of *Worker: those that have not ended

	mu      sync.Mutex // one reload at a time
	project *config.Project
	builder *bundle.Builder
	failed  error // the last reload's error, until one succeeds
	built   int
}

// build is a project with its bundle, before it serves.
type build struct {
	project *config.Project
	bundle  *bundle.Bundle
}

// Project is the Worker's project as it was read last.
func (s *Service) Project() *config.Project {
	if s.of != nil {
		return s.of.Project()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.project
}

// running is the project of the code that serves now, or as it was read first if none has started yet.
func (s *Service) running() *config.Project {
	if g := s.current.Load(); g != nil {
		return g.project
	}
	return s.first
}

// Generation is the code that serves now; nil if none of the builds has started.
func (s *Service) Generation() *Generation { return s.current.Load() }

// Failed is why the newest build does not serve, or nil.
func (s *Service) Failed() error {
	if s.of != nil {
		return s.of.Failed()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// notStarted is what callers get of a Worker that has no code yet.
func (s *Service) notStarted() error {
	return &isolate.Error{Message: fmt.Sprintf("The Worker %q did not start: %v", s.running().Name, s.Failed())}
}

// Tests are the exports that have a test handler, by name; the default export is "default".
func (s *Service) Tests() []string {
	g := s.current.Load()
	if g == nil {
		return nil
	}
	var names []string
	for name, export := range g.exports {
		if export.Test {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Test runs the test handler of an export. Failure is what it threw, with its stack in the user's
// files, or "". The error is that of the context.
func (s *Service) Test(ctx context.Context, export string) (failure string, err error) {
	if err := s.emulator.admit(ctx); err != nil {
		return "", err
	}
	g := s.current.Load()
	done := make(chan string, 1)
	g.worker.event(export, nil, "test", isolate.Undefined(), func(outcome []byte, err error) {
		done <- g.stack(failureOf(outcome, err))
	})
	select {
	case failure = <-done:
		return failure, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// failureOf is what a handler threw, by the outcome of its event, or "".
func failureOf(outcome []byte, err error) string {
	var result struct{ Error string }
	if err == nil {
		err = json.Unmarshal(outcome, &result)
	}
	if err != nil {
		return err.Error()
	}
	return result.Error
}

// Scheduled runs the Worker's scheduled handler, as a cron trigger does at a time. The outcome is JSON as
// wrangler gives it, {"outcome": "ok" or "exception", "noRetry": …}; the error is that of the Worker's start or
// of the context.
// https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/
func (s *Service) Scheduled(ctx context.Context, cron string, at time.Time) (outcome []byte, err error) {
	if err := s.emulator.admit(ctx); err != nil {
		return nil, err
	}
	g := s.current.Load()
	if g == nil {
		return nil, s.notStarted()
	}
	payload, err := json.Marshal(map[string]any{"time": at.UnixMilli(), "cron": cron})
	if err != nil {
		return nil, err
	}
	type ended struct {
		outcome []byte
		err     error
	}
	done := make(chan ended, 1)
	g.worker.event("", nil, "scheduled", isolate.JSON(payload), func(outcome []byte, err error) { done <- ended{outcome, err} })
	select {
	case end := <-done:
		return end.outcome, end.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Files are all files that the running code was made of, or would be: a change of one calls for
// Reload.
func (s *Service) Files() []string {
	if s.of != nil {
		return s.of.Files()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	files := slices.Clone(s.project.Files)
	if g := s.current.Load(); g != nil {
		files = append(files, g.inputs...)
	}
	var failed *bundle.BuildError
	if errors.As(s.failed, &failed) {
		files = append(files, failed.Inputs...)
	}
	return files
}

// Reload builds the Worker again. If that fails, what served before serves on. In a world it reloads the emulator
// that the world is of, and so all its worlds.
func (s *Service) Reload(ctx context.Context) (*config.Diagnostics, error) {
	if s.of != nil {
		return s.of.Reload(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, diagnostics, err := s.load(ctx)
	if err == nil {
		err = s.swap(b)
	}
	if err == nil {
		err = s.emulator.startAlarms()
		s.emulator.sessions.announce()
	}
	s.failed = err
	entry := journal.Event{Kind: journal.Reload, Worker: s.project.Name, Generation: s.built}
	if err != nil {
		entry.Error = err.Error()
	}
	s.emulator.journal.Record(entry)
	return diagnostics, err
}

// load reads the configuration and bundles.
func (s *Service) load(ctx context.Context) (build, *config.Diagnostics, error) {
	options := s.options
	options.Now = s.emulator.options.Clock.Now()
	project, diagnostics, err := config.Load(options)
	if err != nil {
		return build{}, diagnostics, err
	}
	builder := bundle.NewBuilder(project, bundle.Options{Log: s.emulator.options.BuildLog, AnyExport: s.emulator.options.Test})
	built, err := builder.Build(ctx)
	if err != nil {
		builder.Close()
		return build{}, diagnostics, err
	}
	if s.builder != nil {
		s.builder.Close()
	}
	s.builder = builder
	return build{project, built}, diagnostics, CheckBundle(project, built)
}

// CheckBundle tells why a bundle cannot run as its project's: its format, or classes that it does not export.
func CheckBundle(project *config.Project, b *bundle.Bundle) error {
	if b.Format != bundle.Modules {
		return &config.Error{
			Text: "This Worker is written in the service-worker format, which doemu does not run.",
			Hint: "Export a default object with a fetch handler: https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/",
		}
	}
	return explained(project, b, config.CheckExports(project, b.Exports))
}

// explained adds to an error about exports how to mend it.
func explained(project *config.Project, b *bundle.Bundle, err error) error {
	var missing *config.Error
	if !errors.As(err, &missing) {
		return err
	}
	with := *missing
	with.Hint = strings.TrimSpace(with.Hint + "\n" + check.HowToExport(project, b.Exports))
	return &with
}

// swap makes a generation and lets it serve.
func (s *Service) swap(b build) error {
	bindings, err := s.bindings(b.project)
	if err != nil {
		return err
	}
	g, err := s.generate(b, bindings, s.built+1)
	if err != nil {
		return err
	}
	if g.migrated, err = s.emulator.recordMigrations(b.project); err != nil {
		g.close()
		return err
	}
	s.built++
	s.project = b.project
	s.serve(g)
	return s.emulator.adoptAll(s)
}

// serve lets a generation serve from now on, and the one before end.
func (s *Service) serve(g *Generation) {
	g.tail = s.newTail(g)
	g.worker = s.newWorker(g)
	s.workers.Store(g.worker, true)
	old := s.current.Swap(g)
	for n, class := range g.project.Classes {
		g.bindings.namespaces[n].SetClass(s.newClass(g, class))
	}
	if old != nil {
		old.worker.retire()
	}
}

// cpu is how long one turn of the Worker or its objects may take.
func (s *Service) cpu(project *config.Project) time.Duration {
	if ms := project.Limits.CPUMillis; ms > 0 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	return s.emulator.options.CPU
}

// forget is called when a replaced Worker has ended: nothing is made of its generation any more.
func (s *Service) forget(w *Worker) {
	s.workers.Delete(w)
	w.generation.close()
}

// close ends all Workers that still run, those that were replaced too.
func (s *Service) close() {
	s.workers.Range(func(w, _ any) bool {
		w.(*Worker).shutDown()
		return true
	})
	if g := s.current.Load(); g != nil {
		g.close()
	}
	if s.builder != nil {
		s.builder.Close()
	}
}

// bindings is what a Worker's env refers to by numbers: namespaces and other Workers. The project's
// own classes come first among the namespaces, in their order.
type bindings struct {
	namespaces []*durable.Namespace
	services   []service.Target
}

// serviceTarget is an entrypoint of a Worker, as a service binding or ctx.exports names it.
type serviceTarget struct {
	service    *Service
	entrypoint string // "" is the default export
	props      []byte // ctx.props as JSON; nil for none
}

// bindings opens the namespaces that a project refers to, those of other Workers too.
func (s *Service) bindings(project *config.Project) (*bindings, error) {
	b := &bindings{}
	keys := make([]string, 0, len(project.Classes))
	for _, class := range project.Classes {
		keys = append(keys, class.UniqueKey)
	}
	var elsewhere []*durable.Namespace
	for _, binding := range project.DurableObjects {
		switch {
		case slices.Contains(keys, binding.UniqueKey):
		case s.emulator.implements(binding.ScriptName, binding.ClassName):
			keys = append(keys, binding.UniqueKey)
		default:
			elsewhere = append(elsewhere, s.emulator.elsewhere(binding))
		}
	}
	for _, key := range keys {
		n, err := s.emulator.namespace(key)
		if err != nil {
			return nil, err
		}
		b.namespaces = append(b.namespaces, n)
	}
	b.namespaces = append(b.namespaces, elsewhere...)
	return b, nil
}

// namespace is the number of a namespace, or -1.
func (b *bindings) namespace(uniqueKey string) int {
	return slices.IndexFunc(b.namespaces, func(n *durable.Namespace) bool { return n.UniqueKey() == uniqueKey })
}

// service is what a service binding leads to.
func (b *bindings) service(number int) platform.Target { return b.services[number] }

// loopback is what a member of ctx.exports leads to.
func (s *Service) loopback(entrypoint string, props []byte) platform.Target {
	return serviceTarget{s, entrypoint, props}
}

// Fetch gives a request to the code that serves now. It implements platform.Fetcher.
func (t serviceTarget) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	g := t.service.current.Load()
	if g == nil {
		reply(nil, t.service.notStarted())
		return
	}
	g.worker.fetch(t.entrypoint, t.props, req, reply)
}

// Call gives an invocation to the code that serves now. It implements platform.Callable.
func (t serviceTarget) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	g := t.service.current.Load()
	if g == nil {
		inv.Args.Drop()
		reply(platform.Payload{}, t.service.notStarted())
		return
	}
	g.worker.call(t.entrypoint, t.props, inv, reply)
}

// Address implements platform.Addressed.
func (t serviceTarget) Address() platform.Address {
	return platform.Address{Worker: t.service.running().Name, Entrypoint: t.entrypoint, Props: t.props}
}

// Within tells whether the code that serves now runs in an isolate of this loop. It implements
// platform.Local.
func (t serviceTarget) Within(l *isolate.Loop) bool {
	g := t.service.current.Load()
	return g != nil && g.worker.loop == l
}

// Event gives an event to the code that serves now. It implements service.Target.
func (t serviceTarget) Event(kind string, payload isolate.Value, done func(outcome []byte, err error)) {
	g := t.service.current.Load()
	if g == nil {
		done(nil, t.service.notStarted())
		return
	}
	g.worker.event(t.entrypoint, t.props, kind, payload, done)
}

// addService gives what a binding leads to a number.
func (b *bindings) addService(t service.Target) int {
	b.services = append(b.services, t)
	return len(b.services) - 1
}
