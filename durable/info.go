package durable

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
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

// States are all states.
func States() []State { return []State{Active, Idle, Hibernated, Evicted} }

// Info is what is known of an object without waking it.
type Info struct {
	ID    string // 64 hex digits
	Name  string // by which it was reached, now or in an earlier run, or ""
	State State
	// PinnedBy says what keeps it in memory, the oldest first.
	PinnedBy []isolate.Reason
	// Sockets is how many hibernatable WebSockets it has.
	Sockets int
	// Generation is the build of the code that it runs, 0 when it is not in memory.
	Generation int
	// Alarm is nil if there is none.
	Alarm *PendingAlarm
	// LocationHint is where a stub asked for it to be, in this run of doemu, or "".
	LocationHint string
	// Bytes is what its storage takes: on disk the database and its log, in memory the content.
	Bytes int64
	// Stored tells whether it has storage.
	Stored bool
	// LastEvent is what happened last in this run of doemu; nil if nothing has.
	LastEvent *journal.Event
}

// NamespaceInfo is what is known of a namespace without waking its objects.
type NamespaceInfo struct {
	// UniqueKey is <worker>-<Class>. Worker and Class are empty if the Worker that has the class has
	// not started.
	UniqueKey, Worker, Class string
	// SQL tells whether the class was declared with SQLite storage; otherwise it has key-value storage.
	SQL bool
	// Generation is the build of the code that serves.
	Generation int
	// Objects counts the objects, States those in each state, Sockets their hibernatable WebSockets, and
	// Alarms their alarms.
	Objects, Sockets, Alarms int
	States                   map[State]int
}

// FacetInfo is what is known of a facet of an object without waking anything.
// https://developers.cloudflare.com/durable-objects/api/state/#facets
type FacetInfo struct {
	// Path are the names that lead to it from the object, its own last.
	Path []string
	// Bytes is what its storage takes, as of an object.
	Bytes int64
}

// Query selects objects of a namespace.
type Query struct {
	// State is the one that objects are in; "" for any.
	State State
	// Prefix is how their id or their name begins.
	Prefix string
	// After is the id after which the list begins.
	After string
	// Limit is how many are listed at most; 0 for no limit.
	Limit int
}

// Resolve gives the id of an object that is named by its 64 hex digits or by name: and its name. The
// name is "" in the first case.
func (n *Namespace) Resolve(object string) (hex, name string, err error) {
	if name, ok := strings.CutPrefix(object, "name:"); ok {
		return n.ids.FromName(name).String(), name, nil
	}
	id, err := n.ids.FromString(object)
	return id.String(), "", err
}

// Objects lists the objects that have storage, an alarm or something in memory, by id. More tells whether
// there are others behind the last one. Only those that are listed are looked at closely, and none is woken.
func (n *Namespace) Objects(q Query) (infos []Info, more bool, err error) {
	ids, err := n.IDs()
	if err != nil {
		return nil, false, err
	}
	from, found := slices.BinarySearch(ids, q.After)
	if found {
		from++
	}
	infos = []Info{}
	for _, hex := range ids[from:] {
		s := n.glance(hex)
		if q.State != "" && s.state != q.State {
			continue
		}
		if !strings.HasPrefix(hex, q.Prefix) && !strings.HasPrefix(n.nameAtRest(hex, &s), q.Prefix) {
			continue
		}
		if q.Limit > 0 && len(infos) == q.Limit {
			return infos, true, nil
		}
		n.nameAtRest(hex, &s)
		info, err := n.info(hex, s)
		if err != nil {
			return nil, false, err
		}
		infos = append(infos, info)
	}
	return infos, false, nil
}

// Find is what is known of one object. The error is [ErrNoObject] if there is none.
func (n *Namespace) Find(hex string) (Info, error) {
	info, err := n.known(hex)
	if err == nil && info.Stored && info.Name == "" {
		info.Name = n.wranglersName(hex)
	}
	return info, err
}

// Facets are the facets of an object that have storage, in the order in which they were made.
func (n *Namespace) Facets(hex string) (facets []FacetInfo, err error) {
	index, err := n.files.Facets(hex)
	if err != nil {
		return nil, err
	}
	for i, path := range index.Paths() {
		database := storage.FacetName(hex, i+1)
		if ok, err := n.files.Has(database); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		bytes, err := n.files.Size(database)
		if err != nil {
			return nil, err
		}
		facets = append(facets, FacetInfo{path, bytes})
	}
	return facets, nil
}

// known is Find without asking the object's own storage for a name.
func (n *Namespace) known(hex string) (Info, error) {
	info, err := n.info(hex, n.glance(hex))
	if err == nil && !info.Stored && info.Alarm == nil && info.State == Evicted {
		err = ErrNoObject
	}
	return info, err
}

// wranglersName is the name that wrangler has kept in the storage of an object which ran there, or "". It
// is known here from then on.
func (n *Namespace) wranglersName(hex string) (name string) {
	err := n.Look(context.Background(), hex, func(db *storage.DB) error {
		// Objects that did not run there have no such table.
		rows, err := db.Exec("SELECT name FROM " + storage.WranglersNames + " WHERE id = 1")
		if err != nil {
			return err
		}
		defer rows.Close()
		row, err := rows.Next()
		if len(row) > 0 {
			name, _ = row[0].(string)
		}
		return err
	})
	// The table could be the program's own: the id says whether the name is right.
	if err != nil || name == "" || n.ids.FromName(name).String() != hex {
		return ""
	}
	if n.atRest {
		n.files.LearnName(hex, name)
	} else if err := n.files.SetName(hex, name); err != nil {
		n.around.Log.Warn("the name of an object could not be kept", "err", err)
	}
	return name
}

// Info is what is known of the namespace.
func (n *Namespace) Info() (NamespaceInfo, error) {
	info := NamespaceInfo{UniqueKey: n.key, States: map[State]int{}}
	if class := n.class.Load(); class != nil {
		info.Worker, info.Class, info.SQL, info.Generation = class.Worker, class.Name, class.SQL, class.Generation
	}
	ids, err := n.IDs()
	if err != nil {
		return info, err
	}
	info.Objects = len(ids)
	for _, state := range States() {
		info.States[state] = 0
	}
	for _, hex := range ids {
		g := n.glance(hex)
		info.States[g.state]++
		if g.object != nil {
			info.Sockets += g.object.sockets.count()
		}
	}
	info.Alarms = len(n.alarms.ids())
	return info, nil
}

// IDs are the ids of all objects that have storage, an alarm or something in memory, in order.
func (n *Namespace) IDs() ([]string, error) {
	ids, err := n.files.IDs()
	if err != nil {
		return nil, err
	}
	for _, o := range n.loaded() {
		// A stub makes a place, which alone is no object.
		if o.glance() != Evicted {
			ids = append(ids, o.id)
		}
	}
	ids = append(ids, n.alarms.ids()...)
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// glance is what can be seen of an object at once.
type glance struct {
	object *Object // its place in memory; nil if it has none
	name   string
	state  State
}

func (n *Namespace) glance(hex string) glance {
	o := n.placed(hex)
	if o == nil {
		return glance{nil, n.files.Name(hex), Evicted}
	}
	return glance{o, cmp.Or(o.Name(), n.files.Name(hex)), o.glance()}
}

// glance is the object's state.
func (o *Object) glance() State {
	o.mu.Lock()
	calls := len(o.calls)
	o.mu.Unlock()
	switch live := o.loop.Live(); {
	case calls > 0, live && o.loop.Pinned():
		return Active
	case live:
		return Idle
	case o.sockets.count() > 0:
		return Hibernated
	}
	return Evicted
}

func (n *Namespace) info(hex string, g glance) (info Info, err error) {
	info = Info{ID: hex, Name: g.name, State: g.state, Alarm: n.alarms.of(hex), LocationHint: n.location(hex)}
	if info.Name == "" && info.Alarm != nil {
		info.Name = info.Alarm.Name
	}
	if e, ok := n.around.Journal.Latest(n.key, hex); ok {
		info.LastEvent = &e
	}
	if o := g.object; o != nil {
		info.Sockets, info.PinnedBy, info.Generation = o.sockets.count(), o.reasons(), int(o.generation.Load())
	}
	if info.Stored, err = n.files.Has(hex); err != nil || !info.Stored {
		return info, err
	}
	info.Bytes, err = n.files.Size(hex)
	return info, err
}
