package adminapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestObjects(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do("/a/ring/60000")
	r.do("/b%20c/stick/0")
	type object struct {
		ID, Name, State string
		PinnedBy        []struct{ Kind, Detail string }
		Alarm           *struct{ At string }
		LastEvent       struct{ Time, Kind, Detail string }
	}
	list := func(query string) (objects []object, cursor string) {
		t.Helper()
		a := r.call("GET", "/api/v1/namespaces/test-Thing/objects"+query, "")
		if err := json.Unmarshal(a.Result, &objects); err != nil || a.ResultInfo.Count != len(objects) {
			t.Fatalf("GET objects%s: got %s, %+v", query, a.Result, a.ResultInfo)
		}
		return objects, a.ResultInfo.Cursor
	}
	active, _ := list("?state=active")
	if len(active) != 1 || active[0].Name != "b%20c" || len(active[0].PinnedBy) != 1 || active[0].PinnedBy[0].Kind != "timer" ||
		!strings.Contains(active[0].PinnedBy[0].Detail, "index.js:") || active[0].LastEvent.Time != "2026-01-02T03:04:05.000Z" {
		t.Errorf("active: got %+v, want the object that a timer keeps in memory", active)
	}
	idle, _ := list("?prefix=a")
	if len(idle) != 1 || idle[0].State != "idle" || idle[0].Alarm == nil || idle[0].Alarm.At != "2026-01-02T03:05:05.000Z" {
		t.Errorf("idle: got %+v, want one with an alarm", idle)
	}
	first, cursor := list("?limit=1")
	second, end := list("?limit=1&cursor=" + cursor)
	if len(first) != 1 || len(second) != 1 || first[0].ID >= second[0].ID || end != "" {
		t.Errorf("pages: got %+v, %+v, cursor %q", first, second, end)
	}

	const objects = "/api/v1/namespaces/test-Thing/objects/"
	r.want("POST", objects+"name:a/evict", "", `{"webSockets": "hibernate", "object": "`+idle[0].ID+`"}`)
	for path, want := range map[string]int{
		objects + "name:%61/evict":                        http.StatusNotFound, // it is not in memory any more
		objects + "abc/evict":                             http.StatusBadRequest,
		"/api/v1/namespaces/no-Class/objects/abc/evict":   http.StatusNotFound,
		"/api/v1/namespaces/no-Class/objects/name:/evict": http.StatusNotFound,
	} {
		if a := r.call("POST", path, ""); a.Status != want || len(a.Errors) != 1 {
			t.Errorf("POST %s: got %d %+v, want %d", path, a.Status, a.Errors, want)
		}
	}
	if a := r.call("POST", "/api/v1/evict", `{"webSockets": "keep"}`); a.Status != http.StatusBadRequest || a.Errors[0].Message != `options.webSockets must be "hibernate" or "close".` {
		t.Errorf("POST evict: got %d %+v", a.Status, a.Errors)
	}
	alarms := r.call("GET", "/api/v1/alarms", "")
	if want := `"next":"2026-01-02T03:05:05.000Z","attempt":0,"running":false`; !strings.Contains(string(alarms.Result), want) || alarms.ResultInfo.Count != 1 {
		t.Errorf("GET alarms: got %s, want %s in it", alarms.Result, want)
	}
}
