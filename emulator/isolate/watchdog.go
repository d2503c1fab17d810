package isolate

import (
	"errors"
	"runtime"
	"sync"
	"time"
)

// ErrCPULimit breaks an isolate whose turn took longer than its loop allows.
var ErrCPULimit = errors.New("isolate exceeded its CPU time limit")

// Watchdog ends turns that compute too long. It costs running code nothing: a goroutine looks at the
// loops that run now, some times in a second. What counts is the processor time of the turn's thread, where the
// system tells it: turns that wait for a processor on a busy machine are not ended for that.
type Watchdog struct {
	epoch time.Time

	mu    sync.Mutex
	loops map[*Loop]*watch
	awake bool
	last  time.Duration // after it no turn goes on; 0 if there is no such time
}

// watch is what the watchdog knows of the turn that a loop runs.
type watch struct {
	began       time.Duration // which turn
	seen        time.Duration // when it was looked at
	thread      time.Duration // what its thread had computed then
	computed    time.Duration // by the turn, as far as it was seen
	interrupted time.Duration // what the turn had computed when it was first interrupted
	ending      bool          // it was interrupted
}

// NewWatchdog makes a watchdog; it sleeps while no loop runs.
func NewWatchdog() *Watchdog { return &Watchdog{epoch: time.Now(), loops: map[*Loop]*watch{}} }

const (
	// watchInterval is how often turns are looked at: the limit is exact to this much.
	watchInterval = 20 * time.Millisecond
	// patience is what a turn that was interrupted may compute until its memory is taken away: the engine asks for
	// interruptions often, except within some of its own functions.
	patience = 100 * time.Millisecond
)

// now is a time that is never 0.
func (w *Watchdog) now() time.Duration {
	if w == nil {
		return 1
	}
	return time.Since(w.epoch) + 1
}

func (w *Watchdog) add(l *Loop) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.loops[l] = &watch{}
	if !w.awake {
		w.awake = true
		time.AfterFunc(watchInterval, w.look)
	}
}

func (w *Watchdog) remove(l *Loop) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.loops, l)
}

// LastTurns gives turns a time to end, whatever their loops allow: a program that ends does not wait for
// one that computes.
func (w *Watchdog) LastTurns(grace time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = w.now() + grace
}

func (w *Watchdog) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.loops) == 0 {
		w.awake = false
		return
	}
	now := w.now()
	share := min(1, float64(runtime.GOMAXPROCS(0))/float64(len(w.loops)))
	for l, watch := range w.loops {
		began := time.Duration(l.began.Load())
		if began == 0 {
			continue
		}
		watch.see(l, began, now, share)
		limit := time.Duration(l.cpu.Load())
		if limit > 0 && watch.computed > limit || w.last > 0 && now > w.last {
			if !watch.ending {
				watch.ending, watch.interrupted = true, watch.computed
			}
			l.interruptTurn(began, watch.computed-watch.interrupted > patience)
		}
	}
	time.AfterFunc(watchInterval, w.look)
}

// see counts what the turn that began then has computed. A system that does not tell what a thread computed gives each
// loop its share of the time, as if all of them had computed.
func (w *watch) see(l *Loop, began, now time.Duration, share float64) {
	thread, exact := threadTime(int(l.thread.Load()))
	if w.began != began {
		*w = watch{began: began, seen: now, thread: thread}
		if !exact {
			w.computed = time.Duration(float64(now-began) * share)
		}
		return
	}
	if exact {
		w.computed += thread - w.thread
	} else {
		w.computed += time.Duration(float64(now-w.seen) * share)
	}
	w.seen, w.thread = now, thread
}

// interruptTurn ends the turn that began then, if it still runs; by force, if it did not listen.
func (l *Loop) interruptTurn(began time.Duration, force bool) {
	l.ending.Lock()
	defer l.ending.Unlock()
	if i := l.current.Load(); i != nil && time.Duration(l.began.Load()) == began {
		i.Interrupt()
		if l.hooks.Interrupt != nil {
			l.hooks.Interrupt()
		}
		if force {
			i.seize()
		}
	}
}

// endTurn tells the watchdog that the turn has ended: what interrupts it has been done, or will not be.
func (l *Loop) endTurn() {
	l.ending.Lock()
	defer l.ending.Unlock()
	l.began.Store(0)
}
