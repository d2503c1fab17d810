package emulator

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sync"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/peer"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/registry"
)

// sessions is how the emulator is one among those of a person: bindings to Workers that it does not run
// lead to the session that does, and others call its own.
type sessions struct {
	emulator *Emulator
	registry *registry.Registry
	network  *peer.Network

	mu        sync.Mutex
	announced registry.Session // what the others were told last
}

// joinSessions lets the emulator find others, if the options name a registry. Where that is not possible, a
// home that cannot be written for example, it runs on its own.
func (e *Emulator) joinSessions() {
	if e.options.Registry == "" {
		return
	}
	s := &sessions{emulator: e, registry: registry.Open(e.options.Registry)}
	s.registry.Sweep()
	var err error
	if s.network, err = peer.Listen(s, s.registry, e.options.Log); err != nil {
		e.options.Log.Warn("bindings lead to no other sessions", "err", err)
		return
	}
	e.sessions = s
}

// announce tells the other sessions what this one runs.
func (s *sessions) announce() {
	if s == nil {
		return
	}
	own := registry.Session{PID: os.Getpid(), StartedAt: s.emulator.startedAt}
	for _, service := range s.emulator.services {
		own.Workers = append(own.Workers, service.registered())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if reflect.DeepEqual(own, s.announced) {
		return // a reload that changes nothing of that wakes nobody
	}
	if err := s.network.Announce(own); err != nil {
		s.emulator.options.Log.Warn("other sessions do not find this one", "err", err)
		return
	}
	s.announced = own
}

func (s *sessions) close() error {
	if s == nil {
		return nil
	}
	return s.network.Close()
}

// target is what an address leads to that is not in this process.
func (s *sessions) target(a platform.Address) peer.Target {
	if s == nil {
		return peer.Absent(a)
	}
	return s.network.Target(a)
}

// elsewhere is the namespace of a Durable Object binding whose class is not in this process, or not in the
// Worker that is to have it: what has it is found with each call.
func (e *Emulator) elsewhere(b config.DurableObject) *durable.Namespace {
	return durable.Elsewhere(b.UniqueKey, func(hex, name string) platform.Target {
		t, err := e.find(platform.Address{Worker: b.ScriptName, Class: b.ClassName, Object: hex, Name: name})
		if err != nil {
			return peer.Refuse(err)
		}
		return t
	})
}

// implements tells whether a Worker of this process has a Durable Object class.
func (e *Emulator) implements(worker, class string) bool {
	s := e.Service(worker)
	return s != nil && slices.ContainsFunc(s.running().Classes, func(c config.Class) bool { return c.Name == class })
}

// find gives what an address leads to, here or in another session.
func (e *Emulator) find(a platform.Address) (platform.Target, error) {
	if e.Service(a.Worker) == nil {
		return e.sessions.target(a), nil
	}
	return e.own(a)
}

// own gives what an address leads to in this emulator.
func (e *Emulator) own(a platform.Address) (platform.Target, error) {
	service := e.Service(a.Worker)
	if service == nil {
		return nil, &isolate.Error{Message: peer.NotFound(a.Worker), Props: `{"remote":true}`}
	}
	g := service.Generation()
	if g == nil {
		return nil, service.notStarted()
	}
	if a.Class == "" {
		if _, ok := g.exports[a.Entrypoint]; !ok && a.Entrypoint != "" {
			return nil, &isolate.Error{Message: fmt.Sprintf("Worker does not export an entrypoint named %q", a.Entrypoint), Props: `{"remote":true}`}
		}
		return serviceTarget{service, a.Entrypoint, a.Props}, nil
	}
	for n, class := range g.project.Classes {
		if class.Name == a.Class {
			return g.bindings.namespaces[n].At(a.Object, a.Name)
		}
	}
	return nil, &isolate.Error{Message: fmt.Sprintf("Worker does not export a Durable Object class named %q", a.Class), Props: `{"remote":true}`}
}

// Target finds what an address leads to here. It implements peer.Host.
func (s *sessions) Target(a platform.Address) (platform.Target, error) { return s.emulator.own(a) }

// Admit implements peer.Host.
func (s *sessions) Admit(ctx context.Context) error { return s.emulator.admit(ctx) }

// Outside implements peer.Host.
func (s *sessions) Outside(what string) (done func()) {
	return s.emulator.options.Clock.Work().Outside(what)
}

// Find tells of a Worker that runs here or in another session; nil if none does.
func (e *Emulator) Find(worker string) *registry.Worker {
	if s := e.Service(worker); s != nil {
		w := s.registered()
		return &w
	}
	if e.sessions == nil {
		return nil
	}
	if found := e.sessions.network.Find(worker); found != nil {
		return found.Worker(worker)
	}
	return nil
}

// registered is what other sessions are told of the Worker.
func (s *Service) registered() registry.Worker {
	project := s.running()
	w := registry.Worker{Name: project.Name}
	for _, class := range project.Classes {
		w.Classes = append(w.Classes, class.Name)
	}
	return w
}

// WatchSessions calls changed when other sessions come, change or go, until stop is called, which waits for
// the last of these calls. It does nothing if the emulator is on its own.
func (e *Emulator) WatchSessions(changed func()) (stop func(), err error) {
	if e.sessions == nil {
		return func() {}, nil
	}
	var mu sync.Mutex
	stopped := false
	told := func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			e.sessions.network.Changed()
			changed()
		}
	}
	e.sessions.network.Notice(told)
	stopWatching, err := e.sessions.registry.Watch(told)
	told() // who came before that
	return func() {
		if stopWatching != nil {
			stopWatching()
		}
		mu.Lock()
		defer mu.Unlock()
		stopped = true
	}, err
}
