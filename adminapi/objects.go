package adminapi

import (
	"context"
	"net/http"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/journal"
)

const onePath = "namespaces/{namespace}/objects/{object}"

func objectRoutes() []route {
	return []route{
		handleList("namespaces/{namespace}/objects", "List the objects of a namespace, by id", (*api).objects),
		handle(http.MethodGet, onePath, "All of one object", (*api).object),
		handle(http.MethodDelete, onePath, "Delete an object: its storage, its alarm and its WebSockets", (*api).deleteObject),
		handle(http.MethodPost, onePath+"/evict", "Take an object out of memory, once it is idle", (*api).evict),
		handle(http.MethodPost, "evict", "Take all objects out of memory", (*api).evictAll),
	}
}

// object is what is known of an object without waking it.
type object struct {
	ID         string        `json:"id"`
	Name       string        `json:"name,omitempty" description:"By which it was reached; an id does not tell it"`
	State      durable.State `json:"state" enum:"active,idle,hibernated,evicted"`
	PinnedBy   []pin         `json:"pinnedBy" description:"What keeps it in memory, the oldest first"`
	Alarm      *alarm        `json:"alarm"`
	Sockets    int           `json:"sockets" description:"Hibernatable WebSockets"`
	Bytes      int64         `json:"bytes" description:"What its storage takes"`
	Stored     bool          `json:"stored" description:"Whether it has storage"`
	Generation int           `json:"generation,omitempty" description:"The build of the code that it runs; none when it is not in memory"`
	Location   string        `json:"locationHint,omitempty" description:"Where a stub asked for it to be, which has no effect"`
	LastEvent  *event        `json:"lastEvent"`
}

// pin is what keeps an object in memory.
type pin struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
}

func objectView(n *durable.Namespace, i durable.Info) object {
	o := object{
		ID: i.ID, Name: i.Name, State: i.State, PinnedBy: []pin{}, Sockets: i.Sockets, Bytes: i.Bytes, Stored: i.Stored, Generation: i.Generation,
		Location: i.LocationHint,
	}
	for _, reason := range i.PinnedBy {
		o.PinnedBy = append(o.PinnedBy, pin(reason))
	}
	if i.Alarm != nil {
		view := alarmView(n, *i.Alarm)
		o.Alarm = &view
	}
	if i.LastEvent != nil {
		last := eventView(*i.LastEvent)
		o.LastEvent = &last
	}
	return o
}

// usualObjects and mostObjects are how many objects a page has.
const (
	usualObjects = 100
	mostObjects  = 10_000
)

type objectsRequest struct {
	Namespace string `path:"namespace" json:"-"`
	State     string `query:"state" json:"-" enum:"active,idle,hibernated,evicted"`
	Prefix    string `query:"prefix" json:"-" description:"How their id or name begins"`
	Limit     int    `query:"limit" json:"-" description:"100 if not given, 10000 at most"`
	Cursor    string `query:"cursor" json:"-"`
}

func (a *api) objects(_ context.Context, in objectsRequest) (p page[object], err error) {
	n, err := a.namespace(in.Namespace)
	if err != nil {
		return p, err
	}
	infos, more, err := n.Objects(durable.Query{
		State: durable.State(in.State), Prefix: in.Prefix, After: in.Cursor, Limit: pageLimit(in.Limit, usualObjects, mostObjects),
	})
	for _, info := range infos {
		p.items = append(p.items, objectView(n, info))
	}
	if more {
		p.cursor = infos[len(infos)-1].ID
	}
	return p, err
}

// pageLimit is how many things a page has.
func pageLimit(asked, usual, most int) int {
	if asked == 0 {
		return usual
	}
	return min(asked, most)
}

// wholeObject is all of an object.
type wholeObject struct {
	object
	Namespace string  `json:"namespace"`
	Keys      int     `json:"keys" description:"How many key-value pairs it has"`
	Tables    []table `json:"tables"`
	Facets    []facet `json:"facets" description:"Those that have storage"`
	WebSocket sockets `json:"webSockets"`
	Events    []event `json:"events" description:"What happened to it last, the oldest first"`
}

// facet is a part of an object with storage of its own.
type facet struct {
	Path  []string `json:"path" description:"The names that lead to it from the object, its own last: what facet= is given"`
	Bytes int64    `json:"bytes" description:"What its storage takes"`
}

// recentEvents is how many events are given of an object.
const recentEvents = 50

func (a *api) object(ctx context.Context, in objectPath) (w wholeObject, err error) {
	t, err := a.target(in)
	if err != nil {
		return w, err
	}
	info, err := t.Find(t.id)
	if err != nil {
		return w, err
	}
	w = wholeObject{object: objectView(t.Namespace, info), Namespace: in.Namespace, Tables: []table{}, Facets: []facet{}, WebSocket: socketsView(t.Sockets(t.id)), Events: []event{}}
	events, _ := a.emulator.Journal().Read(journal.Filter{Namespace: in.Namespace, Object: t.id}, 0, journal.Keep)
	for _, e := range events[max(0, len(events)-recentEvents):] {
		w.Events = append(w.Events, eventView(e))
	}
	if !info.Stored {
		return w, nil
	}
	facets, err := t.Facets(t.id)
	for _, f := range facets {
		w.Facets = append(w.Facets, facet(f))
	}
	if err != nil {
		return w, err
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.Look(ctx, t.id, func(db *storage.DB) (err error) {
		if w.Keys, err = db.CountKeys(); err == nil {
			w.Tables, err = tables(db)
		}
		return err
	})
	return w, err
}

type deleted struct {
	Deleted bool `json:"deleted"`
}

func (a *api) deleteObject(ctx context.Context, in objectPath) (deleted, error) {
	t, err := a.target(in)
	if err != nil {
		return deleted{}, err
	}
	err = t.Delete(ctx, t.id)
	return deleted{err == nil}, err
}

type evictRequest struct {
	objectPath
	WebSockets string `json:"webSockets,omitempty" enum:"hibernate,close" description:"What becomes of hibernatable WebSockets"`
}

type evicted struct {
	Object     string             `json:"object"`
	WebSockets durable.SocketMode `json:"webSockets" enum:"hibernate,close"`
	MS         int64              `json:"ms" description:"How long it took, by the machine's time"`
}

// socketMode reads what becomes of WebSockets.
func socketMode(text string) (durable.SocketMode, error) {
	mode, err := durable.ParseSocketMode(text)
	if err != nil {
		return "", refuse(http.StatusBadRequest, "%v", err)
	}
	return mode, nil
}

func (a *api) evict(ctx context.Context, in evictRequest) (e evicted, err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return e, err
	}
	mode, err := socketMode(in.WebSockets)
	if err != nil {
		return e, err
	}
	began := time.Now()
	err = t.Evict(ctx, t.id, mode)
	return evicted{t.id, mode, time.Since(began).Milliseconds()}, err
}

type evictAllRequest struct {
	WebSockets string `json:"webSockets,omitempty" enum:"hibernate,close"`
}

type evictedAll struct {
	WebSockets durable.SocketMode `json:"webSockets" enum:"hibernate,close"`
}

func (a *api) evictAll(ctx context.Context, in evictAllRequest) (evictedAll, error) {
	mode, err := socketMode(in.WebSockets)
	if err == nil {
		err = a.emulator.EvictAll(ctx, mode)
	}
	return evictedAll{mode}, err
}
