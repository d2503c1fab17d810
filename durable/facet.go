package durable

import (
	"sync"
	"sync/atomic"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// facet is what makes an object a part of another: it has a heap and a database of its own, but lives
// only as long as its parent, which alone can reach it.
//
// https://developers.cloudflare.com/durable-objects/api/state/#facets
type facet struct {
	number int // among the facets of the object of the namespace that it belongs to
	depth  int // 1 for those of the root
	index  *storage.FacetIndex
	class  *Class
	// ctxID is what ctx.id says: 64 digits with a name or without, or any text.
	ctxID   string
	named   string
	isText  bool
	props   isolate.Value
	alarmed bool // it has set an alarm, which facets cannot
	// after is the end of the facet that had the name before, whose database this one takes over.
	after *ending
}

// ending is the end of a facet, which takes until its turn is over.
type ending struct {
	part *Object // that ends; nil if it was not in memory
	// halted tells that it was ended while everything was still: what was to follow does not come any more.
	halted bool

	mu    sync.Mutex
	over  bool
	waits []func()
}

// then does f when the end has come.
func (e *ending) then(f func()) {
	if e != nil {
		e.mu.Lock()
		if !e.over {
			e.waits = append(e.waits, f)
			e.mu.Unlock()
			return
		}
		e.mu.Unlock()
	}
	f()
}

func (e *ending) come() {
	e.mu.Lock()
	e.over, e.part = true, nil
	waits := e.waits
	e.waits = nil
	e.mu.Unlock()
	for _, f := range waits {
		f()
	}
}

// facetsEnded tells whether the facets of an object that is not in memory have ended, too.
func (o *Object) facetsEnded() bool {
	for _, e := range o.endings {
		e.mu.Lock()
		over := e.over
		e.mu.Unlock()
		if !over {
			return false
		}
	}
	return true
}

// whenFacetsEnded does f when the facets of an object that is not in memory have ended, too. Call it on the loop.
func (o *Object) whenFacetsEnded(f func()) {
	var left atomic.Int64
	left.Store(int64(len(o.endings)) + 1)
	ended := func() {
		if left.Add(-1) == 0 {
			f()
		}
	}
	for _, e := range o.endings {
		e.then(ended)
	}
	ended()
}

// part leads to a facet.
type part struct{ *Object }

func (p part) Fetch(req *platform.Request, reply func(*platform.Response, error)) {
	p.facet.after.then(func() { p.Object.Fetch(req, reply) })
}

func (p part) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	p.facet.after.then(func() { p.Object.Call(inv, reply) })
}

// mostFacetDepth is how deep facets may be in each other, the object itself included.
const mostFacetDepth = 4

var (
	errFacetDepth   = isolate.Errorf("Error", "Facet nesting depth limit exceeded. The maximum depth including the root Durable Object is 4.")
	errFacetDeleted = isolate.Errorf("Error", "Facet was deleted.")
	errFacetAlarm   = flagged("Error", "Facets currently cannot set alarms.", flags{DurableObjectReset: true})
)

// code is the class that the object runs, or will run.
func (o *Object) code() *Class {
	if o.facet != nil {
		return o.facet.class
	}
	return o.namespace.class.Load()
}

// database is the name of the object's database.
func (o *Object) database() string {
	if o.facet != nil {
		return storage.FacetName(o.id, o.facet.number)
	}
	return o.id
}

// facetIndex is the index of the facets of the object's root, and the object's own number in it.
func (o *Object) facetIndex() (*storage.FacetIndex, int, error) {
	if o.facet != nil {
		return o.facet.index, o.facet.number, nil
	}
	if o.index == nil {
		index, err := o.namespace.files.Facets(o.id)
		if err != nil {
			return nil, 0, err
		}
		o.index = index
	}
	return o.index, 0, nil
}

// startFacet gives a facet its place in memory; it starts with its first call.
func (o *Object) startFacet(name string, f facet) error {
	index, parent, err := o.facetIndex()
	if err != nil {
		return err
	}
	f.index, f.depth = index, 1
	if o.facet != nil {
		f.depth = o.facet.depth + 1
	}
	if f.number, err = index.Number(parent, name); err != nil {
		return err
	}
	f.after = o.endings[f.number]
	part := newObject(o.namespace, o.id, o.Name(), o.namespace.around.serials.Add(1))
	part.facet = &f
	if o.facets == nil {
		o.facets = map[string]*Object{}
	}
	o.facets[name] = part
	return nil
}

// runningFacet is a facet that can be called, or nil.
func (o *Object) runningFacet(name string) *Object {
	part := o.facets[name]
	if part == nil {
		return nil
	}
	part.mu.Lock()
	defer part.mu.Unlock()
	if part.gone != nil {
		return nil
	}
	return part
}

// abortFacet ends a facet: its calls fail with the error. Its data stays, unless it is to be deleted.
func (o *Object) abortFacet(name string, why error, remove bool) error {
	index, parent, err := o.facetIndex()
	if err != nil {
		return err
	}
	number, err := index.Number(parent, name)
	if err != nil {
		return err
	}
	part := o.facets[name]
	delete(o.facets, name)
	if o.endings == nil {
		o.endings = map[int]*ending{}
	}
	before, end := o.endings[number], &ending{part: part}
	o.endings[number] = end
	finish := func() {
		if remove {
			o.removeFacets(index, number)
		}
		end.come()
	}
	before.then(func() {
		if part == nil {
			finish()
			return
		}
		part.loop.Control(func() {
			if end.halted {
				return
			}
			part.loop.Drop()
			part.lose(why)
			part.whenFacetsEnded(finish)
		})
	})
	return nil
}

// haltFacets ends all facets at once, and those that were ending. Their databases are about to be replaced. Everything is still, so that
// no loop's goroutine runs.
func (o *Object) haltFacets(why error) {
	for _, end := range o.endings {
		end.halted = true
		end.part.halt(why)
	}
	for _, part := range o.facets {
		part.halt(why)
	}
	for _, end := range o.endings {
		end.come() // who waits for it hears that what it wants to call is gone
	}
	o.facets, o.endings = nil, nil
}

func (o *Object) halt(why error) {
	if o == nil {
		return
	}
	o.haltFacets(why)
	o.abandonStorage()
	o.loop.Drop()
	o.lose(why)
}

// endFacets ends all facets: their parent is gone, or wants their data gone.
func (o *Object) endFacets(why error, remove bool) error {
	for name := range o.facets {
		if err := o.abortFacet(name, why, remove); err != nil {
			return err
		}
	}
	if !remove {
		return nil
	}
	index, own, err := o.facetIndex()
	if err != nil {
		return err
	}
	for _, number := range index.Children(own) {
		o.endings[number].then(func() { o.removeFacets(index, number) })
	}
	return nil
}

// removeFacets deletes the database of a facet that has ended, and those of all below it.
func (o *Object) removeFacets(index *storage.FacetIndex, number int) {
	for _, n := range append(index.Below(number), number) {
		if err := o.namespace.files.Remove(storage.FacetName(o.id, n)); err != nil {
			o.namespace.around.Log.Error("delete facet", "namespace", o.namespace.UniqueKey(), "object", o.id, "facet", n, "err", err)
		}
	}
}
