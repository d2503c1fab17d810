package durable

import (
	"container/list"
	"runtime"
	"sync"
	"time"
)

// gate lets objects come into memory a few at a time: to make one costs the processor milliseconds, in which everybody
// else waits. Those who want objects take turns, so that who asks for one does not wait for another who asks for
// thousands; what one asks for comes in the order in which it was asked for.
type gate struct {
	mu sync.Mutex
	// inside is how many are being made.
	inside int
	// lines are those who wait, by who wants them; turns has the same in the order in which they are served.
	lines map[any]*list.List // of chan struct{}
	turns list.List          // of the keys of lines
}

// mostInside is how many objects are made at a time: a part of it is waiting for the disk.
func mostInside() int { return 2 * runtime.GOMAXPROCS(0) }

// enter waits until an object may be made that is wanted by who; leave is to be called when it has been.
func (g *gate) enter(who any) (leave func()) {
	g.mu.Lock()
	if g.inside < mostInside() && g.turns.Len() == 0 {
		g.inside++
		g.mu.Unlock()
		return g.leave
	}
	if g.lines == nil {
		g.lines = map[any]*list.List{}
	}
	line := g.lines[who]
	if line == nil {
		line = list.New()
		g.lines[who] = line
		g.turns.PushBack(who)
	}
	mine := make(chan struct{})
	line.PushBack(mine)
	g.admit()
	g.mu.Unlock()
	<-mine
	return g.leave
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	g.admit()
}

// admit lets in whose turn it is, as many as there is room for. The lock is held.
func (g *gate) admit() {
	for g.inside < mostInside() && g.turns.Len() > 0 {
		g.inside++
		first := g.turns.Front()
		who := first.Value
		line := g.lines[who]
		close(line.Remove(line.Front()).(chan struct{}))
		if line.Len() > 0 {
			g.turns.MoveToBack(first)
			continue
		}
		g.turns.Remove(first)
		delete(g.lines, who)
	}
}

// What a machine has to have left for objects to come into memory beside those that may be there anyway, and how long
// they wait for it.
const (
	leastMemory    = 512 << 20
	roomTime       = 10 * time.Second
	crowdedTime    = 100 * time.Millisecond
	fewWithoutLook = 32
)

// awaitRoom waits while there are more objects in memory than there should be, a moment, for those to leave that have
// nothing to do; and while memory is short, longer, for any to leave. The error is that of a crowd that does not get
// smaller. Alone says that nothing else can run meanwhile: there is no use in waiting then.
func (c *crowd) awaitRoom(most int, free func() (bytes uint64, known bool), alone func() bool) error {
	began := time.Now()
	for asked := false; ; {
		c.mu.Lock()
		crowded := most > 0 && c.order.Len() >= most
		few := c.order.Len() < fewWithoutLook
		if crowded && !asked {
			c.askOne()
			asked = true
		}
		if c.left == nil {
			c.left = make(chan struct{})
		}
		left := c.left
		c.mu.Unlock()
		short := false
		if !few && free != nil {
			bytes, known := free()
			short = known && bytes < leastMemory
		}
		if short {
			c.mu.Lock()
			c.askOne()
			c.mu.Unlock()
		}
		waited := time.Since(began)
		switch {
		case alone() || !short && (!crowded || waited > crowdedTime):
			return nil
		case waited > roomTime:
			return errOverloaded
		}
		select {
		case <-left:
		case <-time.After(crowdedTime):
		}
	}
}
