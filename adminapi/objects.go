package adminapi

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/isolate"
)

// object is what is known of an object without waking it.
type object struct {
	ID         string           `json:"id"`
	Name       string           `json:"name,omitempty"`
	State      durable.State    `json:"state"`
	PinnedBy   []isolate.Reason `json:"pinnedBy"`
	Alarm      *alarm           `json:"alarm"`
	Sockets    int              `json:"sockets"`
	Generation int              `json:"generation,omitempty"`
	LastEvent  *event           `json:"lastEvent"`
}

// alarm is an alarm that is due.
type alarm struct {
	Namespace string `json:"namespace"`
	Object    string `json:"object"`
	Name      string `json:"name,omitempty"`
	// At is what the program set, Next when the handler runs next: later after failures.
	At      moment `json:"at"`
	Next    moment `json:"next"`
	Attempt int    `json:"attempt"`
	Running bool   `json:"running"`
	Error   string `json:"lastError,omitempty"`
}

func alarmView(n *durable.Namespace, a durable.PendingAlarm) alarm {
	return alarm{n.UniqueKey(), a.Object, a.Name, moment{a.At}, moment{a.Next}, a.Attempt, a.Running, a.Error}
}

func objectView(n *durable.Namespace, i durable.Info) object {
	o := object{ID: i.ID, Name: i.Name, State: i.State, PinnedBy: append([]isolate.Reason{}, i.PinnedBy...), Sockets: i.Sockets, Generation: i.Generation}
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

// namespace finds the namespace that the path names, or answers that there is none.
func (a *api) namespace(w http.ResponseWriter, r *http.Request) *durable.Namespace {
	key := pathValue(r, "namespace")
	n := a.emulator.Namespace(key)
	if n == nil {
		fail(w, http.StatusNotFound, "There is no namespace "+key+". A namespace is <worker>-<Class>.")
	}
	return n
}

// named finds the namespace and the id of the object that the path names, or answers that it cannot be.
func (a *api) named(w http.ResponseWriter, r *http.Request) (n *durable.Namespace, hex string, ok bool) {
	if n = a.namespace(w, r); n == nil {
		return nil, "", false
	}
	hex, _, err := n.Resolve(pathValue(r, "object"))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error()+". An object is named by its 64 hex digits, or by name: and its URL-encoded name.")
		return nil, "", false
	}
	return n, hex, true
}

func pathValue(r *http.Request, name string) string {
	text := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return text // it is decoded already
	}
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	return text
}

func (a *api) objects(w http.ResponseWriter, r *http.Request) {
	n := a.namespace(w, r)
	if n == nil {
		return
	}
	limit, ok := count(w, r, "limit", usualPage)
	if !ok {
		return
	}
	q := r.URL.Query()
	infos, more, err := n.Objects(durable.Query{
		State: durable.State(q.Get("state")), Prefix: q.Get("prefix"), After: q.Get("cursor"), Limit: max(limit, 1),
	})
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	info := resultInfo{Count: len(infos)}
	if more {
		info.Cursor = infos[len(infos)-1].ID
	}
	views := make([]object, len(infos))
	for i, o := range infos {
		views[i] = objectView(n, o)
	}
	succeedList(w, views, info)
}

func (a *api) alarms(w http.ResponseWriter, _ *http.Request) {
	all := []alarm{}
	for _, n := range a.emulator.Namespaces() {
		for _, due := range n.Alarms() {
			all = append(all, alarmView(n, due))
		}
	}
	slices.SortStableFunc(all, func(x, y alarm) int { return x.Next.Compare(y.Next.Time) })
	succeedList(w, all, resultInfo{Count: len(all)})
}

// sockets reads what becomes of WebSockets.
func sockets(w http.ResponseWriter, r *http.Request) (durable.SocketMode, bool) {
	var body struct {
		WebSockets string `json:"webSockets"`
	}
	if !read(w, r, &body) {
		return "", false
	}
	mode, err := durable.ParseSocketMode(body.WebSockets)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return "", false
	}
	return mode, true
}

func (a *api) evict(w http.ResponseWriter, r *http.Request) {
	n, hex, ok := a.named(w, r)
	if !ok {
		return
	}
	mode, ok := sockets(w, r)
	if !ok {
		return
	}
	began := time.Now()
	if err := n.Evict(r.Context(), hex, mode); err != nil {
		refuseEviction(w, err)
		return
	}
	succeed(w, map[string]any{"object": hex, "webSockets": mode, "ms": time.Since(began).Milliseconds()})
}

// evictAll evicts the objects of all namespaces.
func (a *api) evictAll(w http.ResponseWriter, r *http.Request) {
	mode, ok := sockets(w, r)
	if !ok {
		return
	}
	if err := a.emulator.EvictAll(r.Context(), mode); err != nil {
		refuseEviction(w, err)
		return
	}
	succeed(w, map[string]any{"webSockets": mode})
}

func refuseEviction(w http.ResponseWriter, err error) {
	status := http.StatusConflict
	if errors.Is(err, durable.ErrNotRunning) {
		status = http.StatusNotFound
	}
	fail(w, status, err.Error())
}
