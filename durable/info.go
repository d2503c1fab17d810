package durable

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
)

// State is where an object is in its life.
type State string

// An object is in memory and has something to do, or nothing; or it is not in memory, with or without
// hibernatable WebSockets.
const (
	Active     State = "active"
	Idle       State = "idle"
	Hibernated State = "hibernated"
	Evicted    State = "evicted"
)

// Info is what is known of an object without waking it.
type Info struct {
	ID    string // 64 hex digits
	Name  string // by which it was reached, or ""
	State State
	// PinnedBy says what keeps it in memory, the oldest first.
	PinnedBy []isolate.Reason
	// Sockets is how many hibernatable WebSockets it has.
	Sockets int
	// Generation is the build of the code that it runs, 0 when it is not in memory.
	Generation int
	Alarm      *PendingAlarm
	// LastEvent is when something last happened in this run of doemu; zero if nothing has.
	LastEvent time.Time
}

// Resolve gives the id of an object that is named by its 64 hex digits or by name: and its name.
func (n *Namespace) Resolve(object string) (hex string, err error) {
	if name, ok := strings.CutPrefix(object, "name:"); ok {
		return n.ids.FromName(name).String(), nil
	}
	id, err := n.ids.FromString(object)
	return id.String(), err
}

// Objects lists the objects that have storage or a place in memory, by id.
func (n *Namespace) Objects() ([]Info, error) {
	ids, err := n.files.IDs()
	if err != nil {
		return nil, err
	}
	for _, o := range n.loaded() {
		ids = append(ids, o.id)
	}
	alarms := map[string]*PendingAlarm{}
	for _, alarm := range n.alarms.list() {
		alarms[alarm.Object] = &alarm
		ids = append(ids, alarm.Object)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	infos := make([]Info, len(ids))
	for i, hex := range ids {
		infos[i] = n.info(hex, alarms[hex])
	}
	return infos, nil
}

func (n *Namespace) info(hex string, alarm *PendingAlarm) Info {
	info := Info{ID: hex, State: Evicted, Alarm: alarm}
	if alarm != nil {
		info.Name = alarm.Name
	}
	n.mu.Lock()
	o := n.objects[hex]
	n.mu.Unlock()
	if o == nil {
		return info
	}
	info.Name = cmp.Or(o.name, info.Name)
	info.Sockets = o.sockets.count()
	info.PinnedBy = o.reasons()
	info.Generation = int(o.generation.Load())
	o.mu.Lock()
	info.LastEvent = o.used
	o.mu.Unlock()
	switch {
	case len(info.PinnedBy) > 0:
		info.State = Active
	case info.Generation > 0:
		info.State = Idle
	case info.Sockets > 0:
		info.State = Hibernated
	}
	return info
}

// callsInOrder lists the calls under way, the oldest first. The lock is held.
func (o *Object) callsInOrder() []*call {
	calls := make([]*call, 0, len(o.calls))
	for _, c := range o.calls {
		calls = append(calls, c)
	}
	slices.SortFunc(calls, func(a, b *call) int { return cmp.Compare(a.id, b.id) })
	return calls
}
