package adminapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/random"
	"github.com/doemu/doemu/emulator/snapshot"
)

// worldsPath is what the paths of the APIs of worlds begin with.
const worldsPath = "/worlds/"

func worldRoutes() []route {
	return []route{
		handleList("worlds", "List the worlds, in the order in which they were made", (*api).listWorlds),
		handle(http.MethodPost, "worlds", "Make a world: a state of its own of the same Workers", (*api).makeWorld),
		handle(http.MethodDelete, "worlds/{id}", "End a world", (*api).endWorld),
	}
}

// worlds are those of an API, which their own APIs are part of.
type worlds struct {
	mu   sync.Mutex
	last int
	all  []*world // in the order in which they were made
}

// world is a world with what answers for it.
type world struct {
	*emulator.Emulator
	id, name string
	made     time.Time
	listener net.Listener
	server   *http.Server
	// api is made with the first request: most of what a world costs otherwise.
	api func() http.Handler
}

// route gives requests under worldsPath to the world that they name, as if its API were at the root. Who may not
// see state does not learn which worlds there are.
func (w *worlds) route(admit access, next http.Handler) http.Handler {
	return http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		rest, ok := strings.CutPrefix(req.URL.Path, worldsPath)
		if !ok {
			next.ServeHTTP(res, req)
			return
		}
		id, _, below := strings.Cut(rest, "/")
		if !below { // the page finds its files below where it is
			http.Redirect(res, req, worldsPath+url.PathEscape(id)+"/", http.StatusPermanentRedirect)
			return
		}
		one := w.find(id)
		if one == nil {
			admit.checkCaller(http.HandlerFunc(func(res http.ResponseWriter, _ *http.Request) { fail(res, noWorld(id)) })).ServeHTTP(res, req)
			return
		}
		http.StripPrefix(worldsPath+id, one.api()).ServeHTTP(res, req)
	})
}

func (w *worlds) find(id string) *world {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.all {
		if one.id == id {
			return one
		}
	}
	return nil
}

func (w *worlds) forget(one *world) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, other := range w.all {
		if other == one {
			w.all = append(w.all[:n:n], w.all[n+1:]...)
			return
		}
	}
}

func noWorld(id string) error {
	return refuse(http.StatusNotFound, "There is no world %s. GET /api/v1/worlds lists all.", strconv.Quote(id))
}

// worldView is a world as the API shows it.
type worldView struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	URL      string `json:"url" description:"Where its Worker answers"`
	AdminURL string `json:"adminUrl" description:"What the paths of this API begin with, for the world"`
	MadeAt   moment `json:"madeAt" description:"By the machine's clock"`
}

// view is the world for a client that reaches the API under a host.
func (w *world) view(host string) worldView {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	port := strconv.Itoa(w.listener.Addr().(*net.TCPAddr).Port)
	return worldView{w.id, w.name, "http://" + net.JoinHostPort(strings.Trim(name, "[]"), port), "http://" + host + worldsPath + w.id, moment{w.made}}
}

func (a *api) listWorlds(ctx context.Context, _ struct{}) (p page[worldView], _ error) {
	a.worlds.mu.Lock()
	defer a.worlds.mu.Unlock()
	for _, w := range a.worlds.all {
		p.items = append(p.items, w.view(hostOf(ctx)))
	}
	return p, nil
}

type worldRequest struct {
	Name  string   `json:"name,omitempty" description:"For people"`
	From  string   `json:"from,omitempty" description:"The snapshot that it begins with; nothing if it is not given"`
	World string   `json:"world,omitempty" description:"The id of the world that has the snapshot"`
	Clock string   `json:"clock,omitempty" enum:"real,frozen" description:"Where the clock of a snapshot of everything stood, or real, if it is not given"`
	At    *instant `json:"at,omitempty" description:"The time at which the clock begins"`
	Seed  *uint64  `json:"seed,omitempty" description:"The number from which all randomness comes, so that two runs do the same"`
}

func (a *api) makeWorld(ctx context.Context, in worldRequest) (view worldView, err error) {
	options := emulator.WorldOptions{}
	if in.Seed != nil {
		options.Random = random.Seeded(*in.Seed)
	}
	if options.Clock, err = in.clock(); err != nil {
		return view, err
	}
	if options.From, err = a.worldBegins(in); err != nil {
		return view, err
	}
	e, err := a.emulator.NewWorld(ctx, options)
	if err != nil {
		return view, err
	}
	w, err := a.serveWorld(e, in.Name)
	if err != nil {
		return view, errors.Join(err, e.Close())
	}
	return w.view(hostOf(ctx)), nil
}

// clock is the one that was asked for, or nil.
func (in worldRequest) clock() (*clock.Clock, error) {
	at := time.Now().UTC()
	if in.At != nil {
		at = in.At.Time
	}
	switch in.Clock {
	case "frozen":
		return clock.NewFrozen(at), nil
	case "real", "":
		if in.At != nil {
			return clock.NewAt(at), nil
		}
		if in.Clock != "" {
			return clock.New(), nil
		}
		return nil, nil
	}
	return nil, refuse(http.StatusBadRequest, `clock is %q, but must be "real" or "frozen".`, in.Clock)
}

// worldBegins is the snapshot that a world begins with, or nil.
func (a *api) worldBegins(in worldRequest) (*snapshot.Snapshot, error) {
	has := a.emulator
	if in.World != "" {
		w := a.worlds.find(in.World)
		if w == nil {
			return nil, noWorld(in.World)
		}
		has = w.Emulator
	}
	if in.From == "" {
		return nil, nil
	}
	return has.Snapshots().Load(in.From)
}

// serveWorld lets the Worker of a world and its API answer, until it ends.
func (a *api) serveWorld(e *emulator.Emulator, name string) (*world, error) {
	listener, err := a.options.ListenWorld()
	if err != nil {
		return nil, err
	}
	w := &world{
		Emulator: e, name: name, made: time.Now(), listener: listener,
		server: &http.Server{Handler: WorkerPort(e, e.Services()[0], a.options), ReadHeaderTimeout: 30 * time.Second},
		api:    sync.OnceValue(func() http.Handler { return New(e, a.options) }),
	}
	a.worlds.mu.Lock()
	a.worlds.last++
	w.id = "w" + strconv.Itoa(a.worlds.last)
	a.worlds.all = append(a.worlds.all, w)
	a.worlds.mu.Unlock()
	go func() { _ = w.server.Serve(listener) }() // it ends with Close
	go func() {
		<-e.Done()
		a.worlds.forget(w)
		w.server.Close()
	}()
	return w, nil
}

type worldPath struct {
	ID string `path:"id" json:"-"`
}

func (a *api) endWorld(_ context.Context, in worldPath) (deleted, error) {
	w := a.worlds.find(in.ID)
	if w == nil {
		return deleted{}, noWorld(in.ID)
	}
	a.worlds.forget(w)
	w.server.Close()
	err := w.Close()
	return deleted{err == nil}, err
}
