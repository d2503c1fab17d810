package durable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// Eviction says when objects leave memory.
// https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/
type Eviction struct {
	// Hibernate is how long an object that nothing keeps in memory stays there; its hibernatable
	// WebSockets stay connected. Zero: until its turn ends. Negative: for ever.
	Hibernate time.Duration
	// Forget is how long an object stays that has no requests but timers or other work of its own.
	// Zero: for ever.
	Forget time.Duration
	// Rest is how long an object in memory keeps its database open without using it, by the machine's time: nobody
	// can tell. Zero: two seconds.
	Rest time.Duration
	// Most is how many objects may be in memory: beyond that, those that came first leave as soon as they
	// are idle. Zero: any number.
	Most int
}

// restAfter is Eviction.Rest where nothing is said.
const restAfter = 2 * time.Second

// mostInMemory leaves room in a limit of some ten thousand open files, of which an object has up to five.
const mostInMemory = 1000

// The profiles of eviction.
var (
	// ProductionEviction is what Cloudflare's network does.
	ProductionEviction = Eviction{Hibernate: 10 * time.Second, Forget: 70 * time.Second, Most: mostInMemory}
	// FastEviction takes objects out of memory as soon as nothing keeps them there: what a program keeps
	// outside its storage by mistake is lost at once.
	FastEviction = Eviction{Forget: time.Minute, Most: mostInMemory}
	// NoEviction keeps objects in memory.
	NoEviction = Eviction{Hibernate: -1}
)

// ParseEviction reads a profile, prod, fast or never, or how long idle objects stay in memory.
func ParseEviction(text string) (Eviction, error) {
	switch text {
	case "prod":
		return ProductionEviction, nil
	case "fast":
		return FastEviction, nil
	case "never":
		return NoEviction, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return Eviction{}, fmt.Errorf("eviction is prod, fast, never or a duration such as 30s, not %q", text)
	}
	return Eviction{Hibernate: d, Forget: d + ProductionEviction.Forget - ProductionEviction.Hibernate, Most: mostInMemory}, nil
}

// SocketMode is what becomes of hibernatable WebSockets when an object is evicted by hand.
type SocketMode string

// They hibernate, or their connections end.
const (
	HibernateSockets SocketMode = "hibernate"
	CloseSockets     SocketMode = "close"
)

// ParseSocketMode reads a mode; nothing is HibernateSockets.
func ParseSocketMode(text string) (SocketMode, error) {
	switch m := SocketMode(text); m {
	case "":
		return HibernateSockets, nil
	case HibernateSockets, CloseSockets:
		return m, nil
	}
	return "", errors.New(`options.webSockets must be "hibernate" or "close".`)
}

// ErrNotRunning is for an object that is not in memory, in workerd's words.
var ErrNotRunning = errors.New("Cannot evict Durable Object: it is not currently running.")

// PinnedError is for an object that something keeps in memory, in workerd's words with the reasons.
type PinnedError struct{ Reasons []isolate.Reason }

func (e *PinnedError) Error() string {
	var reasons []string
	for _, r := range e.Reasons {
		reasons = append(reasons, strings.TrimSpace(r.Kind+" "+r.Detail))
	}
	text := "Timed out waiting to evict Durable Object: it still has active references."
	if len(reasons) > 0 {
		text += " What keeps it in memory: " + strings.Join(reasons, "; ") + "."
	}
	return text
}

// evictTime is how long Evict waits, by the machine's time: what is waited for may be outside.
const evictTime = 30 * time.Second

// eviction is a wish that an object leaves memory, for which it has to be idle.
type eviction struct {
	sockets SocketMode
	why     string
	done    chan error
}

// Evict takes an object out of memory by hand, once what is under way has ended: for that it waits half
// a minute, or as long as the context lets it. The error is [ErrNotRunning] or a [*PinnedError].
func (n *Namespace) Evict(ctx context.Context, hex string, sockets SocketMode) error {
	o := n.placed(hex)
	if o == nil {
		return ErrNotRunning
	}
	return o.evict(ctx, sockets)
}

// EvictAll takes all objects out of memory that are there.
func (n *Namespace) EvictAll(ctx context.Context, sockets SocketMode) error {
	var errs []error
	for _, o := range n.loaded() {
		if err := o.evict(ctx, sockets); err != nil && err != ErrNotRunning {
			errs = append(errs, fmt.Errorf("object %s: %w", o.id, err))
		}
	}
	return errors.Join(errs...)
}

func (o *Object) evict(ctx context.Context, sockets SocketMode) error {
	patient, cancel := context.WithTimeout(ctx, evictTime)
	defer cancel()
	e := &eviction{sockets, "asked for", make(chan error, 1)}
	o.loop.Control(func() {
		if !o.loop.Started() {
			if sockets == CloseSockets {
				o.sockets.dropAll()
			}
			e.done <- ErrNotRunning
			return
		}
		o.mu.Lock()
		o.evictions = append(o.evictions, e)
		o.mu.Unlock()
		o.tryEvictions()
	})
	select {
	case err := <-e.done:
		return err
	case <-patient.Done():
	}
	o.mu.Lock()
	o.evictions = slices.DeleteFunc(o.evictions, func(other *eviction) bool { return other == e })
	o.mu.Unlock()
	return &PinnedError{o.reasons()}
}

// tryEvictions lets the object leave if somebody wished it and it is idle. It is called on the loop's
// goroutine.
func (o *Object) tryEvictions() {
	o.mu.Lock()
	wishes := o.evictions
	if len(wishes) == 0 || len(o.calls) > 0 || o.loop.Pinned() {
		o.mu.Unlock()
		return
	}
	o.mu.Unlock()
	o.leave(wishes[0].why, errGone)
}

// evicted fulfils all wishes that the object leaves, whatever it left for: none is one of its next life.
func (o *Object) evicted() {
	o.mu.Lock()
	wishes := o.evictions
	o.evictions = nil
	o.mu.Unlock()
	for _, e := range wishes {
		if e.sockets == CloseSockets {
			o.sockets.dropAll()
		}
		e.done <- nil
	}
}

// reasons say what keeps the object in memory: what its heap waits for, and calls that have not been
// delivered.
func (o *Object) reasons() []isolate.Reason {
	reasons := o.loop.Pins()
	o.mu.Lock()
	waiting := len(o.calls)
	o.mu.Unlock()
	class := o.namespace.class.Load()
	for n, r := range reasons {
		if r.Kind == platform.PinRequest {
			waiting--
		}
		if class != nil && class.Source != nil {
			reasons[n].Detail = class.Source(r.Detail)
		}
	}
	if waiting > 0 {
		reasons = append(reasons, isolate.Reason{Kind: "waiting", Detail: fmt.Sprintf("%d events that have not begun", waiting)})
	}
	return reasons
}

// ResetAll resets all objects of the namespace that are in memory: calls to them fail with the error.
func (n *Namespace) ResetAll(why error) {
	for _, o := range n.loaded() {
		o.loop.Control(func() {
			if o.loop.Started() {
				o.loop.Fail(why)
			}
		})
	}
}
