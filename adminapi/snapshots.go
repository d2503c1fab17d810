package adminapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/snapshot"
)

const snapshotPath = "snapshots/{name}"

func snapshotRoutes() []route {
	return []route{
		handleList("snapshots", "List the snapshots, the newest first", (*api).snapshots),
		handle(http.MethodPost, "snapshots", "Save the state at one instant: all of it, or chosen objects", (*api).saveSnapshot),
		handle(http.MethodGet, snapshotPath, "A snapshot with its objects", (*api).snapshot),
		handle(http.MethodDelete, snapshotPath, "Delete a snapshot", (*api).deleteSnapshot),
		handle(http.MethodPost, snapshotPath+"/restore", "Go back to a snapshot", (*api).restoreSnapshot),
		handle(http.MethodGet, snapshotPath+"/diff/{other}", "What differs between two snapshots, or one and now", (*api).compareSnapshots),
		handleRaw(snapshotPath+"/archive", "A snapshot as a compressed tar of SQLite files", snapshotName{}, "", "application/gzip", serveArchive),
		takeArchive(),
	}
}

// snapshotSummary is a snapshot without its objects.
type snapshotSummary struct {
	Name    string `json:"name"`
	At      moment `json:"at" description:"When it was saved, by the emulator's clock"`
	Whole   bool   `json:"whole" description:"Whether it is of the whole state, or of chosen objects"`
	Frozen  bool   `json:"frozen" description:"Whether the clock stood still"`
	Objects int    `json:"objects" description:"How many objects it has"`
	Bytes   int64  `json:"bytes" description:"What the storage of all of them takes"`
}

func snapshotView(s *snapshot.Snapshot) (snapshotSummary, error) {
	bytes, err := s.Bytes()
	return snapshotSummary{s.Name, moment{s.At}, s.Whole(), s.Clock.Frozen, s.Count(), bytes}, err
}

// snapshotItem is an object of a snapshot.
type snapshotItem struct {
	Namespace string  `json:"namespace"`
	ID        string  `json:"id"`
	Name      string  `json:"name,omitempty"`
	Bytes     int64   `json:"bytes"`
	Alarm     *moment `json:"alarm"`
}

type wholeSnapshot struct {
	snapshotSummary
	Items []snapshotItem `json:"items"`
}

func (a *api) snapshots(context.Context, struct{}) (p page[snapshotSummary], err error) {
	all, err := a.emulator.Snapshots().List()
	for _, s := range all {
		view, err := snapshotView(s)
		if err != nil {
			return p, err
		}
		p.items = append(p.items, view)
	}
	return p, err
}

// place is an object or a namespace.
type place struct {
	Namespace string `json:"namespace"`
	Object    string `json:"object,omitempty" description:"The 64 hex digits of the id, or name: and the name; all of the namespace if empty"`
}

type saveRequest struct {
	Name    string  `json:"name,omitempty" description:"Made of the time if it is not given"`
	Objects []place `json:"objects,omitempty" description:"What is saved; everything if it is not given"`
}

func (a *api) saveSnapshot(ctx context.Context, in saveRequest) (view snapshotSummary, err error) {
	if err := checkSnapshotName(in.Name); in.Name != "" && err != nil {
		return view, err
	}
	var scope []snapshot.Place
	for _, p := range in.Objects {
		chosen, err := a.place(p)
		if err != nil {
			return view, err
		}
		scope = append(scope, chosen)
	}
	s, err := a.emulator.SaveSnapshot(ctx, in.Name, scope...)
	if err != nil {
		return view, err
	}
	return snapshotView(s)
}

func (a *api) place(p place) (snapshot.Place, error) {
	if p.Object == "" {
		_, err := a.namespace(p.Namespace)
		return snapshot.Place{Namespace: p.Namespace}, err
	}
	t, err := a.target(objectPath(p))
	return snapshot.Place{Namespace: p.Namespace, Object: t.id}, err
}

func checkSnapshotName(name string) error {
	if err := snapshot.CheckName(name); err != nil {
		return refuse(http.StatusBadRequest, "%v.", err)
	}
	return nil
}

type snapshotName struct {
	Name string `path:"name" json:"-"`
}

func (a *api) snapshot(_ context.Context, in snapshotName) (w wholeSnapshot, err error) {
	s, err := a.emulator.Snapshots().Get(in.Name)
	if err != nil {
		return w, err
	}
	if w.snapshotSummary, err = snapshotView(s); err != nil {
		return w, err
	}
	w.Items = []snapshotItem{}
	for _, n := range s.Namespaces {
		for _, o := range n.Objects {
			size, err := s.Size(n.Key, o.ID)
			if err != nil {
				return w, err
			}
			w.Items = append(w.Items, snapshotItem{n.Key, o.ID, o.Name, size, momentOrNull(o.Alarm)})
		}
	}
	return w, nil
}

func (a *api) deleteSnapshot(_ context.Context, in snapshotName) (deleted, error) {
	err := a.emulator.Snapshots().Remove(in.Name)
	return deleted{err == nil}, err
}

type restoreRequest struct {
	snapshotName
	WebSockets string `json:"webSockets,omitempty" enum:"close,keep" description:"What becomes of the hibernatable WebSockets of objects that are restored: close if it is not given"`
}

type restored struct {
	Restored int `json:"restored" description:"How many objects have the state of the snapshot now"`
	Deleted  int `json:"deleted" description:"How many objects are gone that it covers and does not have"`
}

func (a *api) restoreSnapshot(ctx context.Context, in restoreRequest) (restored, error) {
	mode := durable.CloseSockets
	switch in.WebSockets {
	case "", "close":
	case "keep":
		mode = durable.HibernateSockets
	default:
		return restored{}, refuse(http.StatusBadRequest, `webSockets is %q, but must be "close" or "keep".`, in.WebSockets)
	}
	s, err := a.emulator.Snapshots().Get(in.Name)
	if err != nil {
		return restored{}, err
	}
	done, err := a.emulator.RestoreSnapshot(ctx, s, mode)
	return restored{done.Objects, done.Deleted}, err
}

func serveArchive(a *api, w http.ResponseWriter, r *http.Request) error {
	s, err := a.emulator.Snapshots().Get(pathValue(r, "name"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Content-Disposition", `attachment; filename="`+s.Name+`.tar.gz"`)
	// Its beginning may have been sent: whoever reads it sees that the end is missing.
	_ = s.WriteArchive(w)
	return nil
}

// takeArchive declares the route whose body is an archive.
func takeArchive() route {
	r := newRoute(http.MethodPost, snapshotPath+"/archive", "Take a snapshot from an archive")
	r.in, r.out, r.bodyType, r.uncapped = snapshotName{}, envelope[snapshotSummary]{}, "application/gzip", true
	r.serve = func(a *api, w http.ResponseWriter, r *http.Request) error {
		name := pathValue(r, "name")
		if err := checkSnapshotName(name); err != nil {
			return err
		}
		s, err := a.emulator.Snapshots().ReadArchive(name, r.Body)
		if err != nil {
			return err
		}
		view, err := snapshotView(s)
		if err != nil {
			return err
		}
		write(w, http.StatusOK, envelope[snapshotSummary]{Success: true, Errors: []apiError{}, Messages: []string{}, Result: view})
		return nil
	}
	return r
}

type compareRequest struct {
	snapshotName
	Other string `path:"other" json:"-" description:"Another snapshot, or now"`
}

// comparison is what differs between two states.
type comparison struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Objects []objectChange `json:"objects"`
	More    bool           `json:"more" description:"Whether there are more objects that differ"`
}

type objectChange struct {
	Namespace string          `json:"namespace"`
	ID        string          `json:"id"`
	Name      string          `json:"name,omitempty"`
	Change    snapshot.Change `json:"change" enum:"added,removed,changed"`
	Alarm     *alarmChange    `json:"alarm" description:"Null if it is the same"`
	Keys      []keyChange     `json:"keys"`
	Tables    []tableChange   `json:"tables"`
	More      bool            `json:"more" description:"Whether there are more keys that differ"`
}

type alarmChange struct {
	Before *moment `json:"before"`
	After  *moment `json:"after"`
}

type keyChange struct {
	Key    string          `json:"key"`
	Change snapshot.Change `json:"change" enum:"added,removed,changed"`
	Before *value          `json:"before"`
	After  *value          `json:"after"`
}

type tableChange struct {
	Table     string          `json:"table"`
	Change    snapshot.Change `json:"change" enum:"added,removed,changed"`
	SQLBefore string          `json:"sqlBefore,omitempty" description:"The statement that made it"`
	SQLAfter  string          `json:"sqlAfter,omitempty"`
	Columns   []string        `json:"columns"`
	Rows      []rowChange     `json:"rows"`
	More      bool            `json:"more" description:"Whether there are more rows that differ"`
}

type rowChange struct {
	Change snapshot.Change `json:"change" enum:"added,removed,changed"`
	Before *[]any          `json:"before"`
	After  *[]any          `json:"after"`
}

func (a *api) compareSnapshots(ctx context.Context, in compareRequest) (view comparison, err error) {
	store := a.emulator.Snapshots()
	before, err := store.Get(in.Name)
	if err != nil {
		return view, err
	}
	var c snapshot.Comparison
	if in.Other == snapshot.Now {
		c, err = a.emulator.CompareWithNow(ctx, before)
	} else {
		after, findErr := store.Get(in.Other)
		if findErr != nil {
			return view, findErr
		}
		c, err = a.emulator.CompareSnapshots(before, after)
	}
	view = comparison{in.Name, in.Other, []objectChange{}, c.More}
	for _, o := range c.Objects {
		view.Objects = append(view.Objects, objectChangeView(o))
	}
	return view, err
}

func objectChangeView(o snapshot.ObjectChange) objectChange {
	view := objectChange{o.Namespace, o.ID, o.Name, o.Change, nil, []keyChange{}, []tableChange{}, o.More}
	if !o.AlarmBefore.Equal(o.AlarmAfter) {
		view.Alarm = &alarmChange{momentOrNull(o.AlarmBefore), momentOrNull(o.AlarmAfter)}
	}
	for _, k := range o.Keys {
		change := keyChange{k.Key, changeOf(k.Before != nil, k.After != nil), nil, nil}
		for to, data := range map[**value][]byte{&change.Before: k.Before, &change.After: k.After} {
			if data != nil {
				v := valueView(data)
				if len(v.JSON) > listedJSON {
					v.JSON = nil
				}
				*to = &v
			}
		}
		view.Keys = append(view.Keys, change)
	}
	for _, t := range o.Tables {
		table := tableChange{t.Name, t.Change, t.SQLBefore, t.SQLAfter, append([]string{}, t.Columns...), []rowChange{}, t.More}
		for _, r := range t.Rows {
			table.Rows = append(table.Rows, rowChange{changeOf(r.Before != nil, r.After != nil), cells(r.Before), cells(r.After)})
		}
		view.Tables = append(view.Tables, table)
	}
	return view
}

func changeOf(before, after bool) snapshot.Change {
	switch {
	case !before:
		return snapshot.Added
	case !after:
		return snapshot.Removed
	}
	return snapshot.Changed
}

// cells is a row as JSON has it, or nil for none.
func cells(row []any) *[]any {
	if row == nil {
		return nil
	}
	view := make([]any, len(row))
	for n, v := range row {
		view[n] = cell(v)
		if text, ok := v.(string); ok && len(text) > listedJSON {
			view[n] = strings.ToValidUTF8(text[:listedJSON], "") + "…"
		}
	}
	return &view
}
