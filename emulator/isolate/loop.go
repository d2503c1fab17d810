package isolate

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Hooks are what a loop's owner does around turns. Start, Now and Broken are needed; the others may
// be nil. All are called on the goroutine that runs turns.
type Hooks struct {
	// Start makes the isolate when a task comes and there is none. Init then runs as its first
	// turn: an error from it breaks the isolate.
	Start func() (*Isolate, error)
	Init  func(t *Turn) error
	// Now is the time that JavaScript sees during a turn.
	Now func() time.Time
	// Store is what turns write to.
	Store Store
	// Settled is called when there is nothing left to do and everything that was sent has left.
	Settled func()
	// Broken is called when the isolate cannot be used any more, or a commit failed, or an op asked
	// for it with [Turn.Break]. The loop has closed the isolate by then; what the turn wrote and
	// wanted to send is gone.
	Broken func(err error)
	// Go runs what the loop has to do; nil is a goroutine of its own.
	Go func(run func())
	// Stopping tells whether the loop has to let go of its goroutine between two turns: it comes back with Go.
	// Nil is never.
	Stopping func() bool
	// Steady ends batches of turns by their number alone, and not by the machine's time, so that two
	// runs commit the same turns together.
	Steady bool
	// Interrupt is called while a turn runs that took too long, from another goroutine and perhaps several times: what
	// the turn does in Go, such as a query, has to end soon. JavaScript is stopped already. It may be nil.
	Interrupt func()
	// Failed is called with what the platform's handler of an event threw. Handlers report a
	// user's errors by themselves, so this is a mistake in the platform.
	Failed func(err error)
}

// Store is what the turns of a loop write to. Writes of several turns may become one commit.
type Store interface {
	// Dirty tells whether something waits for a commit.
	Dirty() bool
	// Mark is called before a turn while the store is dirty: RollBack goes back to here.
	Mark() error
	// RollBack drops what was written since the last Mark, or since the last commit.
	RollBack() error
	// Commit makes everything durable.
	Commit() error
}

// Task is something to do in an isolate.
type Task struct {
	Run func(t *Turn) error
	// Section is where the task belongs; see [Turn.Section].
	Section *Section
	// Flow is what the task belongs to; see [Turn.Flow]. It may be nil.
	Flow *Flow
	// Skip is asked before the task is run, and before an isolate is started for it. It may be nil.
	Skip func() bool
	// start says that the task is one of Next: the beginning of what an earlier turn asked for.
	start bool
	// epoch is the life of the isolate that the task belongs to, 0 for any.
	epoch uint64
}

// Loop gives an isolate its tasks, one turn at a time. A goroutine exists only while there are some.
// Post, Control, Between, Live, Pin, Pins and Interrupt may be called from any goroutine.
type Loop struct {
	hooks    Hooks
	runs     func() // run
	watchdog *Watchdog
	cpu      atomic.Int64 // nanoseconds that a turn may take; 0 for no limit

	mu       sync.Mutex
	queue    []Task
	starts   []Task // those of Next, critical sections among them
	controls []func()
	running  bool
	pins     map[*pin]struct{}
	lastPin  uint64

	current atomic.Pointer[Isolate] // for the watchdog
	began   atomic.Int64            // when the turn that runs began, in nanoseconds of the watchdog; 0 between turns
	thread  atomic.Int64            // that runs turns, see threadID
	ending  sync.Mutex              // held while the turn that runs is interrupted, and while it ends

	// What follows belongs to the goroutine that runs turns.
	isolate *Isolate
	section *Section
	epoch   uint64 // counts lives of the isolate, from 1
	turns   uint64
	sends   []func()
	broken  error // asked for by Turn.Break
}

// NewLoop makes a loop. If cpu is not 0, the watchdog ends turns that compute longer.
func NewLoop(hooks Hooks, watchdog *Watchdog, cpu time.Duration) *Loop {
	l := &Loop{hooks: hooks, pins: map[*pin]struct{}{}, epoch: 1, watchdog: watchdog}
	l.runs = l.run
	l.LimitCPU(cpu)
	return l
}

// LimitCPU changes how long a turn may take; 0 is no limit.
func (l *Loop) LimitCPU(cpu time.Duration) { l.cpu.Store(int64(cpu)) }

// Between does f between two turns, when what is queued before it is done and no critical section is
// open. No isolate is started for it.
func (l *Loop) Between(f func()) {
	l.Post(Task{Skip: func() bool {
		l.Control(f)
		return true
	}})
}

// Post queues a task.
func (l *Loop) Post(task Task) {
	l.mu.Lock()
	l.queue = append(l.queue, task)
	l.wake()
}

// Control does f between two turns, before all tasks that wait.
func (l *Loop) Control(f func()) {
	l.mu.Lock()
	l.controls = append(l.controls, f)
	l.wake()
}

// Next queues a task before those that wait.
func (l *Loop) Next(task Task) {
	l.mu.Lock()
	task.start = true
	l.starts = append(l.starts, task)
	l.wake()
}

// wake starts the goroutine. It is called with the lock held, and releases it.
func (l *Loop) wake() {
	start := !l.running
	l.running = true
	l.mu.Unlock()
	switch {
	case !start:
	case l.hooks.Go != nil:
		l.hooks.Go(l.runs)
	default:
		go l.run()
	}
}

// next is what to do: a control, or a task that the open section lets in.
func (l *Loop) next() (control func(), task Task, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.controls) > 0 {
		control, l.controls = l.controls[0], l.controls[1:]
		return control, Task{}, true
	}
	for _, queue := range []*[]Task{&l.starts, &l.queue} {
		for n, task := range *queue {
			if task.Section.open() != l.section {
				continue
			}
			if n == 0 {
				*queue = (*queue)[1:]
			} else {
				*queue = append((*queue)[:n:n], (*queue)[n+1:]...)
			}
			return nil, task, true
		}
	}
	return nil, Task{}, false
}

// idle tells whether there is nothing to do. It is called with the lock held.
func (l *Loop) idle() bool {
	for _, queue := range [][]Task{l.starts, l.queue} {
		for _, task := range queue {
			if task.Section.open() == l.section {
				return false
			}
		}
	}
	return len(l.controls) == 0
}

// settle tells the owner that there is nothing to do, unless what was sent just now came back at once.
func (l *Loop) settle() {
	l.mu.Lock()
	idle := l.idle()
	l.mu.Unlock()
	if idle && l.hooks.Settled != nil {
		l.hooks.Settled()
	}
}

// stop lets the goroutine end, unless something came in the meantime.
func (l *Loop) stop() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = !l.idle()
	return !l.running
}

// A batch is turns that are committed together: one commit for many requests that wait anyway.
const (
	batchTurns = 128
	batchTime  = 2 * time.Millisecond
)

func (l *Loop) run() {
	if l.watchdog != nil {
		// What a turn computes is what its thread does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		l.thread.Store(int64(threadID()))
		l.watchdog.add(l)
		defer l.watchdog.remove(l)
	}
	var began time.Time
	for turns := 0; ; {
		if l.hooks.Stopping != nil && l.hooks.Stopping() {
			l.flush()
			l.hooks.Go(l.runs)
			return
		}
		control, task, ok := l.next()
		switch {
		case !ok || control != nil || !task.start && (turns >= batchTurns || turns > 0 && !l.hooks.Steady && time.Since(began) > batchTime):
			l.flush()
			turns = 0
		case !l.dirty():
			l.flush()
			turns = 0
		}
		switch {
		case control != nil:
			control()
		case ok:
			if turns == 0 {
				began = time.Now()
			}
			turns++
			l.do(task)
		default:
			l.settle()
			if l.stop() {
				return
			}
		}
	}
}

func (l *Loop) dirty() bool { return l.hooks.Store != nil && l.hooks.Store.Dirty() }

// flush commits, then lets everything leave that the turns sent. If that fails, the isolate is gone.
func (l *Loop) flush() (ok bool) {
	if l.dirty() {
		if err := l.hooks.Store.Commit(); err != nil {
			l.fail(err)
			return false
		}
	}
	sends := l.sends
	l.sends = nil
	for _, send := range sends {
		send()
	}
	return true
}

func (l *Loop) do(task Task) {
	if task.epoch != 0 && task.epoch != l.epoch || task.Skip != nil && task.Skip() {
		return
	}
	if l.isolate != nil {
		l.turn(task)
		return
	}
	// The task comes behind what Init starts: critical sections foremost.
	i, err := l.hooks.Start()
	if err != nil {
		l.fail(err)
		return
	}
	l.isolate = i
	l.current.Store(i)
	l.mu.Lock()
	l.queue = append([]Task{task}, l.queue...)
	l.mu.Unlock()
	if l.hooks.Init != nil {
		l.turn(Task{Run: func(t *Turn) error {
			if err := l.hooks.Init(t); err != nil {
				t.Break(err)
			}
			return nil
		}})
	}
}

// turn runs a task. If that breaks the isolate, what the turns before it wrote and sent goes its
// way, and nothing of this one.
func (l *Loop) turn(task Task) {
	if l.dirty() {
		if err := l.hooks.Store.Mark(); err != nil {
			l.fail(err)
			return
		}
	}
	l.turns++
	i := l.isolate
	t := &Turn{loop: l, section: task.Section.open(), flow: task.Flow}
	i.turn = t
	i.SetTime(l.hooks.Now())
	l.began.Store(int64(l.watchdog.now()))
	err := task.Run(t)
	l.endTurn()
	i.turn = nil

	broken := i.broken
	if i.ClearInterrupt() && l.broken == nil {
		broken = ErrCPULimit
	}
	if l.broken != nil {
		broken = l.broken
	}
	if broken == nil {
		l.sends = append(l.sends, t.sends...)
		if err != nil && l.hooks.Failed != nil {
			l.hooks.Failed(err)
		}
		return
	}
	if l.dirty() {
		if err := l.hooks.Store.RollBack(); err != nil {
			l.fail(err)
			return
		}
	}
	if task.start && l.dirty() {
		// What an earlier turn asked for breaks the isolate before what that turn wrote is durable: it is kept, but what the
		// turn sent will never leave.
		l.sends = nil
	}
	if l.flush() {
		l.fail(broken)
	}
}

// fail drops the isolate and says why.
func (l *Loop) fail(err error) {
	l.sends = nil
	l.Drop()
	l.hooks.Broken(err)
}

// Fail drops the isolate as if it had broken. Call it in a Control.
func (l *Loop) Fail(err error) { l.fail(err) }

// Controller binds a control to the present life of the isolate: the function that it returns may be
// called from any goroutine. Call it in a turn.
func (l *Loop) Controller(f func()) (post func()) {
	epoch := l.epoch
	return func() {
		l.Control(func() {
			if l.epoch == epoch {
				f()
			}
		})
	}
}

// Drop closes the isolate and all that belongs to it; the next task starts a new one. Call it in a
// Control.
func (l *Loop) Drop() {
	if l.isolate != nil {
		l.current.Store(nil)
		l.isolate.Close()
		l.isolate = nil
	}
	l.section = nil
	l.broken = nil
	l.epoch++
	l.mu.Lock()
	clear(l.pins)
	l.starts = nil
	l.mu.Unlock()
}

// Live tells whether there is an isolate. It may be called from any goroutine.
func (l *Loop) Live() bool { return l.current.Load() != nil }

// Memory is the size of the isolate's heap and what it may grow to, in bytes; 0 if there is none. Call it in a
// Control or a turn.
func (l *Loop) Memory() (used, limit int) {
	if l.isolate == nil {
		return 0, 0
	}
	return l.isolate.MemoryBytes(), l.isolate.MemoryLimit()
}

// Turns counts the turns of all lives. Call it on the goroutine that runs turns.
func (l *Loop) Turns() uint64 { return l.turns }

// Started tells whether there is an isolate. Call it in a Control or a turn.
func (l *Loop) Started() bool { return l.isolate != nil }
