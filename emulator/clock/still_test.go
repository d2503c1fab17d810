package clock

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What is under way ends before, what comes meanwhile begins after, in one order or all at once.
func TestWork_still(t *testing.T) {
	t.Parallel()
	for name, serial := range map[string]bool{"at once": false, "one by one": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWork()
				if serial {
					w.OneByOne()
				}
				var inside, done atomic.Int32
				turn := func() {
					inside.Add(1)
					time.Sleep(time.Millisecond)
					inside.Add(-1)
					done.Add(1)
				}
				// One that would go on for ever lets go when it is asked to.
				var ends atomic.Bool
				var again func()
				again = func() {
					for !w.Stopping() && !ends.Load() {
						turn()
					}
					if !ends.Load() {
						w.Go(again)
					}
				}
				if !serial {
					w.Go(again)
				}
				w.Go(turn)
				time.Sleep(time.Millisecond / 2)
				for range 3 {
					err := w.Still(t.Context(), func() {
						before := done.Load()
						w.Go(turn)
						time.Sleep(10 * time.Millisecond)
						if got := inside.Load(); got != 0 {
							t.Errorf("got %d under way, want none", got)
						}
						if got := done.Load(); got != before {
							t.Errorf("got %d done, want %d: nothing begins meanwhile", got, before)
						}
					})
					if err != nil {
						t.Error(err)
					}
					time.Sleep(10 * time.Millisecond)
				}
				ends.Store(true)
				if err := w.quiet(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := done.Load(); got < 4 {
					t.Errorf("got %d done, want 4 or more", got)
				}
			})
		})
	}
}

// Who waits for what does not end gives up with the context, and nothing is kept any more.
func TestWork_stillGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWork()
		stop := make(chan struct{})
		w.Go(func() { <-stop })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Still(ctx, func() { t.Error("it was called") }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		ran := make(chan struct{})
		w.Go(func() { close(ran) })
		<-ran
		close(stop)
		if err := w.quiet(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
