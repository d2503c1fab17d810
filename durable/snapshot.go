package durable

import (
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/journal"
)

// Copied is an object of which there is a copy, with what is not in its databases.
type Copied struct {
	ID   string `json:"id"`             // 64 hex digits
	Name string `json:"name,omitempty"` // by which it was reached, or ""
	// Alarm is the time for which its alarm was set; zero if it had none.
	Alarm time.Time `json:"alarm,omitzero"`
}

// Copy copies objects that have storage. Call it while everything is still: see [clock.Work.Still]. Objects that
// have none are passed over.
func (n *Namespace) Copy(to *storage.Copies, ids []string) ([]Copied, error) {
	copied := []Copied{}
	for _, id := range ids {
		if ok, err := n.files.Has(id); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		if err := n.files.Copy(to, id); err != nil {
			return nil, err
		}
		c := Copied{ID: id, Name: n.glance(id).name}
		if alarm := n.alarms.of(id); alarm != nil {
			c.Alarm = alarm.At
		}
		copied = append(copied, c)
	}
	return copied, nil
}

// Stored are the ids of the objects that have storage, in order.
func (n *Namespace) Stored() ([]string, error) { return n.files.IDs() }

// errRestored is what callers get of an object whose state was replaced while they wait.
var errRestored = flagged("Error", "Durable Object reset because its state was restored from a snapshot.", flags{DurableObjectReset: true})

// Restore makes the state of objects what copies hold, and removes other objects. Those in memory are reset: calls
// under way fail. Their hibernatable WebSockets end, or stay connected to the objects that are restored. Why is for
// the journal. Call it while everything is still.
func (n *Namespace) Restore(from *storage.Copies, objects []Copied, remove []string, sockets SocketMode, why string) error {
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	if n.around.Random.Seeded() {
		all.SetLimit(1) // what follows comes in one order
	}
	for _, c := range objects {
		all.Go(func() error {
			n.unload(c.ID, sockets)
			return n.restore(from, c)
		})
	}
	for _, id := range remove {
		all.Go(func() error {
			n.unload(id, CloseSockets)
			n.alarms.cancel(id)
			n.alarms.remove(id)
			return n.files.Discard(id)
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	for _, c := range objects {
		n.recordOf(c.ID, n.glance(c.ID).name, journal.Event{Kind: journal.Restore, Detail: why})
	}
	for _, id := range remove {
		n.recordOf(id, n.glance(id).name, journal.Event{Kind: journal.Delete, Detail: why})
	}
	return nil
}

func (n *Namespace) restore(from *storage.Copies, c Copied) error {
	n.alarms.cancel(c.ID)
	if err := n.files.Restore(from, c.ID); err != nil {
		return err
	}
	if c.Name != "" {
		if err := n.files.SetName(c.ID, c.Name); err != nil {
			return err
		}
	}
	alarms := n.files.Alarms()
	if c.Alarm.IsZero() {
		return alarms.Delete(c.ID)
	}
	alarm := storage.ScheduledAlarm{ID: c.ID, Name: c.Name, At: c.Alarm}
	if err := alarms.Set(alarm); err != nil {
		return err
	}
	if n.started.Load() {
		n.alarms.schedule(alarm)
	}
	return nil
}

// unload takes an object out of memory at once. Everything is still, so that its loop's goroutine does not run.
func (n *Namespace) unload(hex string, sockets SocketMode) {
	o := n.placed(hex)
	if o == nil {
		return
	}
	o.haltFacets(errRestored)
	o.abandonStorage()
	o.alarmChanges.Add(1)
	if sockets == HibernateSockets && o.sockets.count() > 0 {
		o.failCalls(errRestored)
		o.leave("its state was restored", errRestored)
		o.index, o.endings = nil, nil
		return
	}
	o.loop.Drop()
	o.lose(errRestored)
	o.sockets.dropAll()
}
