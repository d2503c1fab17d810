// Package adminapi is the HTTP API by which people and tools see and steer a running emulator.
package adminapi

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// Status is what the emulator says of itself.
type Status struct {
	// Generation is the number of the build that serves, 0 before the first.
	Generation int
	// Failed is why the newest build does not serve, or "".
	Failed string
}

// New makes the API's handler.
func New(status func() Status) http.Handler {
	r := chi.NewRouter()
	r.Use(onlyLoopback)
	r.Get("/livez", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	r.Get("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		s := status()
		switch {
		case s.Generation == 0:
			write(w, http.StatusServiceUnavailable, map[string]any{"status": "starting", "reason": s.Failed})
		case s.Failed != "":
			write(w, http.StatusOK, map[string]any{"status": "degraded", "generation": s.Generation, "reason": s.Failed})
		default:
			write(w, http.StatusOK, map[string]any{"status": "ready", "generation": s.Generation})
		}
	})
	return r
}

func write(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	// The client that cannot be written to has gone.
	_ = json.NewEncoder(w).Encode(v)
}

// onlyLoopback refuses requests that a page of another site makes, by name (DNS rebinding) or from
// its origin.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if !loopback(r.Host) || origin != "" && !loopback(strings.TrimPrefix(strings.TrimPrefix(origin, "http://"), "https://")) {
			http.Error(w, "The admin API answers requests from this machine only.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
