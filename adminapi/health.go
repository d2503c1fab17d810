package adminapi

import "net/http"

func (a *api) live(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]string{"status": "alive"})
}

// ready tells of the builds: those of the first Worker, and what failed in any.
func (a *api) ready(w http.ResponseWriter, _ *http.Request) {
	services := a.emulator.Services()
	generation, failed := 0, ""
	if g := services[0].Generation(); g != nil {
		generation = g.Number
	}
	for _, s := range services {
		if err := s.Failed(); err != nil && failed == "" {
			failed = err.Error()
		}
	}
	switch {
	case generation == 0:
		write(w, http.StatusServiceUnavailable, map[string]any{"status": "starting", "reason": failed})
	case failed != "":
		write(w, http.StatusOK, map[string]any{"status": "degraded", "generation": generation, "reason": failed})
	default:
		write(w, http.StatusOK, map[string]any{"status": "ready", "generation": generation})
	}
}
