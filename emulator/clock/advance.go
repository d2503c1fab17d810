package clock

import (
	"context"
	"fmt"
	"time"
)

// Passage is what happened while time was made to pass.
type Passage struct {
	From, To time.Time
	// Ran is what fell due and was done, in order; at most [MostRan] of Count things.
	Ran   []Due
	Count int
	// Pending is what began outside meanwhile and has not ended, such as requests to a server that does
	// not answer.
	Pending []string
}

// MostRan is how many things a Passage lists.
const MostRan = 1000

// mostAtOnce is how many things may come up and be done without time going on: more is a program that sets
// itself timers or alarms for the present for ever.
const mostAtOnce = 10_000

// StuckError says that time cannot pass, because at one moment ever more falls due.
type StuckError struct {
	At   time.Time
	Last Due
}

// Error says where the clock stands and what keeps it there.
func (e *StuckError) Error() string {
	where := ""
	if e.Last.Object != "" {
		where = " of object " + e.Last.Object
	} else if e.Last.Worker != "" {
		where = " of Worker " + e.Last.Worker
	}
	return fmt.Sprintf("the clock does not get past %s: more than %d things fell due at that moment, and each brought another (the last was a %s%s). "+
		"Let the program wait for longer than 0 ms, or set its alarm for a time that is to come",
		e.At.UTC().Format(time.RFC3339Nano), mostAtOnce, e.Last.Kind, where)
}

// Advance makes time pass: it does what falls due until then, in order, each thing at its own time, and
// returns when everything that followed has come to rest. A clock that runs stands still meanwhile,
// and runs on from where Advance leaves it.
func (c *Clock) Advance(ctx context.Context, d time.Duration) (Passage, error) {
	if d < 0 {
		return Passage{}, fmt.Errorf("advance the clock by %v: time only goes on; set the clock to go back", d)
	}
	if end := c.Now().Add(d); d > MostAdvance || end.Year() > lastYear {
		return Passage{}, fmt.Errorf("advance the clock by %v: it shows the years from %d to %d", d, firstYear, lastYear)
	}
	return c.pass(ctx, func(now time.Time) time.Time { return now.Add(d) })
}

// Next makes time pass until what is due next has been done, with all that is due at the same moment.
// If nothing waits, no time passes.
func (c *Clock) Next(ctx context.Context) (Passage, error) {
	return c.pass(ctx, func(now time.Time) time.Time {
		c.mu.Lock()
		defer c.mu.Unlock()
		if t := c.first(); t != nil {
			return later(now, time.Unix(0, t.due))
		}
		return now
	})
}

// Set moves the clock, as if somebody had set a real one. What is overdue then is done in its order,
// but at the new time. Back in time, what waits for a time waits for longer.
func (c *Clock) Set(ctx context.Context, at time.Time) (Passage, error) {
	return c.pass(ctx, func(time.Time) time.Time {
		c.move(at)
		return at
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// move sets the time of a clock that stands.
func (c *Clock) move(at time.Time) { c.reading.Store(&reading{frozen: true, at: at.Round(0)}) }

// pass does what falls due up to a time, which is found when the clock has come to rest.
func (c *Clock) pass(ctx context.Context, until func(now time.Time) time.Time) (p Passage, err error) {
	select {
	case c.driver <- struct{}{}:
	case <-ctx.Done():
		return p, context.Cause(ctx)
	}
	defer func() { <-c.driver }()
	c.mu.Lock()
	c.driving = true
	ran := !c.Frozen()
	c.freeze()
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.driving = false
		if ran {
			c.resume()
		}
		c.attend()
	}()

	since := c.work.lastOutside()
	rest := func() error {
		pending, err := c.work.rest(ctx, since)
		p.Pending = append(p.Pending, pending...)
		return err
	}
	if err := rest(); err != nil {
		return p, err
	}
	p.From, p.To = c.Now(), c.Now()
	target := until(p.From)
	// What waits for a moment already may be any number.
	for atOnce, most := 0, mostAtOnce+c.Status().Waiting; ; {
		before := c.Now()
		t := c.doNext(target)
		p.To = c.Now()
		if t == nil {
			break
		}
		if len(p.Ran) < MostRan {
			p.Ran = append(p.Ran, t.thing())
		}
		p.Count++
		if atOnce++; p.To.After(before) {
			atOnce, most = 1, mostAtOnce+c.Status().Waiting
		}
		if atOnce > most {
			return p, &StuckError{At: p.To, Last: t.thing()}
		}
		if err := rest(); err != nil {
			return p, err
		}
	}
	c.move(target)
	p.To = target
	return p, nil
}

// doNext does what falls due next, at its time, if that comes until then; nil if there is nothing.
func (c *Clock) doNext(until time.Time) *Timer {
	c.mu.Lock()
	t := c.take(until.UnixNano())
	if t != nil {
		c.move(later(c.Now(), time.Unix(0, t.due)))
	}
	c.mu.Unlock()
	if t != nil {
		c.do(t)
	}
	return t
}

// doDue does what is due on a clock that stands, each thing when the one before has come to rest.
func (c *Clock) doDue() {
	defer c.work.release()
	for {
		select {
		case c.driver <- struct{}{}:
		default:
			// Somebody makes time pass, and may have to let events in meanwhile.
			c.work.release()
			c.driver <- struct{}{}
			c.work.hold()
		}
		// Without a deadline it cannot fail.
		_ = c.work.quiet(context.Background())
		c.mu.Lock()
		var t *Timer
		if c.Frozen() {
			t = c.take(c.Now().UnixNano())
		}
		if t == nil {
			c.attending = false
			c.attend()
			c.mu.Unlock()
			<-c.driver
			return
		}
		c.mu.Unlock()
		c.do(t)
		<-c.driver
	}
}
