package adminapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A world answers on a port of its own and has the whole API under its own path, snapshots and an end of its own
// included.
func TestWorlds(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, strings.Replace(everything, "fetch(request, env) { return", `async fetch(request, env) {
		if (new URL(request.url).pathname === "/x") return Response.json(await env.THING.getByName("a").get("x"));
		return`, 1))
	const key = "/api/v1/namespaces/test-Thing/objects/name:a/storage/kv/x"
	wantOK := func(a answer) answer {
		t.Helper()
		if a.Status != http.StatusOK {
			t.Fatalf("got %+v", a)
		}
		return a
	}
	wantOK(r.call("PUT", key, `"first"`))
	wantOK(r.call("POST", "/api/v1/snapshots", `{"name":"s"}`))
	var made struct{ ID, URL, AdminURL string }
	if err := json.Unmarshal(wantOK(r.call("POST", "/api/v1/worlds", `{"from":"s"}`)).Result, &made); err != nil {
		t.Fatal(err)
	}
	own := "/worlds/" + made.ID
	if made.AdminURL != "http://127.0.0.1:8788"+own {
		t.Errorf("got %s, want the path of the world under the host that was asked", made.AdminURL)
	}
	worker := func() (string, error) {
		res, err := http.Get(made.URL + "/x")
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return string(body), err
	}
	if got, err := worker(); err != nil || got != `"first"` {
		t.Errorf("got %s, %v, want what the snapshot has", got, err)
	}
	wantOK(r.call("PUT", own+key, `"in the world"`))
	if got, err := worker(); err != nil || got != `"in the world"` {
		t.Errorf("got %s, %v", got, err)
	}
	if a := wantOK(r.call("GET", key, "")); !strings.Contains(string(a.Result), `"json":"first"`) {
		t.Errorf("got %s in the first, want what was there", a.Result)
	}
	for path, want := range map[string]string{own + "/readyz": "ready", own + "/metrics": "doemu_objects", own + "/api/v1/openapi.json": "3.1.0", own + "/": "the page"} {
		res := httptest.NewRecorder()
		r.api.ServeHTTP(res, newRequest(http.MethodGet, "http://localhost"+path, nil))
		if res.Code != http.StatusOK || !strings.Contains(res.Body.String(), want) {
			t.Errorf("%s: got %d %.200s, want %s", path, res.Code, res.Body, want)
		}
	}
	moved := httptest.NewRecorder()
	if r.api.ServeHTTP(moved, newRequest(http.MethodGet, made.AdminURL, nil)); moved.Header().Get("Location") != own+"/" {
		t.Errorf("the address of the world: got %d to %q, want its page", moved.Code, moved.Header().Get("Location"))
	}
	// A world from a snapshot of a world.
	wantOK(r.call("POST", own+"/api/v1/snapshots", `{"name":"own"}`))
	wantOK(r.call("POST", "/api/v1/worlds", `{"world":"`+made.ID+`","from":"own"}`))
	if a := wantOK(r.call("GET", "/worlds/w2"+key, "")); !strings.Contains(string(a.Result), `"json":"in the world"`) {
		t.Errorf("got %s in the second world", a.Result)
	}
	if a := r.call("POST", own+"/api/v1/worlds", ""); a.Status != http.StatusConflict {
		t.Errorf("a world in a world: got %+v, want %d", a, http.StatusConflict)
	}
	// Other names than those of this machine are refused here, too.
	req := newRequest(http.MethodGet, "http://evil.example"+own+"/api/v1/info", nil)
	res := httptest.NewRecorder()
	r.api.ServeHTTP(res, req)
	if res.Code != http.StatusForbidden {
		t.Errorf("got %d, want %d", res.Code, http.StatusForbidden)
	}
	wantOK(r.call("DELETE", "/api/v1/worlds/"+made.ID, ""))
	if got, err := worker(); err == nil {
		t.Errorf("got %s of a world that has ended, want no answer", got)
	}
	if a := r.call("GET", own+"/api/v1/info", ""); a.Status != http.StatusNotFound {
		t.Errorf("got %+v, want %d", a, http.StatusNotFound)
	}
}
