package platform

import (
	"github.com/doemu/doemu/emulator/isolate"
)

// exported is a value of an isolate that stubs lead to.
type exported struct {
	realm  *Realm
	number int // by which the isolate's JavaScript knows it
	loop   *isolate.Loop
	// post gives the isolate a task as long as it lives. The task belongs to the critical section in
	// which the value was exported: a callback gets in where the call was made that carries it.
	post func(func(*isolate.Turn) error)

	// pin is the kind of what keeps the isolate in memory: pinStub for what a call's result held, as long
	// as somebody has a stub of it; pinCallback for what went along with the arguments of a call.
	pin string

	// Under the realm's lock: the stubs that there are, and those of them that the isolate does not
	// hold itself. These keep it in memory. A value that is revoked cannot be called any more.
	stubs, outside int
	unpin          func()
	revoked        bool
}

const (
	pinStub     = "stub"
	pinCallback = "callback"
)

// errExportGone is what callers get of a value whose isolate is gone, in workerd's words.
var errExportGone = isolate.Errorf("Error", "The execution context which hosts this callback is no longer running.")

// Call calls the value, or one of its members. It implements Callable.
func (e *exported) Call(inv *Invocation, reply func(Payload, error)) {
	r := e.realm
	r.mu.Lock()
	if r.closed != nil || e.revoked {
		r.mu.Unlock()
		inv.Args.Drop()
		reply(Payload{}, errExportGone)
		return
	}
	r.last++
	id := r.last
	if r.invocations == nil {
		r.invocations = map[int]func(Payload, error){}
	}
	r.invocations[id] = func(result Payload, err error) {
		inv.Args.Drop() // if it was not delivered
		reply(result, err)
	}
	r.mu.Unlock()
	e.post(func(t *isolate.Turn) error { return r.deliver(t, id, true, e.number, inv) })
}

// Within tells whether the value lives in an isolate of this loop. It implements Local.
func (e *exported) Within(l *isolate.Loop) bool { return e.loop == l }

// count notes that stubs came or went. With the last one the value is let go of.
func (e *exported) count(stubs, outside int) {
	r := e.realm
	r.mu.Lock()
	e.stubs += stubs
	e.outside += outside
	gone := e.stubs == 0
	var unpin func()
	switch {
	case r.closed != nil || e.revoked:
		r.mu.Unlock()
		return
	case e.outside > 0 && e.unpin == nil:
		e.unpin = e.loop.Pin(e.pin, "a value that others have stubs of")
	case e.outside == 0:
		unpin, e.unpin = e.unpin, nil
	}
	if gone {
		delete(r.callbacks, e)
	}
	r.mu.Unlock()
	if unpin != nil {
		unpin()
	}
	if gone {
		e.post(func(t *isolate.Turn) error {
			return t.Deliver(t.Isolate().Engine().Event("rpc.release"), isolate.Int(e.number))
		})
	}
}

// revokeCallbacks ends what went along with the arguments of calls: the events that made these are over.
func (r *Realm) revokeCallbacks(t *isolate.Turn) error {
	r.mu.Lock()
	callbacks := r.callbacks
	r.callbacks = nil
	for e := range callbacks {
		e.revoked = true
	}
	r.mu.Unlock()
	if len(callbacks) == 0 {
		return nil
	}
	for e := range callbacks {
		if e.unpin != nil {
			e.unpin()
		}
	}
	return t.Deliver(t.Isolate().Engine().Event("rpc.revoke"))
}

// stubRef is a ref to an exported value. One ref has one holder at a time.
type stubRef struct {
	to *exported
	// outside is false while the isolate that exported the value holds the ref itself.
	outside bool
}

func (s *stubRef) enter(r *Realm) (byte, int) {
	if r == s.to.realm {
		s.outside = false
		s.to.count(0, -1)
	}
	return 's', keep(r, &r.refs, Ref(s))
}

// leave notes that the ref is under way.
func (s *stubRef) leave() {
	if !s.outside {
		s.outside = true
		s.to.count(0, 1)
	}
}

func (s *stubRef) share() Ref {
	s.to.count(1, 1)
	return &stubRef{s.to, true}
}

func (s *stubRef) drop() {
	if s.outside {
		s.to.count(-1, -1)
	} else {
		s.to.count(-1, 0)
	}
}

func (s *stubRef) callable() Callable { return s.to }

// heldCall is a call by a stub: as long as it goes on, the value stays, whatever becomes of the stub.
type heldCall struct {
	to     Callable
	realm  *Realm
	number int // of a ref of its own
}

func callOf(r *Realm, s Stub) heldCall { return heldCall{s.callable(), r, r.AddRef(s.share())} }

// Call implements Callable.
func (h heldCall) Call(inv *Invocation, reply func(Payload, error)) {
	h.to.Call(inv, func(result Payload, err error) {
		if ref := take(h.realm, h.realm.refs, h.number); ref != nil {
			ref.drop()
		}
		reply(result, err)
	})
}

// Within tells whether the value lives in an isolate of this loop. It implements Local.
func (h heldCall) Within(l *isolate.Loop) bool {
	local, ok := h.to.(Local)
	return ok && local.Within(l)
}

func exportOps() []isolate.Op {
	return []isolate.Op{
		{Name: "rpc.export", Run: func(c *isolate.Call) (isolate.Value, error) {
			if c.Turn() == nil {
				return isolate.Value{}, errGlobalScope
			}
			r := realmOf(c)
			e := &exported{realm: r, number: c.Int(0), loop: c.Turn().Loop(), post: c.Turn().Poster(), pin: pinStub, stubs: 1}
			if !c.Bool(1) {
				e.pin = pinCallback
				r.mu.Lock()
				if r.callbacks == nil {
					r.callbacks = map[*exported]struct{}{}
				}
				r.callbacks[e] = struct{}{}
				r.mu.Unlock()
			}
			return isolate.Int(keep(r, &r.refs, Ref(&stubRef{to: e}))), nil
		}},
	}
}
