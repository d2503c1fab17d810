package durable

import (
	"container/list"
	"sync"
	"time"
)

// crowd are the objects that are in memory, of all namespaces: each has a heap and may have an open database, and of
// these there is not any number.
type crowd struct {
	mu    sync.Mutex
	order list.List // of *Object, those first that came first or were asked longest ago to leave; facets aside
	open  list.List // of openDatabase, those first that were not used for longest
	awake bool      // a look at them is due
	// left is closed when an object leaves memory, if somebody waits for that.
	left chan struct{}
}

// openDatabase is an object whose database is open.
type openDatabase struct {
	object *Object
	used   time.Time // by the machine's time
}

// use is called when an object that has its database open has had something to do. It rests when there was nothing more
// for so long.
func (c *crowd) use(o *Object, rest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.inUse != nil {
		c.open.Remove(o.inUse)
	}
	o.inUse = c.open.PushBack(openDatabase{o, time.Now()})
	if !c.awake {
		c.awake = true
		time.AfterFunc(rest, func() { c.look(rest) })
	}
}

// unuse is called when an object's database is closed.
func (c *crowd) unuse(o *Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.inUse != nil {
		c.open.Remove(o.inUse)
		o.inUse = nil
	}
}

// look lets the databases rest that were not used for long.
func (c *crowd) look(rest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		first := c.open.Front()
		if first == nil {
			c.awake = false
			return
		}
		d := first.Value.(openDatabase)
		if wait := rest - time.Since(d.used); wait > 0 {
			time.AfterFunc(max(wait, rest/20), func() { c.look(rest) })
			return
		}
		c.open.Remove(first)
		d.object.inUse = nil
		d.object.loop.Control(d.object.restStorage)
	}
}

// enter is called when an object comes into memory.
func (c *crowd) enter(o *Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o.inCrowd = c.order.PushBack(o)
}

// askOne asks an object to leave memory as soon as it is idle. The lock is held.
func (c *crowd) askOne() {
	if first := c.order.Front(); first != nil {
		c.order.MoveToBack(first)
		first.Value.(*Object).makeRoom()
	}
}

func (c *crowd) leave(o *Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.inCrowd != nil {
		c.order.Remove(o.inCrowd)
		o.inCrowd = nil
		if c.left != nil {
			close(c.left)
			c.left = nil
		}
	}
}

// makeRoom lets the object leave memory as soon as it is idle.
func (o *Object) makeRoom() {
	o.loop.Control(func() {
		if !o.loop.Started() {
			return
		}
		o.mu.Lock()
		if len(o.evictions) == 0 {
			o.evictions = []*eviction{{sockets: HibernateSockets, why: "too many objects are in memory", done: make(chan error, 1)}}
		}
		o.mu.Unlock()
		o.tryEvictions()
	})
}
