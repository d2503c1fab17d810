package isolate

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// ledger is a store whose commits are counted.
type ledger struct {
	dirty          bool
	commits, marks int
	rolledBack     int
	fail           error
}

func (l *ledger) Dirty() bool { return l.dirty }
func (l *ledger) Mark() error { l.marks++; return nil }
func (l *ledger) RollBack() error {
	l.rolledBack++
	return nil
}
func (l *ledger) Commit() error {
	l.commits++
	l.dirty = false
	return l.fail
}

// bench is a loop over forks of an image.
type bench struct {
	*Loop
	notes   *notes
	ledger  *ledger
	broken  []error
	settled chan struct{}
}

func newBench(t testing.TB, source string, cpu time.Duration) *bench {
	t.Helper()
	i, _ := boot(t, source)
	image, err := i.Image()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{notes: &notes{}, ledger: &ledger{}, settled: make(chan struct{}, 64)}
	b.Loop = NewLoop(Hooks{
		Start: func() (*Isolate, error) { return image.Fork(Options{Owner: b.notes}) },
		Now:   time.Now,
		Store: b.ledger,
		Settled: func() {
			select {
			case b.settled <- struct{}{}:
			default:
			}
		},
		Broken: func(err error) { b.broken = append(b.broken, err) },
		Failed: func(err error) { t.Errorf("platform code failed: %v", err) },
	}, NewWatchdog(), cpu)
	t.Cleanup(func() { b.control(b.Drop) })
	return b
}

// control does f on the loop's goroutine, and waits for it.
func (b *bench) control(f func()) {
	done := make(chan struct{})
	b.Control(func() {
		f()
		close(done)
	})
	<-done
}

// until waits until a condition holds, which is looked at between turns.
func (b *bench) until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		ok := false
		b.control(func() { ok = holds() })
		if ok {
			return
		}
		select {
		case <-b.settled:
		case <-deadline:
			t.Fatalf("%s did not happen; said %q", what, b.notes.said)
		}
	}
}

func run(e *Engine, args ...Value) func(*Turn) error {
	return func(t *Turn) error { return t.Deliver(e.Event("run"), args...) }
}

func TestLoop_promises(t *testing.T) {
	t.Parallel()
	b := newBench(t, `on("run", async () => { host.note(await host.later("hello")); try { await host.later("") } catch (e) { host.note(e.name) } })`, 0)
	b.Post(Task{Run: run(testEngine(t))})
	b.until(t, "the promises' end", func() bool { return len(b.notes.said) == 2 && !b.Pinned() })
	b.notes.want(t, "hello", "TypeError")
}

// What a turn sends leaves after the commit, and turns that wait share one.
func TestLoop_commits(t *testing.T) {
	t.Parallel()
	b := newBench(t, `on("run", () => {})`, 0)
	var order []string
	gate := make(chan struct{})
	b.Control(func() { <-gate })
	for n := range 5 {
		b.Post(Task{Run: func(t *Turn) error {
			b.ledger.dirty = true
			t.Send(func() { order = append(order, fmt.Sprintf("sent %d after %d commits", n, b.ledger.commits)) })
			return nil
		}})
	}
	close(gate)
	b.until(t, "five sends", func() bool { return len(order) == 5 })
	for n, got := range order {
		if want := fmt.Sprintf("sent %d after 1 commits", n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A turn that breaks the isolate takes nothing of the turns before it along.
func TestLoop_break(t *testing.T) {
	t.Parallel()
	b := newBench(t, `on("run", () => { try { host.break() } finally { host.note("finally") } host.note("after") })`, 0)
	sent := 0
	gate := make(chan struct{})
	b.Control(func() { <-gate })
	b.Post(Task{Run: func(t *Turn) error {
		b.ledger.dirty = true
		t.Send(func() { sent++ })
		return nil
	}})
	b.Post(Task{Run: func(t *Turn) error {
		t.Send(func() { t.Loop().hooks.Failed(errors.New("the broken turn sent something")) })
		return t.Deliver(t.Isolate().Engine().Event("run"))
	}})
	close(gate)
	b.until(t, "the break", func() bool { return len(b.broken) == 1 })
	if sent != 1 || b.ledger.rolledBack != 1 || b.ledger.commits != 1 {
		t.Errorf("sent %d, rolled back %d, committed %d; want 1 each", sent, b.ledger.rolledBack, b.ledger.commits)
	}
	b.notes.want(t)
}

func TestLoop_failedCommit(t *testing.T) {
	t.Parallel()
	b := newBench(t, `on("run", () => {})`, 0)
	b.ledger.fail = errors.New("disk full")
	b.Post(Task{Run: func(t *Turn) error {
		b.ledger.dirty = true
		t.Send(func() { t.Loop().hooks.Failed(errors.New("sent without a commit")) })
		return nil
	}})
	b.until(t, "the failure", func() bool { return len(b.broken) == 1 && b.broken[0] == b.ledger.fail })
}

// While a critical section is open, only what it started gets in; sections follow one another.
func TestLoop_sections(t *testing.T) {
	t.Parallel()
	e := testEngine(t)
	b := newBench(t, `on("run", (name) => { host.note(name); if (name === "open") { host.section("a"); host.section("b") } })`, 0)
	gate := make(chan struct{})
	b.Control(func() { <-gate })
	b.Post(Task{Run: run(e, String("open"))})
	b.Post(Task{Run: run(e, String("waits"))})
	close(gate)
	b.until(t, "the last event", func() bool { return len(b.notes.said) == 6 })
	b.notes.want(t, "open", "in a", "out a", "in b", "out b", "waits")
}

func TestLoop_watchdog(t *testing.T) {
	t.Parallel()
	e := testEngine(t)
	b := newBench(t, `on("run", (forever) => { host.note("began"); while (forever); })`, 50*time.Millisecond)
	b.Post(Task{Run: run(e, Bool(true))})
	b.until(t, "the end of an endless loop", func() bool { return len(b.broken) == 1 })
	if !errors.Is(b.broken[0], ErrCPULimit) {
		t.Errorf("got %v, want %v", b.broken[0], ErrCPULimit)
	}
	b.Post(Task{Run: run(e, Bool(false))})
	b.until(t, "a turn afterwards", func() bool { return len(b.notes.said) == 2 && b.Started() })
}

// Functions of the engine that take for ever are ended, too.
func TestLoop_watchdogNative(t *testing.T) {
	t.Parallel()
	e := testEngine(t)
	for name, code := range map[string]string{
		"join":       `const a = []; a[2 ** 32 - 2] = 1; a.join("")`,
		"indexOf":    `const a = []; a[2 ** 32 - 2] = 1; for (;;) a.indexOf(2)`,
		"Reflect":    `Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)`,
		"sort":       `for (;;) Array.from({ length: 3e5 }, (_, n) => -n % 7).sort()`,
		"BigInt":     `let n = 3n; for (;;) n = n * n`,
		"digits":     `for (;;) (10n ** 300000n).toString()`,
		"RegExp":     `/(a+)+b/.test("a".repeat(40))`,
		"JSON":       `const a = Array.from({ length: 1e6 }, () => ({})); for (;;) JSON.stringify(a)`,
		"parse":      `const text = "[" + "1,".repeat(2e6) + "1]"; for (;;) JSON.parse(text)`,
		"fill":       `const a = new Uint8Array(3e7); for (;;) a.fill(1).reverse()`,
		"lastIndex":  `"a".repeat(1e7).lastIndexOf("b".repeat(10)); for (;;) "ab".repeat(5e6).lastIndexOf("aa")`,
		"try":        `for (;;) try { for (;;); } catch {}`,
		"generator":  `function* f() { try { for (;;) yield } finally { for (;;); } } for (const _ of f());`,
		"getter":     `JSON.stringify({ get a() { for (;;); } })`,
		"collection": `const m = new Map; for (let n = 0; ; n = (n + 1) % 100000) m.set(n, {})`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, `on("run", (code) => { host.note("began"); if (code) try { (0, eval)(code) } catch {} })`, 50*time.Millisecond)
			b.Post(Task{Run: run(e, String(code))})
			b.until(t, "the end of "+code, func() bool { return len(b.broken) == 1 })
			if !errors.Is(b.broken[0], ErrCPULimit) && !errors.Is(b.broken[0], ErrMemoryLimit) {
				t.Errorf("got %v, want %v", b.broken[0], ErrCPULimit)
			}
			b.Post(Task{Run: run(e, String(""))})
			b.until(t, "a turn afterwards", func() bool { return len(b.notes.said) == 2 && b.Started() })
		})
	}
}

// A turn that waits, for a processor or in Go, does not compute.
func TestLoop_watchdogWaiting(t *testing.T) {
	t.Parallel()
	if _, ok := threadTime(threadID()); !ok {
		t.Skip("this system does not tell what a thread computes")
	}
	b := newBench(t, `on("run", () => host.note("done"))`, 50*time.Millisecond)
	b.Post(Task{Run: func(turn *Turn) error {
		w := b.watchdog
		for range 3 {
			w.mu.Lock()
			w.epoch = w.epoch.Add(-time.Hour)
			w.mu.Unlock()
			w.look()
		}
		return run(testEngine(t))(turn)
	}})
	b.until(t, "the turn's end", func() bool { return len(b.notes.said) == 1 })
	if len(b.broken) > 0 {
		t.Errorf("got %v, want a turn that goes on", b.broken[0])
	}
}

func TestLoop_pins(t *testing.T) {
	t.Parallel()
	b := newBench(t, `on("run", () => {})`, 0)
	first, second := b.Pin("timer", "a.ts:1"), b.Pin("fetch", "http://x/")
	if got, want := fmt.Sprint(b.Pins()), "[{timer a.ts:1} {fetch http://x/}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !b.PinnedBy("fetch") || b.PinnedBy("socket") {
		t.Error("PinnedBy is wrong")
	}
	first()
	second()
	if b.Pinned() {
		t.Errorf("still pinned by %v", b.Pins())
	}
}

// What is done between turns comes after what was queued before it and starts no isolate.
func TestLoop_between(t *testing.T) {
	t.Parallel()
	b := newBench(t, "", 0)
	live := make(chan bool, 2)
	b.Between(func() { live <- b.Started() })
	if <-live || b.Live() {
		t.Error("an isolate was started")
	}
	turns := 0
	held := make(chan struct{})
	b.Control(func() { <-held })
	b.Post(Task{Run: func(*Turn) error {
		turns++
		b.ledger.dirty = true
		return nil
	}})
	seen := make(chan [2]int, 1)
	b.Between(func() { seen <- [2]int{turns, b.ledger.commits} })
	b.Post(Task{Run: func(*Turn) error {
		turns++
		return nil
	}})
	close(held)
	if got := <-seen; got != [2]int{1, 1} {
		t.Errorf("got %d turns and %d commits, want one of each before it", got[0], got[1])
	}
	if !b.Live() {
		t.Error("got no isolate, want the one that the tasks ran in")
	}
}
