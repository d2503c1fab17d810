// Package adminapi is the HTTP API by which people and tools see and steer a running emulator. It only
// gives what the emulator's own methods give the form of HTTP.
package adminapi

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/doemu/doemu/emulator"
)

// Options are the API's own settings.
type Options struct {
	// AllowHosts are names under which it answers beside those of this machine.
	AllowHosts []string
}

// api has the handlers of all routes.
type api struct {
	emulator *emulator.Emulator
}

// New makes the API's handler.
func New(e *emulator.Emulator, options Options) http.Handler {
	a := &api{e}
	r := chi.NewRouter()
	r.Use(access{options.AllowHosts}.middleware)
	r.Use(capBody)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "There is no route "+r.URL.Path+".")
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusMethodNotAllowed, r.URL.Path+" does not take "+r.Method+".")
	})
	r.Get("/livez", a.live)
	r.Get("/readyz", a.ready)
	r.Route("/api/v1", func(r chi.Router) {
		r.Get("/clock", a.clock)
		r.Post("/clock/freeze", a.freeze)
		r.Post("/clock/resume", a.resume)
		r.Post("/clock/advance", a.advance)
		r.Post("/clock/set", a.setClock)
		r.Post("/clock/next", a.next)
		r.Get("/journal", a.journal)
		r.Get("/events", a.events)
		r.Get("/alarms", a.alarms)
		r.Post("/evict", a.evictAll)
		r.Get("/namespaces/{namespace}/objects", a.objects)
		r.Post("/namespaces/{namespace}/objects/{object}/evict", a.evict)
	})
	return r
}
