package durable

import (
	"container/list"
	"sync"
)

// crowd are the objects that are in memory, of all namespaces, facets aside: each has open files and a
// heap, and of these there is not any number.
type crowd struct {
	mu    sync.Mutex
	order list.List // of *Object, those first that came first or were asked longest ago to leave
}

// enter is called when an object comes into memory. If there are too many, another has to leave as soon
// as it is idle.
func (c *crowd) enter(o *Object, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o.inCrowd = c.order.PushBack(o)
	if most > 0 && c.order.Len() > most {
		first := c.order.Front()
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
