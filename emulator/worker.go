package emulator

import (
	"errors"
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

	mu        sync.Mutex
	pending   map[*pendingEvent]struct{}
	lastEvent uint64
	retired   bool
	closed    atomic.Bool  // nothing starts any more
	retiring  *clock.Timer // ends requests that take too long; nil before retirement
}

// pendingEvent is an event that somebody waits for.
type pendingEvent struct {
	number uint64 // in the order in which they came
	unpin  func() // set when it has been delivered
	fail   func(error)
	once   sync.Once
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
		Start: w.start, Now: e.options.Clock.Now, Settled: w.settled, Broken: w.broken,
		Go: e.options.Clock.Work().Go, Stopping: e.options.Clock.Work().Stopping, Steady: e.options.Random.Seeded(),
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
	realm := e.newRealm(w.generation, journal.Event{Worker: w.generation.project.Name}, e.options.Random.Stream(place...))
	realm.Exceeded = func() {
		w.loop.Control(func() {
			if w.realm == realm && w.loop.Started() {
				w.loop.Fail(isolate.ErrMemoryLimit)
			}
		})
	}
	w.realm = realm
	i, err := w.generation.image.Fork(isolate.Options{
		MemoryLimit: e.options.Memory, LoadModule: w.generation.loadModule, Owner: w,
		Seed: e.options.Random.Uint64(append(place, "Math.random")...),
	})
	if errors.Is(err, isolate.ErrImageClosed) {
		err = errRestarted // the event chose this generation just before it ended
	}
	return i, err
}

// What a request gets when the Worker's isolate is lost while it is under way.
var (
	errWorkerCPU    = &isolate.Error{Message: "Worker exceeded CPU time limit."}
	errWorkerMemory = &isolate.Error{Message: "Worker has exceeded memory limit.", Props: `{"overloaded":true}`}
	errHung         = &isolate.Error{Message: "The Workers runtime canceled this request because it detected that your Worker's code had hung and would never " +
		"generate a response. Refer to: https://developers.cloudflare.com/workers/observability/errors/"}
	errRestarted = &isolate.Error{Message: "Your worker restarted mid-request. Please try sending the request again.", Props: `{"retryable":true}`}
)

func (w *Worker) broken(err error) {
	reason := error(&isolate.Error{Message: err.Error()})
	switch err {
	case errRestarted:
		reason = err
	case isolate.ErrCPULimit:
		reason = errWorkerCPU
	case isolate.ErrMemoryLimit:
		reason = errWorkerMemory
	}
	w.emulator.journal.Record(journal.Event{Kind: journal.Reset, Worker: w.generation.project.Name, Error: reason.Error()})
	w.failAll(reason)
	if w.realm != nil {
		w.realm.Close(reason)
	}
}

func (w *Worker) failAll(reason error) {
	w.mu.Lock()
	pending := w.pending
	w.pending = map[*pendingEvent]struct{}{}
	w.mu.Unlock()
	for p := range pending {
		p.once.Do(func() { p.fail(reason) })
	}
}

// Fetch gives the default export's fetch handler a request. It implements platform.Fetcher.
func (w *Worker) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	w.fetch("", nil, req, reply)
}

func (w *Worker) fetch(entrypoint string, props []byte, req *platform.Request, reply func(*platform.Response, error)) {
	trace := w.traced(entrypoint, "fetch", func() map[string]any { return platform.RequestEvent(req) })
	fail := func(err error) {
		trace.End(err, true)
		reply(nil, err)
	}
	lineage := req.Lineage
	lineage.Asker, _ = req.Context.(*platform.Asker)
	w.post(req.URL, platform.FlowOf(lineage, trace), fail, entrypoint, props, func(t *isolate.Turn, target int, end func(func())) error {
		return w.realm.Handle(t, target, req, func(res *platform.Response, err error) {
			end(func() {
				trace.Respond(res)
				trace.End(err, true)
				reply(res, err)
			})
		})
	})
}

// traced begins to write an event down for Tail Workers, if there are any.
func (w *Worker) traced(entrypoint, kind string, event func() map[string]any) *platform.Trace {
	tail := w.generation.tail
	if tail == nil {
		return nil
	}
	return tail.Trace(platform.TraceItem{
		ScriptName: w.generation.project.Name, Entrypoint: entrypoint, ExecutionModel: "stateless", Kind: kind, Event: event(),
	}, w.emulator.options.Clock.Now)
}

// call gives an entrypoint an invocation.
func (w *Worker) call(entrypoint string, props []byte, inv *platform.Invocation, reply func(platform.Payload, error)) {
	trace := w.traced(entrypoint, "rpc", func() map[string]any { return platform.CallEvent(inv) })
	fail := func(err error) {
		inv.Args.Drop() // if it was not delivered
		trace.End(err, true)
		reply(platform.Payload{}, err)
	}
	w.post(inv.Name(), platform.FlowOf(inv.Lineage, trace), fail, entrypoint, props, func(t *isolate.Turn, target int, end func(func())) error {
		return w.realm.Deliver(t, target, inv, func(result platform.Payload, err error) {
			end(func() {
				trace.End(err, false)
				reply(result, err)
			})
		})
	})
}

// post gives an entrypoint an event that somebody waits for. Deliver calls end with what tells them the
// outcome; fail tells them that there will be none.
func (w *Worker) post(detail string, flow *isolate.Flow, fail func(error), entrypoint string, props []byte,
	deliver func(t *isolate.Turn, target int, end func(tell func())) error) {
	p := &pendingEvent{fail: fail}
	w.mu.Lock()
	w.lastEvent++
	p.number = w.lastEvent
	w.pending[p] = struct{}{}
	w.mu.Unlock()
	w.loop.Post(isolate.Task{Flow: flow, Run: func(t *isolate.Turn) error {
		p.unpin = t.Loop().Pin(platform.PinRequest, detail)
		end := func(tell func()) {
			p.unpin()
			w.done(p)
			p.once.Do(tell)
		}
		target, err := w.target(t, entrypoint, props)
		if err == nil {
			err = deliver(t, target, end)
		}
		if err != nil {
			// It could not be delivered as it is.
			t.Send(func() { end(func() { fail(err) }) })
		}
		return err
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
	if err := platform.AddTarget(t, n, entrypoint, props); err != nil {
		return 0, err
	}
	w.targets[key] = n
	return n, nil
}

// event gives an entrypoint an event that is not a request. Done gets its outcome as JSON.
func (w *Worker) event(entrypoint string, props []byte, kind string, payload isolate.Value, done func(outcome []byte, err error)) {
	var trace *platform.Trace
	if kind == "scheduled" {
		trace = w.traced(entrypoint, kind, func() map[string]any { return platform.ScheduledEvent(payload.Data()) })
	}
	fail := func(err error) {
		trace.End(err, true)
		done(nil, err)
	}
	w.post(kind+" "+entrypoint, platform.FlowOf(platform.Lineage{}, trace), fail, entrypoint, props, func(t *isolate.Turn, target int, end func(func())) error {
		return w.realm.Event(t, target, kind, payload, func(outcome []byte) {
			end(func() {
				trace.EndEvent(outcome)
				done(outcome, nil)
			})
		})
	})
}

// settled is called when the isolate has nothing to do for now.
func (w *Worker) settled() {
	w.endEvents()
	w.endHung()
}

// endEvents ends what events have left behind when they are over: with its answer and its waitUntil a
// request is done, its timers do not run any more, and callbacks that it gave away cannot be called. workerd
// keeps that for each request; here it is so when the last of those that overlapped is over.
//
// https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
func (w *Worker) endEvents() {
	if !w.loop.Started() || !w.realm.EventsOver(w.loop) {
		return
	}
	w.loop.Next(isolate.Task{Run: func(t *isolate.Turn) error {
		if !w.realm.EventsOver(w.loop) {
			return nil
		}
		return w.realm.EndEvents(t)
	}})
}

// endHung ends an event that would never end: if events wait for nothing but themselves and each other,
// the newest one fails, and what waits for it goes on.
//
// https://developers.cloudflare.com/workers/observability/errors/#the-script-will-never-generate-a-response-errors
func (w *Worker) endHung() {
	for _, pin := range w.loop.Pins() {
		if pin.Kind != platform.PinRequest && pin.Kind != platform.PinOwn {
			return
		}
	}
	w.mu.Lock()
	var newest *pendingEvent
	for p := range w.pending {
		if p.unpin == nil {
			w.mu.Unlock()
			return // it comes yet
		}
		if newest == nil || p.number > newest.number {
			newest = p
		}
	}
	w.mu.Unlock()
	if newest == nil {
		return
	}
	newest.unpin()
	w.done(newest)
	newest.once.Do(func() { newest.fail(errHung) })
}

// done forgets a request that has its answer; a retired Worker ends with the last one.
func (w *Worker) done(p *pendingEvent) {
	w.mu.Lock()
	delete(w.pending, p)
	last := w.retired && len(w.pending) == 0 && !w.loop.PinnedBy("stub")
	w.mu.Unlock()
	w.endEvents() // before anybody who hears of the end can send another event
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
	idle := len(w.pending) == 0 && !w.loop.PinnedBy("stub")
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
		w.realm.Close(errRestarted)
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
