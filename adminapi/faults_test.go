package adminapi_test

import (
	"net/http"
	"testing"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.want("GET", "/api/v1/faults", "", `{"rules": []}`)
	r.want("PUT", "/api/v1/faults", `{"rules": [{"object": "name:a", "where": "alarm", "what": "delay", "ms": 1500.5, "next": 1}]}`,
		`{"rules": [{"object": "name:a", "where": "alarm", "what": "delay", "ms": 1500.5, "next": 1, "met": 0, "happened": 0}]}`)
	r.do("/a/ring/1000")
	r.want("POST", "/api/v1/clock/advance", `{"ms": 2500}`, `{"count": 1}`)
	r.want("POST", "/api/v1/clock/next", "", `{"count": 1, "now": "2026-01-02T03:04:07.500Z"}`)
	r.want("GET", "/api/v1/faults", "", `{"rules": [{"object": "name:a", "where": "alarm", "what": "delay", "ms": 1500.5, "next": 1, "met": 1, "happened": 1}]}`)
	for _, body := range []string{
		`{"rules": [{"where": "here", "what": "error"}]}`, `{"rules": [{"where": "rpc", "what": "nothing"}]}`,
		`{"rules": [{"where": "rpc", "what": "delay"}]}`, `{"rules": [{"where": "rpc", "what": "error", "ms": 1}]}`,
		`{"rules": [{"where": "rpc", "what": "error", "rate": 1.5}]}`, `{"rules": [{"where": "rpc", "what": "error", "next": -1}]}`,
		`{"rules": [{"where": "storage.commit", "what": "delay", "ms": 1}]}`, `[]`,
	} {
		if a := r.call("PUT", "/api/v1/faults", body); a.Status != http.StatusBadRequest || len(a.Errors) != 1 {
			t.Errorf("PUT faults %s: got %d %+v", body, a.Status, a.Errors)
		}
	}
	r.want("PUT", "/api/v1/faults", `{}`, `{"rules": []}`)
}
