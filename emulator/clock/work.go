package clock

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Work counts what is being done, so that somebody can wait until all of it has come to rest. Two
// things are told apart: the emulator's own work, which always comes to an end or waits for the
// clock, and what happens outside, on a network for example, which may take any time.
//
// It also says how work is done: all at once, each on a goroutine of its own, or [Work.OneByOne],
// in the order in which it came, so that two runs of a program do the same.
type Work struct {
	busy    atomic.Int64 // what is being done inside
	held    atomic.Int64 // those who will do what is due
	waiting atomic.Int64 // those who wait for a change
	serial  atomic.Bool

	still   atomic.Bool   // nothing begins: see Still
	stiller chan struct{} // held by the one who keeps everything still

	mu      sync.Mutex
	changed chan struct{} // closed with a change, if somebody waits
	queue   []func()      // of what is done one by one
	running bool
	kept    []func() // what would have begun while everything is still
	outside map[uint64]*outside
	lastOut uint64
}

// outside is something that happens outside.
type outside struct {
	what string
	left bool // it took so long that nobody waits for it any more
}

func newWork() *Work {
	return &Work{changed: make(chan struct{}), stiller: make(chan struct{}, 1), outside: map[uint64]*outside{}}
}

// OneByOne lets work be done one after the other from now on.
func (w *Work) OneByOne() { w.serial.Store(true) }

// Go does f, now or when what came before it has been done. f must not wait for other work.
func (w *Work) Go(f func()) {
	w.begin()
	if w.still.Load() && w.keep(f) {
		return
	}
	if !w.serial.Load() {
		go w.do(f)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, f)
	w.runSerial()
}

func (w *Work) do(f func()) {
	defer w.end()
	f()
}

// runSerial sees to it that what is queued is done. The lock is held.
func (w *Work) runSerial() {
	if !w.running && len(w.queue) > 0 && !w.still.Load() {
		w.running = true
		go w.runQueue()
	}
}

func (w *Work) runQueue() {
	for {
		w.mu.Lock()
		if len(w.queue) == 0 || w.still.Load() {
			w.running = false
			w.mu.Unlock()
			w.tell()
			return
		}
		f := w.queue[0]
		w.queue = w.queue[1:]
		w.mu.Unlock()
		f()
		w.end()
	}
}

// Outside says that something happens outside, until done is called. Whoever waits for rest does not
// wait for it for ever.
func (w *Work) Outside(what string) (done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lastOut++
	number := w.lastOut
	w.outside[number] = &outside{what: what}
	return func() {
		w.mu.Lock()
		delete(w.outside, number)
		w.mu.Unlock()
		w.tell()
	}
}

func (w *Work) begin() { w.busy.Add(1) }

func (w *Work) end() {
	if w.busy.Add(-1) == 0 || w.still.Load() {
		w.tell()
	}
}

// hold says that something is about to be done.
func (w *Work) hold() { w.held.Add(1) }

func (w *Work) release() {
	if w.held.Add(-1) == 0 {
		w.tell()
	}
}

// tell wakes those who wait for a change.
func (w *Work) tell() {
	if w.waiting.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
}

// until waits until a condition holds; it is looked at with every change.
func (w *Work) until(ctx context.Context, holds func() bool) error {
	w.waiting.Add(1)
	defer w.waiting.Add(-1)
	for {
		w.mu.Lock()
		changed := w.changed
		w.mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// quiet waits until nothing is being done inside.
func (w *Work) quiet(ctx context.Context) error {
	return w.until(ctx, func() bool { return w.busy.Load() == 0 })
}

// Idle waits until nothing is being done inside, and nothing is due.
func (w *Work) Idle(ctx context.Context) error {
	return w.until(ctx, func() bool { return w.busy.Load() == 0 && w.held.Load() == 0 })
}

// Admit waits until an event from outside may come in: if work is done one by one, when what came
// before has been done as far as it goes by itself.
func (w *Work) Admit(ctx context.Context) error {
	if !w.serial.Load() {
		return nil
	}
	return w.Idle(ctx)
}

// patience is how long something outside may take, in the machine's time, before those who wait for
// rest go on without it.
const patience = 2 * time.Second

// lastOutside is the number of the newest thing outside.
func (w *Work) lastOutside() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lastOut
}

// rest waits until nothing is being done, neither inside nor, of what began after a number, outside.
// What takes too long outside is left and given as pending.
func (w *Work) rest(ctx context.Context, since uint64) (pending []string, err error) {
	for {
		if err := w.quiet(ctx); err != nil {
			return pending, err
		}
		if w.restsOutside(since) {
			// What ended outside may have begun something inside.
			if w.busy.Load() == 0 {
				return pending, nil
			}
			continue
		}
		patient, cancel := context.WithTimeout(ctx, patience)
		err := w.until(patient, func() bool { return w.restsOutside(since) || w.busy.Load() > 0 })
		cancel()
		switch {
		case ctx.Err() != nil:
			return pending, context.Cause(ctx)
		case err != nil:
			pending = append(pending, w.leaveOutside(since)...)
		}
	}
}

func (w *Work) restsOutside(since uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for number, o := range w.outside {
		if number > since && !o.left {
			return false
		}
	}
	return true
}

func (w *Work) leaveOutside(since uint64) (left []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for number := since + 1; number <= w.lastOut; number++ {
		if o := w.outside[number]; o != nil && !o.left {
			o.left = true
			left = append(left, o.what)
		}
	}
	return left
}
