package emulator

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/doemu/doemu/bindings/service"
	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/random"
	"github.com/doemu/doemu/emulator/snapshot"
)

// WorldOptions say how a world begins.
type WorldOptions struct {
	// From is the state that it begins with; nil is none.
	From *snapshot.Snapshot
	// Clock is its time; nil is where the clock of a snapshot of everything stood, or the machine's.
	Clock *clock.Clock
	// Random is where its randomness comes from; nil is the system.
	Random *random.Source
}

// worlds are those that an emulator has made and that have not ended.
type worlds struct {
	mu    sync.Mutex
	all   map[*Emulator]struct{}
	ended bool // the emulator ends, and makes no more of them
}

// Why an emulator makes no world.
var (
	ErrNoWorlds = errors.New("a world has no worlds of its own: make them from the emulator that it came from")
	errEnded    = errors.New("the emulator ends")
)

// NewWorld makes a world: an emulator of the same Workers with a state of its own in memory, and alarms, a clock,
// a journal, faults, snapshots and WebSockets of its own. It shares the code, so that it begins in next to no time:
// a reload of the emulator reaches all its worlds. Close ends it; the emulator ends its worlds. The error is
// [ErrNoWorlds] if the emulator is a world itself.
func (e *Emulator) NewWorld(ctx context.Context, options WorldOptions) (*Emulator, error) {
	if e.of != nil {
		return nil, ErrNoWorlds
	}
	w, err := e.newWorld(options)
	if err != nil {
		return nil, err
	}
	if err := w.begin(ctx, options.From); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// newWorld makes a world without state, whose code is kept up to date from then on.
func (e *Emulator) newWorld(options WorldOptions) (*Emulator, error) {
	inner := e.options
	inner.Ephemeral, inner.StateDir, inner.Registry = true, "", ""
	inner.Clock, inner.Random = options.Clock, options.Random
	if s := options.From; inner.Clock == nil && s != nil && s.Whole() {
		inner.Clock = clock.NewIn(position(s))
	}
	inner.defaults()
	w := newEmulator(inner)
	w.of, w.engine, w.from = e, e.engine, options.From
	if inner.Random.Seeded() {
		inner.Clock.Work().OneByOne()
	}
	if err := w.open(e.services[0].running(), nil); err != nil {
		return nil, err
	}
	for _, s := range e.services {
		w.services = append(w.services, &Service{emulator: w, options: s.options, first: s.running(), of: s})
	}
	if err := e.enter(w); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// enter gives a world the code that serves now, and from then on that of each reload.
func (e *Emulator) enter(w *Emulator) error {
	e.worlds.mu.Lock()
	defer e.worlds.mu.Unlock()
	if e.worlds.ended {
		return errEnded
	}
	for _, s := range w.services {
		if err := s.adopt(); err != nil {
			return err
		}
	}
	if e.worlds.all == nil {
		e.worlds.all = map[*Emulator]struct{}{}
	}
	e.worlds.all[w] = struct{}{}
	return nil
}

// begin gives a world its state, and lets time do its work.
func (e *Emulator) begin(ctx context.Context, from *snapshot.Snapshot) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if from != nil {
		loaded, err := from.InMemory()
		if err != nil {
			return err
		}
		if _, err := e.restoreAll(loaded, durable.CloseSockets); err != nil {
			return err
		}
	}
	return e.startAlarms()
}

// Of is the emulator that a world was made from; nil if it is no world.
func (e *Emulator) Of() *Emulator { return e.of }

// endWorlds ends the worlds that an emulator has made.
func (e *Emulator) endWorlds() error {
	e.worlds.mu.Lock()
	e.worlds.ended = true
	var all []*Emulator
	for w := range e.worlds.all {
		all = append(all, w)
	}
	e.worlds.mu.Unlock()
	var errs []error
	for _, w := range all {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}

// leave forgets a world that ends.
func (e *Emulator) leave(w *Emulator) {
	e.worlds.mu.Lock()
	defer e.worlds.mu.Unlock()
	delete(e.worlds.all, w)
}

// adoptAll gives all worlds the code that serves now.
func (e *Emulator) adoptAll(s *Service) error {
	e.worlds.mu.Lock()
	defer e.worlds.mu.Unlock()
	n := slices.Index(e.services, s)
	var errs []error
	for w := range e.worlds.all {
		errs = append(errs, w.services[n].adopt(), w.startAlarms())
	}
	return errors.Join(errs...)
}

// adopt lets the code serve in a world that serves in the emulator which the world is of.
func (s *Service) adopt() error {
	of := s.of.current.Load()
	if of == nil {
		return nil // it has not started there either
	}
	image, err := of.image.Share()
	for errors.Is(err, isolate.ErrImageClosed) && of != s.of.current.Load() {
		of = s.of.current.Load() // it was replaced just now
		image, err = of.image.Share()
	}
	if err != nil {
		return err
	}
	bindings, err := s.emulator.adoptBindings(of)
	if err != nil {
		return errors.Join(err, image.Close())
	}
	own := *of // what was built is the same
	own.service, own.image, own.bindings = s, image, bindings
	s.serve(&own)
	return nil
}

// adoptBindings gives what is bound in a world what is bound of a generation, under the same numbers: they are in
// its heap image.
func (e *Emulator) adoptBindings(of *Generation) (*bindings, error) {
	b := &bindings{}
	for _, n := range of.bindings.namespaces {
		own := e.elsewhereOf(of, n.UniqueKey())
		if n.Here() {
			var err error
			if own, err = e.namespace(n.UniqueKey()); err != nil {
				return nil, err
			}
		}
		b.namespaces = append(b.namespaces, own)
	}
	for _, t := range of.bindings.services {
		b.addService(e.adoptTarget(t))
	}
	return b, nil
}

// elsewhereOf is the namespace of a binding of a generation whose class is not in this process; nil if no binding
// has it.
func (e *Emulator) elsewhereOf(of *Generation, key string) *durable.Namespace {
	for _, d := range of.project.DurableObjects {
		if d.UniqueKey == key {
			return e.elsewhere(d)
		}
	}
	return nil
}

// adoptTarget is what a service binding leads to in a world: to the same Worker there, or out of the process.
func (e *Emulator) adoptTarget(t service.Target) service.Target {
	own, ok := t.(serviceTarget)
	if !ok {
		return t
	}
	own.service = e.services[slices.Index(e.of.services, own.service)]
	return own
}
