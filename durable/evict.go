package durable

import (
	"sync"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
)

// What Evict refuses.
var (
	errNotRunning = &isolate.Error{Message: "Cannot evict Durable Object: it is not currently running."}
	errStaysBusy  = &isolate.Error{Message: "Cannot evict Durable Object: it did not become idle."}
)

const (
	evictionTime = 30 * time.Second      // how long Evict waits for an object that is busy
	evictionLook = 10 * time.Millisecond // and how often it looks
)

// Evict ends the instance of an object as if it had been idle for long, as soon as no event is under
// way: its storage stays, and the next event starts it again. Hibernatable WebSockets hibernate, unless
// dropSockets is set. Done is called once.
func (n *Namespace) Evict(hex string, dropSockets bool, done func(error)) {
	n.mu.Lock()
	o := n.objects[hex]
	n.mu.Unlock()
	if o == nil {
		done(errNotRunning)
		return
	}
	o.evict(n.now().Add(evictionTime), dropSockets, done)
}

// EvictAll evicts all objects of the namespace that run.
func (n *Namespace) EvictAll(dropSockets bool, done func(error)) {
	objects := n.loaded()
	if len(objects) == 0 {
		done(nil)
		return
	}
	var mu sync.Mutex
	left, failed := len(objects), error(nil)
	for _, o := range objects {
		o.evict(n.now().Add(evictionTime), dropSockets, func(err error) {
			mu.Lock()
			if err != nil && err != errNotRunning {
				failed = err
			}
			left--
			last := left == 0
			mu.Unlock()
			if last {
				done(failed)
			}
		})
	}
}

// ResetAll resets all objects of the namespace that run: calls to them fail with the error.
func (n *Namespace) ResetAll(why error) {
	for _, o := range n.loaded() {
		o.loop.Control(func() {
			if o.loop.Started() {
				o.loop.Fail(why)
			}
		})
	}
}

func (o *Object) evict(deadline time.Time, dropSockets bool, done func(error)) {
	o.loop.Control(func() {
		o.mu.Lock()
		busy := len(o.calls) > 0 || o.loop.PinnedBy("waitUntil")
		o.mu.Unlock()
		switch now := o.namespace.now(); {
		case !o.loop.Started():
			done(errNotRunning)
		case !busy:
			if dropSockets {
				o.sockets.dropAll()
			}
			o.leave("evicted by hand", errGone)
			done(nil)
		case now.Before(deadline):
			time.AfterFunc(evictionLook, func() { o.evict(deadline, dropSockets, done) })
		default:
			done(errStaysBusy)
		}
	})
}
