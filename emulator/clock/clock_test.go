package clock

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// notes are what happened, with the time on the clock.
type notes struct {
	clock *Clock
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, n.clock.Now().Sub(start).String()+" "+what)
}

func (n *notes) want(t *testing.T, want ...string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Equal(n.lines, want) {
		t.Errorf("got %q, want %q", n.lines, want)
	}
	n.lines = nil
}

func (n *notes) after(d time.Duration, what string) *Timer {
	return n.clock.At(n.clock.Now().Add(d), Due{Kind: KindTimer, Detail: what}, func() { n.add(what) })
}

// every is a thing that comes again and again, and starts its next one in work of its own.
func (n *notes) every(d time.Duration, what string) {
	n.clock.At(n.clock.Now().Add(d), Due{Kind: KindTimer, Detail: what}, func() {
		n.clock.Work().Go(func() {
			n.add(what)
			n.every(d, what)
		})
	})
}

func frozen() (*Clock, *notes) {
	c := NewFrozen(start)
	return c, &notes{clock: c}
}

func details(ran []Due) (out []string) {
	for _, r := range ran {
		out = append(out, r.At.Sub(start).String()+" "+r.Detail)
	}
	return out
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	c, n := frozen()
	n.after(time.Hour, "alarm")
	n.every(20*time.Minute, "interval")
	n.after(20*time.Minute, "same time, later set")
	n.after(90*time.Minute, "too late")
	if n.after(time.Minute, "stopped").Stop() != true {
		t.Error("Stop: got false, want true")
	}
	p, err := c.Advance(t.Context(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"20m0s interval", "20m0s same time, later set", "40m0s interval", "1h0m0s alarm", "1h0m0s interval"}
	n.want(t, want...)
	if got := details(p.Ran); !slices.Equal(got, want) || p.Count != len(want) {
		t.Errorf("ran: got %q, %d, want %q", got, p.Count, want)
	}
	if got := c.Now(); !got.Equal(start.Add(time.Hour)) || !p.To.Equal(got) || !p.From.Equal(start) {
		t.Errorf("got %v, from %v to %v, want an hour after %v", got, p.From, p.To, start)
	}
	if s := c.Status(); !s.Frozen || s.Waiting != 2 || s.Next == nil || s.Next.Detail != "interval" {
		t.Errorf("status: got %+v", s)
	}
	if _, err := c.Advance(t.Context(), -1); err == nil {
		t.Error("back in time: got no error")
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	c, n := frozen()
	if p, err := c.Next(t.Context()); err != nil || p.Count != 0 || !c.Now().Equal(start) {
		t.Errorf("nothing waits: got %+v, %v", p, err)
	}
	n.after(2*time.Hour, "a")
	n.after(2*time.Hour, "b")
	n.after(3*time.Hour, "c")
	n.after(time.Hour, "moved").Postpone(start.Add(4 * time.Hour))
	for _, want := range [][]string{{"2h0m0s a", "2h0m0s b"}, {"3h0m0s c"}, {"4h0m0s moved"}, nil} {
		if _, err := c.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.want(t, want...)
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	c, n := frozen()
	n.after(time.Hour, "a")
	n.after(2*time.Hour, "b")
	if _, err := c.Set(t.Context(), start.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	n.want(t)
	p, err := c.Set(t.Context(), start.Add(5*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	n.want(t, "5h0m0s a", "5h0m0s b")
	if p.Count != 2 {
		t.Errorf("got %d things, want 2", p.Count)
	}
}

// What is due now is done on a clock that stands, one thing after the other.
func TestFrozen_dueNow(t *testing.T) {
	t.Parallel()
	c, n := frozen()
	c.Work().Go(func() {
		n.after(0, "first")
		n.after(-time.Second, "overdue")
		n.after(time.Nanosecond, "not yet")
	})
	if err := c.Work().Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.want(t, "0s overdue", "0s first")
}

func TestAdvance_stuck(t *testing.T) {
	t.Parallel()
	c, _ := frozen()
	var stopped atomic.Bool
	var again func()
	again = func() {
		c.At(c.Now(), Due{Kind: KindAlarm, Object: "abc"}, func() {
			c.Work().Go(func() {
				if !stopped.Load() {
					again()
				}
			})
		})
	}
	c.At(c.Now().Add(time.Second), Due{}, again)
	_, err := c.Advance(t.Context(), time.Minute)
	var stuck *StuckError
	if !errors.As(err, &stuck) || !strings.Contains(err.Error(), "10000 things") || !strings.Contains(err.Error(), "alarm of object abc") {
		t.Errorf("got %v, want a StuckError", err)
	}
	stopped.Store(true)
}

// Any number of things may wait for one moment.
func TestAdvance_manyAtOnce(t *testing.T) {
	t.Parallel()
	c, _ := frozen()
	const many = mostAtOnce + 10
	for range many {
		c.At(c.Now().Add(time.Second), Due{}, func() {})
	}
	p, err := c.Advance(t.Context(), time.Minute)
	if p.Count != many || err != nil {
		t.Errorf("got %d things done, %v; want %d", p.Count, err, many)
	}
}

// A clock that is advanced while it runs goes on from there.
func TestRunning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewAt(start)
		n := &notes{clock: c}
		n.after(time.Minute, "a")
		n.after(time.Hour, "b")
		n.after(2*time.Hour, "c")
		time.Sleep(time.Minute)
		synctest.Wait()
		n.want(t, "1m0s a")
		if _, err := c.Advance(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		n.want(t, "1h0m0s b")
		time.Sleep(59 * time.Minute)
		synctest.Wait()
		n.want(t, "2h0m0s c")
		if got := c.Now().Sub(start); got != 2*time.Hour {
			t.Errorf("got %v, want 2h", got)
		}
		c.Freeze()
		n.after(time.Second, "frozen")
		time.Sleep(time.Hour)
		synctest.Wait()
		n.want(t)
		c.Resume()
		time.Sleep(time.Second)
		synctest.Wait()
		n.want(t, "2h0m1s frozen")
	})
}

// What is slow outside is waited for; what never ends is not.
func TestAdvance_outside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, n := frozen()
		defer c.Work().Outside("began before")()
		c.At(start.Add(time.Second), Due{}, func() {
			done := c.Work().Outside("a server")
			go func() {
				time.Sleep(patience / 2)
				c.Work().Go(func() { n.add("answer") })
				done()
			}()
		})
		n.after(2*time.Second, "later")
		p, err := c.Advance(t.Context(), time.Minute)
		if err != nil || len(p.Pending) != 0 {
			t.Fatalf("got %v, %v", p.Pending, err)
		}
		n.want(t, "1s answer", "2s later")

		n.after(time.Second, "one")
		c.At(c.Now().Add(time.Second), Due{}, func() { c.Work().Outside("a silent server") })
		n.after(2*time.Second, "two")
		if p, err = c.Advance(t.Context(), time.Minute); err != nil || !slices.Equal(p.Pending, []string{"a silent server"}) {
			t.Errorf("pending: got %q, %v", p.Pending, err)
		}
		n.want(t, "1m1s one", "1m2s two")
	})
}

func TestOneByOne(t *testing.T) {
	t.Parallel()
	c, n := frozen()
	w := c.Work()
	w.OneByOne()
	w.Go(func() {
		for _, name := range []string{"a", "b", "c"} {
			w.Go(func() {
				n.add(name)
				n.after(0, "due after "+name)
				w.Go(func() { n.add(name + name) })
			})
		}
	})
	if err := w.Admit(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.want(t, "0s a", "0s b", "0s c", "0s aa", "0s bb", "0s cc", "0s due after a", "0s due after b", "0s due after c")
}

func BenchmarkTimer(b *testing.B) {
	c := New()
	c.At(c.Now().Add(time.Hour), Due{}, func() {})
	for b.Loop() {
		c.At(c.Now().Add(2*time.Hour), Due{}, func() {}).Stop()
	}
}
