package emulator

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// Worker is the stateless part of a generation: the isolate whose handlers answer requests.
type Worker struct {
	emulator   *Emulator
	generation *Generation
	loop       *isolate.Loop
	realm      *platform.Realm
	// targets are the numbers that the isolate knows entrypoints by; they belong to the loop.
	targets map[targetKey]int
	starts  int // of isolates

	mu       sync.Mutex
	pending  map[*pendingEvent]struct{}
	retired  bool
	closed   atomic.Bool  // nothing starts any more
	retiring *clock.Timer // ends requests that take too long; nil before retirement
}

type pendingEvent struct {
	reply func(*platform.Response, error)
	once  sync.Once
}

// targetKey is an entrypoint with the props that it is called with, as JSON.
type targetKey struct{ entrypoint, props string }

// Realm is what the platform keeps for the Worker's isolate.
func (w *Worker) Realm() *platform.Realm { return w.realm }

// Namespace finds the namespaces that env has, by number.
func (w *Worker) Namespace(n int) *durable.Namespace { return w.generation.bindings.namespaces[n] }

func (s *Service) newWorker(g *Generation) *Worker {
	e := s.emulator
	w := &Worker{emulator: e, generation: g, pending: map[*pendingEvent]struct{}{}}
	w.loop = isolate.NewLoop(isolate.Hooks{
		Start: w.start, Now: e.options.Clock.Now, Broken: w.broken, Go: e.options.Clock.Work().Go, Steady: e.options.Random.Seeded(),
		Failed: func(err error) { e.options.Log.Error("platform code failed", "worker", g.project.Name, "err", err) },
	}, e.around.Watchdog, s.cpu(g.project))
	return w
}

func (w *Worker) start() (*isolate.Isolate, error) {
	if w.closed.Load() {
		return nil, errRestarted
	}
	e := w.emulator
	w.targets = map[targetKey]int{}
	w.starts++
	place := []string{"worker", w.generation.project.Name, strconv.Itoa(w.generation.Number), strconv.Itoa(w.starts)}
	w.realm = e.newRealm(w.generation, journal.Event{Worker: w.generation.project.Name}, e.options.Random.Stream(place...))
	return w.generation.image.Fork(isolate.Options{
		MemoryLimit: e.options.Memory, Owner: w, Seed: e.options.Random.Uint64(append(place, "Math.random")...),
	})
}

// What a request gets when the Worker's isolate is lost while it is under way.
var (
	errWorkerCPU    = &isolate.Error{Message: "Worker exceeded CPU time limit."}
	errWorkerMemory = &isolate.Error{Message: "Worker has exceeded memory limit.", Props: `{"overloaded":true}`}
	errRestarted    = &isolate.Error{Message: "Your worker restarted mid-request. Please try sending the request again.", Props: `{"retryable":true}`}
)

func (w *Worker) broken(err error) {
	reason := error(&isolate.Error{Message: err.Error()})
	switch err {
	case isolate.ErrCPULimit:
		reason = errWorkerCPU
	case isolate.ErrMemoryLimit:
		reason = errWorkerMemory
	}
	w.emulator.journal.Record(journal.Event{Kind: journal.Reset, Worker: w.generation.project.Name, Error: reason.Error()})
	if w.realm != nil {
		w.realm.Close()
	}
	w.failAll(reason)
}

func (w *Worker) failAll(reason error) {
	w.mu.Lock()
	pending := w.pending
	w.pending = map[*pendingEvent]struct{}{}
	w.mu.Unlock()
	for p := range pending {
		p.once.Do(func() { p.reply(nil, reason) })
	}
}

// Fetch gives the default export's fetch handler a request. It implements platform.Fetcher.
func (w *Worker) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	w.fetch("", nil, req, reply)
}

func (w *Worker) fetch(entrypoint string, props []byte, req *platform.Request, reply func(*platform.Response, error)) {
	p := &pendingEvent{reply: reply}
	w.mu.Lock()
	w.pending[p] = struct{}{}
	w.mu.Unlock()
	w.loop.Post(isolate.Task{Run: func(t *isolate.Turn) error {
		unpin := t.Loop().Pin("request", req.URL)
		target, err := w.target(t, entrypoint, props)
		if err != nil {
			return err
		}
		return w.realm.Handle(t, target, req, func(res *platform.Response, err error) {
			unpin()
			w.done(p)
			p.once.Do(func() { reply(res, err) })
		})
	}})
}

// target is the number by which the isolate knows an entrypoint with its props.
func (w *Worker) target(t *isolate.Turn, entrypoint string, props []byte) (int, error) {
	if entrypoint == "" && props == nil {
		return platform.WorkerTarget, nil
	}
	key := targetKey{entrypoint, string(props)}
	if n, ok := w.targets[key]; ok {
		return n, nil
	}
	n := len(w.targets) + 1
	w.targets[key] = n
	return n, platform.AddTarget(t, n, entrypoint, props)
}

// event gives an entrypoint an event that is not a request. Done gets its outcome as JSON.
func (w *Worker) event(entrypoint string, props []byte, kind string, payload isolate.Value, done func(outcome []byte, err error)) {
	p := &pendingEvent{reply: func(_ *platform.Response, err error) { done(nil, err) }}
	w.mu.Lock()
	w.pending[p] = struct{}{}
	w.mu.Unlock()
	w.loop.Post(isolate.Task{Run: func(t *isolate.Turn) error {
		unpin := t.Loop().Pin(kind, entrypoint)
		target, err := w.target(t, entrypoint, props)
		if err != nil {
			return err
		}
		return w.realm.Event(t, target, kind, payload, func(outcome []byte) {
			unpin()
			w.done(p)
			p.once.Do(func() { done(outcome, nil) })
		})
	}})
}

// done forgets a request that has its answer; a retired Worker ends with the last one.
func (w *Worker) done(p *pendingEvent) {
	w.mu.Lock()
	delete(w.pending, p)
	last := w.retired && len(w.pending) == 0
	w.mu.Unlock()
	if last {
		w.stop()
	}
}

// retirement is how long requests of a replaced generation may go on.
const retirement = 5 * time.Second

// retire ends the Worker when its requests have been answered.
func (w *Worker) retire() {
	c := w.emulator.options.Clock
	w.mu.Lock()
	w.retired = true
	idle := len(w.pending) == 0
	if !idle {
		w.retiring = c.At(c.Now().Add(retirement), clock.Due{Kind: clock.KindRetire, Worker: w.generation.project.Name}, w.stop)
	}
	w.mu.Unlock()
	if idle {
		w.stop()
	}
}

// stop ends the isolate: its timers, promises and sockets end with it.
func (w *Worker) stop() {
	w.mu.Lock()
	if w.retiring != nil {
		w.retiring.Stop()
	}
	w.mu.Unlock()
	w.loop.Control(w.end)
}

func (w *Worker) end() {
	if w.loop.Started() {
		w.loop.Drop()
		w.realm.Close()
		w.failAll(errRestarted)
	}
	w.mu.Lock()
	retired := w.retired
	w.mu.Unlock()
	if retired {
		w.generation.service.forget(w)
	}
}

// shutDown ends the isolate for good, and waits for that.
func (w *Worker) shutDown() {
	w.closed.Store(true)
	w.stop()
	done := make(chan struct{})
	w.loop.Control(func() { close(done) })
	<-done
}
