// Package adminapi is the HTTP API by which people and tools see and steer a running emulator. It only
// gives what the emulator's own methods give the form of HTTP.
//
// Each route is declared once, in the file of what it is about, with the types that it takes and gives:
// from that come its handler, which decodes the one and writes the other, and its part of the OpenAPI document.
package adminapi

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/doemu/doemu/emulator"
)

// Options are the API's own settings.
type Options struct {
	// AllowHosts are names under which it answers beside those of this machine.
	AllowHosts []string
	// Token is what requests have to bring as Authorization: Bearer; "" for none. GET /livez and /readyz do
	// without.
	Token string
	// Open lets other machines in when there is no token; otherwise requests without one must come from this machine.
	Open bool
	// QueryTime is how long reading or writing storage may take; 5 s if it is 0.
	QueryTime time.Duration
	// Version is doemu's own.
	Version string
	// ListenWorld gives where the Worker of a world answers; nil is any port of this machine.
	ListenWorld func() (net.Listener, error)
	// Listeners are the addresses that must accept connections, by what listens there: for GET diagnose.
	Listeners map[string]string
	// Reload builds the code of a Worker again and shows what came of it; nil for the Worker's own Reload.
	Reload func(context.Context, *emulator.Service) error
	// Page is what answers GET and HEAD of the paths that are nobody's else, without a token; nil for nothing.
	Page *Page
}

// Page is the user interface, which asks for the token by itself.
type Page struct {
	// Paths are patterns of chi.
	Paths   []string
	Handler http.Handler
}

func (o *Options) defaults() {
	if o.QueryTime == 0 {
		o.QueryTime = 5 * time.Second
	}
	if o.ListenWorld == nil {
		o.ListenWorld = func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
	}
}

// api has what the handlers of all routes need.
type api struct {
	emulator *emulator.Emulator
	options  Options
	openAPI  func() []byte
	metrics  http.Handler
	worlds   worlds
	streams  atomic.Int64 // of events that are open
	started  time.Time    // by the machine's clock
}

// routes are all routes of the API.
func routes() []route {
	return slices.Concat(
		infoRoutes(), diagnoseRoutes(), clockRoutes(), journalRoutes(), namespaceRoutes(), objectRoutes(), callRoutes(), storageRoutes(), socketRoutes(), alarmRoutes(), faultRoutes(),
		snapshotRoutes(), worldRoutes(),
	)
}

// New makes the API's handler. It lives as long as the emulator.
func New(e *emulator.Emulator, options Options) http.Handler {
	options.defaults()
	a := &api{emulator: e, options: options, metrics: newMetrics(e, options.Version), started: time.Now()}
	r := chi.NewRouter()
	admit := options.access()
	r.Use(withHost)
	r.NotFound(admit.checkCaller(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, refuse(http.StatusNotFound, "There is no route %s. GET /api/v1/openapi.json lists all.", r.URL.Path))
	})).ServeHTTP)
	r.MethodNotAllowed(admit.checkCaller(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(w, refuse(http.StatusMethodNotAllowed, "%s does not take %s.", r.URL.Path, r.Method))
	})).ServeHTTP)
	if page := options.Page; page != nil {
		for _, path := range page.Paths {
			r.Method(http.MethodGet, path, page.Handler)
			r.Method(http.MethodHead, path, page.Handler)
		}
	}
	all := routes()
	// Made when somebody asks: it takes longer than all else here.
	a.openAPI = sync.OnceValue(func() []byte { return document(all, options.Version) })
	for _, route := range all {
		var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := route.serve(a, w, r); err != nil {
				fail(w, err)
			}
		})
		if !route.uncapped {
			handler = capBody(handler)
		}
		if !route.open {
			handler = admit.checkCaller(handler)
		}
		r.Method(route.method, route.path, handler)
	}
	return admit.checkSite(a.worlds.route(admit, r))
}
