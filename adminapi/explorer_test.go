package adminapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doemu/doemu/adminapi"
)

// What wrangler's local explorer says of Durable Objects.
func TestExplorer(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	handler := adminapi.WorkerPort(r.Emulator, r.Services()[0], adminapi.Options{})
	id, _, err := r.Namespace("test-Thing").Resolve("name:a")
	if err != nil {
		t.Fatal(err)
	}
	const api = "/cdn-cgi/local/explorer/api/workers/durable_objects/namespaces"
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", api, "", 200, `{"success":true,"errors":[],"messages":[],"result":[{"id":"test-Thing","name":"test_Thing","script":"test","class":"Thing","use_sqlite":true},{"id":"test-Old","name":"test_Old","script":"test","class":"Old","use_sqlite":false}],"result_info":{"count":2}}`},
		{"GET", "/cdn-cgi/explorer/api/workers/durable_objects/namespaces/test-Thing/objects", "", 200, `"result":[],"result_info":{"count":0,"cursor":""}}`},
		{"POST", api + "/test-Thing/query", `{"durable_object_name":"a","queries":[{"sql":"CREATE TABLE t (n)"},{"sql":"INSERT INTO t VALUES (?)","params":[1]}]}`, 200, `"result":[{"columns":[],"rows":[],"meta":{"rows_read":1,"rows_written":2}},{"columns":[],"rows":[],"meta":{"rows_read":0,"rows_written":1}}]}`},
		{"POST", api + "/test-Thing/query", `{"durable_object_id":"` + id + `","queries":[{"sql":"SELECT n FROM t"}]}`, 200, `"result":[{"columns":["n"],"rows":[[1]],"meta":{"rows_read":1,"rows_written":0}}]}`},
		{"GET", api + "/test-Thing/objects?limit=10", "", 200, `"result":[{"id":"` + id + `","name":"a","hasStoredData":true}],"result_info":{"count":1,"cursor":""}}`},
		{"GET", api + "/test-Thing/objects?limit=1", "", 400, `[{"code":10001,"message":"limit: Too small: expected number to be >=10"}]`},
		{"GET", api + "/no/objects", "", 404, `[{"code":10066,"message":"Durable Object namespace ID 'no' not found."}]`},
		{"POST", api + "/test-Old/query", `{"durable_object_name":"a","queries":[{"sql":"SELECT 1"}]}`, 400, `[{"code":10001,"message":"Namespace does not use SQLite storage: test-Old"}]`},
		{"POST", api + "/test-Thing/query", `{"durable_object_name":"a","queries":[]}`, 400, "No queries provided"},
		{"POST", api + "/test-Thing/query", `{"durable_object_id":"ab","queries":[{"sql":"SELECT 1"}]}`, 400, `[{"code":10001,"message":"Invalid Durable Object ID: must be 64 hex digits"}]`},
		{"POST", api + "/test-Thing/query", `{"durable_object_name":"a","queries":[{"sql":"SELECT nope"}]}`, 400, `[{"code":10001,"message":"no such column: nope at offset 7: SQLITE_ERROR"}]`},
		{"GET", "/cdn-cgi/local/explorer/api/nothing", "", 404, "404 Not Found"},
	} {
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, newRequest(test.method, "http://localhost:8787"+test.path, strings.NewReader(test.body)))
		if got := res.Body.String(); res.Code != test.status || !strings.Contains(got, test.want) {
			t.Errorf("%s %s %s: got %d %s\nwant %d and %s", test.method, test.path, test.body, res.Code, got, test.status, test.want)
		}
	}
	for _, e := range r.Journal().Since(0) {
		if e.Kind == "wake" {
			t.Errorf("an object was woken: %+v", e)
		}
	}
}
