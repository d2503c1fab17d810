package adminapi

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doemu/doemu/emulator"
)

// scheduledPaths are where wrangler dev runs a Worker's scheduled handler: as it is now, and as it was before.
// https://developers.cloudflare.com/workers/examples/cron-trigger/#test-cron-triggers-using-wrangler
var scheduledPaths = []string{"/cdn-cgi/local/scheduled", "/cdn-cgi/handler/scheduled", "/cdn-cgi/mf/scheduled"}

// WorkerPort answers what comes to the port of a Worker: the paths that wrangler dev answers itself, and for all
// others the Worker. The former show and change state, so they ask for what the admin API asks for: see [Options].
func WorkerPort(e *emulator.Emulator, s *emulator.Service, options Options) http.Handler {
	options.defaults()
	admit := options.access()
	scheduled := admit.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { runScheduled(e, s, w, r) }))
	explore := admit.guard(explorer{&api{emulator: e, options: options}}.handler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		below := func(path string) bool { return strings.HasPrefix(r.URL.Path, path+"/") }
		switch {
		case !strings.HasPrefix(r.URL.Path, "/cdn-cgi/"):
			s.ServeHTTP(w, r)
		case slices.Contains(scheduledPaths, r.URL.Path):
			scheduled.ServeHTTP(w, r)
		case slices.ContainsFunc(explorerPaths, below):
			explore.ServeHTTP(w, r)
		default:
			s.ServeHTTP(w, r)
		}
	})
}

// guard refuses, in miniflare's words where it has some, who may not see and change state.
func (a access) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.allows(r.Host) {
			http.Error(w, "Invalid Host header", http.StatusForbidden)
			return
		}
		if !a.allowsOrigin(r.Header.Get("Origin")) {
			http.Error(w, "Invalid Origin header", http.StatusForbidden)
			return
		}
		if err := a.refusal(r); err != nil {
			if err.status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			http.Error(w, err.Error(), err.status)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// runScheduled runs the scheduled handler of a Worker.
func runScheduled(e *emulator.Emulator, s *emulator.Service, w http.ResponseWriter, r *http.Request) {
	if s.Generation() == nil {
		s.ServeHTTP(w, r) // says why it has not started
		return
	}
	at := e.Clock().Now()
	if ms, err := strconv.ParseInt(r.URL.Query().Get("time"), 10, 64); err == nil {
		at = time.UnixMilli(ms)
	}
	result, err := s.Scheduled(r.Context(), r.URL.Query().Get("cron"), at)
	if r.Context().Err() != nil {
		return
	}
	if err != nil {
		result = []byte(`{"outcome":"exception"}`)
	}
	outcome := "ok"
	if bytes.Contains(result, []byte(`"exception"`)) {
		outcome = "exception"
		w.WriteHeader(http.StatusInternalServerError)
	}
	// A client that has gone cannot be told of anything.
	if r.URL.Query().Get("format") == "json" {
		_, _ = w.Write(result)
	} else {
		fmt.Fprint(w, outcome)
	}
}
