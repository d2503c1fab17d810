package adminapi_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A snapshot that one doemu packs another takes and restores; what is no archive is refused.
func TestArchive(t *testing.T) {
	t.Parallel()
	from, to := newRigOf(t, everything), newRigOf(t, everything)
	const key = "/api/v1/namespaces/test-Thing/objects/name:a/storage/kv/x"
	for _, call := range [][3]string{{"PUT", key, `"packed"`}, {"POST", "/api/v1/snapshots", `{"name":"s"}`}} {
		if a := from.call(call[0], call[1], call[2]); a.Status != http.StatusOK {
			t.Fatalf("%v: got %+v", call, a)
		}
	}
	packed := httptest.NewRecorder()
	from.api.ServeHTTP(packed, newRequest(http.MethodGet, "http://localhost/api/v1/snapshots/s/archive", nil))
	if got := packed.Header().Get("Content-Disposition"); got != `attachment; filename="s.tar.gz"` {
		t.Errorf("got %s", got)
	}
	take := func(name string, archive []byte) (int, string) {
		res := httptest.NewRecorder()
		req := newRequest(http.MethodPost, "http://localhost/api/v1/snapshots/"+name+"/archive", bytes.NewReader(archive))
		req.Header.Set("Content-Type", "application/gzip")
		to.api.ServeHTTP(res, req)
		return res.Code, res.Body.String()
	}
	for _, test := range []struct {
		name    string
		archive []byte
		status  int
		want    string
	}{
		{"taken", packed.Body.Bytes(), 200, `"name":"taken"`},
		{"taken", packed.Body.Bytes(), 409, "already"},
		{"now", packed.Body.Bytes(), 400, "no name for a snapshot"},
		{"..%2Fx", packed.Body.Bytes(), 400, "no name for a snapshot"},
		{"bad", []byte("hello"), 400, "this is no archive of a snapshot"},
	} {
		if status, text := take(test.name, test.archive); status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s: got %d %s, want %d and %s", test.name, status, text, test.status, test.want)
		}
	}
	if a := to.call("POST", "/api/v1/snapshots/taken/restore", ""); a.Status != http.StatusOK {
		t.Fatalf("got %+v", a)
	}
	if a := to.call("GET", key, ""); !strings.Contains(string(a.Result), `"json":"packed"`) {
		t.Errorf("got %+v, want the value that was packed", a)
	}
}
