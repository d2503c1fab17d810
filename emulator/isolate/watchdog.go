package isolate

import (
	"errors"
	"sync"
	"time"
)

// ErrCPULimit breaks an isolate whose turn took longer than its loop allows.
var ErrCPULimit = errors.New("isolate exceeded its CPU time limit")

// Watchdog ends turns that take too long. It costs running code nothing: a goroutine looks at the
// loops that run now, some times in a second.
type Watchdog struct {
	epoch time.Time

	mu    sync.Mutex
	loops map[*Loop]struct{}
	awake bool
	last  time.Duration // after it no turn goes on; 0 if there is no such time
}

// NewWatchdog makes a watchdog; it sleeps while no loop runs.
func NewWatchdog() *Watchdog { return &Watchdog{epoch: time.Now(), loops: map[*Loop]struct{}{}} }

// watchInterval is how often turns are looked at: the limit is exact to this much.
const watchInterval = 20 * time.Millisecond

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
	w.loops[l] = struct{}{}
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
	for l := range w.loops {
		limit := time.Duration(l.cpu.Load())
		began := time.Duration(l.began.Load())
		if began != 0 && (limit > 0 && now-began > limit || w.last > 0 && now > w.last) {
			l.interruptTurn(began)
		}
	}
	time.AfterFunc(watchInterval, w.look)
}

// interruptTurn ends the turn that began then, if it still runs.
func (l *Loop) interruptTurn(began time.Duration) {
	l.ending.Lock()
	defer l.ending.Unlock()
	if i := l.current.Load(); i != nil && time.Duration(l.began.Load()) == began {
		i.Interrupt()
		if l.hooks.Interrupt != nil {
			l.hooks.Interrupt()
		}
	}
}

// endTurn tells the watchdog that the turn has ended: what interrupts it has been done, or will not be.
func (l *Loop) endTurn() {
	l.ending.Lock()
	defer l.ending.Unlock()
	l.began.Store(0)
}
