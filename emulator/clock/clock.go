// Package clock is the time that an emulator lives by. Everything that asks for the time, or that
// waits for one, asks its [Clock]: Date in JavaScript, timers, alarms and their retries, eviction,
// the times of the journal. So all of it can be stopped, moved and let go again together.
//
// The clock runs as the machine's does, or stands still. While it stands, [Clock.Advance] makes
// time pass: what falls due is done in order, each thing at its own time, and the next one only
// when everything that follows from it has come to rest. What that means is counted by [Work].
package clock

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the time and does things when theirs has come. It is safe for use by many goroutines.
type Clock struct {
	reading atomic.Pointer[reading]
	work    *Work
	// driver is held by the one who makes time pass.
	driver chan struct{}

	mu     sync.Mutex
	timers queue
	seq    uint64
	// alarm waits for the first timer of a clock that runs, which is due at alarmAt.
	alarm   *time.Timer
	alarmAt int64
	// ticking tells whether a goroutine does what falls due on a clock that runs, attending whether one
	// does what is due on a clock that stands, driving whether Advance, Next or Set is under way.
	ticking, attending, driving bool
}

// reading is how the time is found.
type reading struct {
	frozen bool
	at     time.Time     // what a frozen clock shows
	ahead  time.Duration // how far a clock that runs is ahead of the machine's
}

// New makes a clock that shows the machine's time and runs.
func New() *Clock { return newClock(&reading{}) }

// NewAt makes a clock that begins at a time, and runs.
func NewAt(at time.Time) *Clock { return newClock(&reading{ahead: time.Until(at)}) }

// NewIn makes a clock that is where another was.
func NewIn(p Position) *Clock { return newClock(p.reading()) }

// NewFrozen makes a clock that stands at a time.
func NewFrozen(at time.Time) *Clock { return newClock(&reading{frozen: true, at: at}) }

func newClock(r *reading) *Clock {
	c := &Clock{work: newWork(), driver: make(chan struct{}, 1)}
	c.reading.Store(r)
	return c
}

// Now is the time.
func (c *Clock) Now() time.Time {
	r := c.reading.Load()
	switch {
	case r.frozen:
		return r.at
	case r.ahead == 0:
		return time.Now()
	}
	return time.Now().Add(r.ahead)
}

// Frozen tells whether the clock stands.
func (c *Clock) Frozen() bool { return c.reading.Load().frozen }

// Work counts what is being done.
func (c *Clock) Work() *Work { return c.work }

// Freeze stops the clock where it is. What is due by then is still done.
func (c *Clock) Freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.freeze()
	c.attend()
}

// Resume lets the clock run on from where it stands.
func (c *Clock) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resume()
	c.attend()
}

func (c *Clock) freeze() {
	if !c.Frozen() {
		c.reading.Store(&reading{frozen: true, at: c.Now().Round(0)})
	}
}

func (c *Clock) resume() {
	if c.Frozen() {
		c.reading.Store(&reading{ahead: time.Until(c.Now())})
		c.alarmAt = 0 // it was right for another time
	}
}

// Position is where a clock stands, or how far one that runs is ahead of the machine's.
type Position struct {
	Frozen bool
	At     time.Time     // of a frozen clock
	Ahead  time.Duration // of one that runs
}

func (p Position) reading() *reading { return &reading{frozen: p.Frozen, at: p.At, ahead: p.Ahead} }

// Position is where the clock is.
func (c *Clock) Position() Position {
	r := c.reading.Load()
	return Position{r.frozen, r.at, r.ahead}
}

// Restore puts the clock back to where it was, while nothing else makes time pass: for f, everything is still as with
// [Work.Still]. What is due by then is done afterwards. If f fails the clock stays.
func (c *Clock) Restore(ctx context.Context, p Position, f func() error) error {
	select {
	case c.driver <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-c.driver }()
	var failed error
	err := c.work.Still(ctx, func() {
		if failed = f(); failed != nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.reading.Store(p.reading())
		c.alarmAt = 0
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attend()
	return errors.Join(err, failed)
}

// Status is what a clock shows.
type Status struct {
	Now    time.Time
	Frozen bool
	// Next is what falls due first; nil if nothing waits.
	Next *Due
	// Waiting is how many things wait for their time.
	Waiting int
}

// Status is what the clock shows.
func (c *Clock) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{Now: c.Now(), Frozen: c.Frozen(), Waiting: len(c.timers)}
	if t := c.first(); t != nil {
		next := t.thing()
		s.Next = &next
	}
	return s
}
