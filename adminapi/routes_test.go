package adminapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/doemu/doemu/adminapi"
)

const everything = `
import { DurableObject } from "cloudflare:workers";
export class Thing extends DurableObject {
	sum(...numbers) { return numbers.reduce((a, b) => a + b, 0); }
	date() { return new Map([["at", new Date(0)]]); }
	nothing() {}
	infinite() { return -Infinity; }
	bad() { throw new TypeError("not today"); }
	get(key) { return this.ctx.storage.kv.get(key); }
	alarm() { if (this.ctx.storage.kv.get("fail")) throw new Error("no bell"); }
	part(first, ...below) { return this.ctx.facets.get(first, () => ({ class: this.ctx.exports.Part })).note(...below); }
	drop(name) { this.ctx.facets.delete(name); }
	get size() { return new Set([1, 2]); }
	get box() { return { inner: { twice: (n) => 2 * n } }; }
	async fetch(request) {
		if (request.url.endsWith("/bad")) throw new RangeError("too far");
		if (request.headers.get("Upgrade") !== "websocket") {
			return new Response([request.method, request.url, request.headers.get("X-Mine"), await request.text()].join(" "), { status: 200, headers: { "Content-Type": "text/plain" } });
		}
		const [mine, theirs] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(mine, ["guest"]);
		mine.serializeAttachment({ seat: 7 });
		this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
		return new Response(null, { status: 101, webSocket: theirs });
	}
	webSocketMessage(ws, message) { ws.send("heard " + message); }
}
export class Part extends DurableObject {
	async note(first, ...below) {
		this.ctx.storage.kv.put("below", [first, ...below]);
		this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS parts (name); INSERT INTO parts VALUES ('one')");
		if (first) await this.ctx.facets.get(first, () => ({ class: this.ctx.exports.Part })).note(...below);
	}
}
export class Old extends DurableObject {}
export default {
	fetch(request, env) { return env.THING.getByName("room").fetch(request); },
	double(n) { return n * 2; },
	scheduled(controller) { if (controller.cron === "bad") throw new Error("no"); },
};`

// checked calls an API and checks each answer against its OpenAPI document.
type checked struct {
	*rig
	validator validator.Validator
	// seen are the methods and paths that were called, by their operation's id.
	seen map[string]bool
	ids  map[string]string // of operations, by method and path in the document
}

func newChecked(t *testing.T, r *rig) *checked {
	t.Helper()
	res := httptest.NewRecorder()
	r.api.ServeHTTP(res, newRequest(http.MethodGet, "http://localhost/api/v1/openapi.json", nil))
	document, err := libopenapi.NewDocument(res.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, errs := v.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("the document: %s: %s", e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				t.Errorf("	%s at %s", s.Reason, s.FieldPath)
			}
		}
	}
	c := &checked{rig: r, validator: v, seen: map[string]bool{}, ids: map[string]string{}}
	var spec struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(res.Body.Bytes(), &spec); err != nil {
		t.Fatal(err)
	}
	for path, methods := range spec.Paths {
		for method, operation := range methods {
			c.ids[strings.ToUpper(method)+" "+path] = operation.OperationID
		}
	}
	return c
}

// operation finds the operation of a request.
func (c *checked) operation(method, path string) string {
	parts := strings.Split(path, "/")
	for key, id := range c.ids {
		declared, template, _ := strings.Cut(key, " ")
		if declared != method {
			continue
		}
		if slices.EqualFunc(strings.Split(template, "/"), parts, func(t, p string) bool { return t == p || strings.HasPrefix(t, "{") }) {
			return id
		}
	}
	return ""
}

// do calls the API; the body of a request is JSON.
func (c *checked) do(method, path, body string) (status int, text string) {
	c.t.Helper()
	request := func() *http.Request {
		req := newRequest(method, "http://localhost"+path, strings.NewReader(body))
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		return req
	}
	res := httptest.NewRecorder()
	c.api.ServeHTTP(res, request())
	result := res.Result()
	raw, err := io.ReadAll(result.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	result.Body = io.NopCloser(bytes.NewReader(raw))
	plain, _, _ := strings.Cut(path, "?")
	id := c.operation(method, plain)
	if id == "" {
		c.t.Errorf("%s %s is not in the document", method, path)
		return res.Code, string(raw)
	}
	c.seen[id] = true
	ok, errs := c.validator.ValidateHttpResponse(request(), result)
	if res.Code == http.StatusOK && ok {
		ok, errs = c.validator.ValidateHttpRequest(request())
	}
	if !ok {
		for _, e := range errs {
			c.t.Errorf("%s %s: %s: %s", method, path, e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				c.t.Errorf("	%s at %s in %.1000s", s.Reason, s.FieldPath, raw)
			}
		}
	}
	return res.Code, string(raw)
}

// TestRoutes calls every route, and checks what it answers against the document.
func TestRoutes(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	c := newChecked(t, r)
	const (
		ns   = "/api/v1/namespaces/test-Thing/objects"
		room = ns + "/name:room"
		old  = "/api/v1/namespaces/test-Old/objects/name:a"
	)
	socket := openSocket(t, r)
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string // in the answer
	}{
		{"GET", "/livez", "", 200, `{"status":"alive"}`},
		{"GET", "/readyz", "", 200, `{"status":"ready","generation":1}`},
		{"GET", "/api/v1/openapi.json", "", 200, `"3.1.0"`},
		{"GET", "/api/v1/info", "", 200, `"version":"1.2.3","project":"test","stateDir":""`},
		{"GET", "/api/v1/info", "", 200, `{"name":"SECRET","type":"variable"}`},
		{"GET", "/api/v1/diagnose", "", 200, `{"ok":true,"checks":[{"name":"workers","ok":true,"detail":"1 of 1 serve","ms":`},
		{"GET", "/api/v1/diagnose", "", 200, `{"name":"storage","ok":true,"detail":"in memory","ms":`},
		{"GET", "/api/v1/namespaces", "", 200, `{"id":"test-Thing","worker":"test","class":"Thing","storage":"sqlite","generation":1,"objects":1,"states":{"active":0,"idle":1,"hibernated":0,"evicted":0},"sockets":1,"alarms":0}`},

		// Key-value storage, of an object that was never in memory.
		{"GET", ns + "/name:kv", "", 404, "there is no such object"},
		{"GET", ns + "/name:kv/storage/kv", "", 404, "there is no such object"},
		{"PUT", ns + "/name:kv/storage/kv/a%2Fb%20c", `{"x":[1,"é",null]}`, 200, `{"key":"a/b c","type":"Object","preview":"{x: [1, \"é\", null]}","json":{"x":[1,"é",null]},"bytes":`},
		{"PUT", ns + "/name:kv/storage/kv/n", "5", 200, `"type":"number","preview":"5","json":5`},
		{"PUT", ns + "/name:kv/storage/kv/n", "undefined", 400, "The body is not the JSON"},
		{"GET", ns + "/name:kv/storage/kv/n", "", 200, `"json":5`},
		{"GET", ns + "/name:kv/storage/kv/none", "", 404, `The object has no key \"none\".`},
		{"GET", ns + "/name:kv/storage/kv?limit=1", "", 200, `"result_info":{"count":1,"cursor":"YS9iIGM"}`},
		{"GET", ns + "/name:kv/storage/kv?limit=1&cursor=YS9iIGM", "", 200, `[{"key":"n",`},
		{"GET", ns + "/name:kv/storage/kv?prefix=x", "", 200, `"result":[],"result_info":{"count":0,"cursor":""}`},
		{"GET", ns + "?state=evicted", "", 200, `"name":"kv","state":"evicted","pinnedBy":[],"alarm":null,"sockets":0`},
		{"POST", ns + "/name:kv/rpc/get", `{"args":["a/b c"]}`, 200, `"json":{"x":[1,"é",null]}`},
		{"DELETE", ns + "/name:kv/storage/kv/n", "", 200, `{"deleted":true}`},
		{"DELETE", ns + "/name:kv/storage/kv/n", "", 200, `{"deleted":false}`},
		{"DELETE", ns + "/name:nobody/storage/kv/n", "", 404, "there is no such object"},

		// SQL.
		{"POST", room + "/storage/query", `{"queries":[{"sql":"CREATE TABLE \"a \"\"b\" (id INTEGER PRIMARY KEY, t TEXT NOT NULL DEFAULT 'x', b BLOB)"},{"sql":"INSERT INTO \"a \"\"b\" VALUES (?, ?, ?)","params":[1,"é",{"base64":"AAE="}]}]}`, 200, `"rowsWritten":1`},
		{"POST", room + "/storage/query", `{"sql":"SELECT *, 9e999 AS inf FROM \"a \"\"b\""}`, 200, `{"columns":["id","t","b","inf"],"rows":[[1,"é",{"base64":"AAE="},{"number":"+Inf"}]],"rowsRead":1,"rowsWritten":0,"truncated":false}`},
		{"POST", room + "/storage/query", `{"sql":"DELETE FROM \"a \"\"b\"","readonly":true}`, 400, "readonly refuses"},
		{"POST", room + "/storage/query", `{"queries":[{"sql":"DELETE FROM \"a \"\"b\""},{"sql":"SELECT nope"}]}`, 422, "no such column: nope"},
		{"POST", room + "/storage/query", `{"sql":"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n","limit":2}`, 200, `"rows":[[1],[2]],"rowsRead":3,"rowsWritten":0,"truncated":true`},
		{"POST", ns + "/name:kv/storage/query", `{"sql":"SELECT * FROM _cf_KV"}`, 422, "prohibited"},
		{"POST", room + "/storage/query", `{}`, 400, "A query takes"},
		{"POST", room + "/storage/query", `{"sql":"SELECT ?","params":[[]]}`, 400, "an array is no SQL value"},
		{"POST", ns + "/name:nobody/storage/query", `{"sql":"SELECT 1"}`, 404, "there is no such object"},
		{"POST", old + "/storage/query", `{"sql":"SELECT 1"}`, 409, "test-Old has key-value storage only"},
		{"GET", room + "/storage/tables", "", 200, `[{"name":"a \"b","type":"table",`},
		{"GET", room + "/storage/tables", "", 200, `{"name":"t","type":"TEXT","notNull":true,"default":"'x'","primaryKey":0},{"name":"b","type":"BLOB","notNull":false,"default":null,"primaryKey":0}],"rows":1}]`},
		{"PUT", old + "/storage/kv/x", "1", 200, `"json":1`},
		{"GET", old + "/storage/kv", "", 200, `"key":"x"`},

		// Facets: while they are in memory, and when they are not.
		{"POST", ns + "/name:whole/rpc/part", `{"args":["a/1","é"]}`, 200, `"undefined"`},
		{"POST", ns + "/name:whole/rpc/part", `{"args":["b"]}`, 200, `"undefined"`},
		{"GET", ns + "/name:whole", "", 200, `"facets":[{"path":["a/1"],"bytes":`},
		{"GET", ns + "/name:whole/storage/kv?facet=a/1", "", 200, `"key":"below","type":"Array","preview":"[\"é\"]"`},
		{"POST", ns + "/name:whole/evict", "", 200, ""},
		{"GET", ns + "/name:whole", "", 200, `},{"path":["a/1","é"],"bytes":`},
		{"GET", ns + "/name:whole/storage/kv?facet=a/1&facet=%C3%A9", "", 200, `"preview":"[undefined]"`},
		{"GET", ns + "/name:whole/storage/kv/below?facet=b", "", 200, `"preview":"[undefined]"`},
		{"GET", ns + "/name:whole/storage/tables?facet=a/1", "", 200, `[{"name":"parts",`},
		{"POST", ns + "/name:whole/storage/query?facet=b", `{"sql":"SELECT * FROM parts"}`, 200, `"rows":[["one"]]`},
		{"POST", ns + "/name:whole/storage/query?facet=b", `{"sql":"DELETE FROM parts"}`, 400, "can only be read from outside"},
		{"GET", ns + "/name:whole/storage/kv?facet=c", "", 404, "no such facet"},
		{"GET", ns + "/name:whole/storage/kv", "", 200, `"result":[]`},
		{"POST", ns + "/name:whole/rpc/drop", `{"args":["a/1"]}`, 200, ""},
		{"GET", ns + "/name:whole/storage/kv?facet=a/1", "", 404, "no such facet"},
		{"GET", ns + "/name:whole", "", 200, `"facets":[{"path":["b"],`},
		{"DELETE", ns + "/name:whole", "", 200, ""},

		// WebSockets.
		{"GET", room + "/sockets", "", 200, `"autoResponse":{"request":"ping","response":"pong"},"sockets":[{"id":1,"tags":["guest"],"openedAt":"2026-01-02T03:04:05.000Z","attachment":{"type":"Object","preview":"{seat: 7}","json":{"seat":7}`},
		{"POST", room + "/sockets/1/send", `{"text":"psst"}`, 200, `{"sent":true}`},
		{"POST", room + "/sockets/1/send", `{"text":"psst","to":"object"}`, 200, `{"sent":true}`},
		{"POST", room + "/sockets/1/send", `{"base64":"AA=="}`, 200, `{"sent":true}`},
		{"POST", room + "/sockets/1/send", `{"base64":"AA==","text":""}`, 400, "send takes"},
		{"POST", room + "/sockets/1/send", `{"text":"","to":"x"}`, 400, "must be client or object"},
		{"POST", room + "/sockets/x/send", `{"text":""}`, 404, "no such WebSocket"},
		{"POST", room + "/sockets/1/close", `{"code":1001}`, 400, "must be 1000"},
		{"GET", room, "", 200, `"frames":[{"time":"2026-01-02T03:04:05.000Z","from":"object","kind":"text","bytes":4,"preview":"psst","automatic":false}`},
		{"POST", room + "/sockets/1/close", `{"code":4000,"reason":"bye"}`, 200, `{"closed":true}`},

		// Calls.
		{"POST", room + "/rpc/sum", `{"args":[1,2.5]}`, 200, `{"type":"number","preview":"3.5","json":3.5,`},
		{"POST", room + "/rpc/nothing", "", 200, `{"type":"undefined","preview":"undefined",`},
		{"POST", room + "/rpc/infinite", "", 200, `{"type":"number","preview":"-Infinity",`},
		{"POST", room + "/rpc/date", "", 200, `{"type":"Map","preview":"Map {\"at\" => 1970-01-01T00:00:00.000Z}",`},
		{"POST", room + "/rpc/bad", "", 500, "TypeError: not today"},
		{"POST", room + "/rpc/bad", "", 500, `"thrown":{"name":"TypeError","message":"not today","stack":"    at Thing.bad (`},
		{"GET", room + "/rpc/size", "", 200, `"type":"Set","preview":"Set {1, 2}"`},
		{"POST", room + "/rpc/%5B%22box%22,%22inner%22,%22twice%22%5D", `{"args":[4]}`, 200, `"json":8`},
		{"POST", "/api/v1/services/test/rpc/double", `{"args":[4]}`, 200, `"json":8`},
		{"GET", "/api/v1/services/test/rpc/none", "", 500, `"thrown":{"name":"TypeError",`},
		{"GET", "/api/v1/services/no/rpc/none", "", 404, "There is no Worker no."},
		{"POST", "/api/v1/services/test/rpc/x?entrypoint=No", "", 404, `exports no entrypoint \"No\"`},
		{"GET", "/api/v1/services/test/vars", "", 200, `{"vars":{"SECRET":"hidden"}}`},
		{"GET", "/api/v1/services/test/files", "", 200, `index.js"`},
		{"POST", "/api/v1/settle", "", 200, `"mode":"frozen"`},
		{"GET", room + "/fetch", "", 200, "GET http://localhost/"},
		{"POST", room + "/fetch", "hello", 200, "POST http://localhost/  hello"},
		{"GET", "/api/v1/services/test/fetch", "", 200, "GET http://localhost/"},
		{"POST", "/api/v1/services/test/fetch", "hello", 200, "POST http://localhost/  hello"},
		{"POST", room + "/run", "[]", 400, "structured-clone format"},
		{"POST", room + "/rpc/none", "", 500, "The RPC receiver does not implement the method"},

		// Alarms.
		{"PUT", room + "/alarm", `{"at":"2026-01-02T04:00:00Z"}`, 200, `"at":"2026-01-02T04:00:00.000Z","next":"2026-01-02T04:00:00.000Z","attempt":0,"running":false`},
		{"PUT", room + "/alarm", `{"at":"soon"}`, 400, "soon"},
		{"PUT", room + "/alarm", `{}`, 400, "An alarm takes"},
		{"GET", "/api/v1/alarms", "", 200, `"result_info":{"count":1,"cursor":""}`},
		{"POST", room + "/alarm/fire", "", 200, `"alarm":null`},
		{"POST", room + "/alarm/fire", "", 404, "no alarm"},
		{"PUT", room + "/storage/kv/fail", "true", 200, ""},
		{"PUT", room + "/alarm", `{"at":1767326400000}`, 200, ""},
		{"POST", room + "/alarm/fire", "", 200, `"error":"no bell","alarm":{`},
		{"DELETE", room + "/alarm", "", 200, `{"deleted":true}`},
		{"DELETE", room + "/alarm", "", 404, "no alarm"},

		// The clock and the journal.
		{"GET", "/api/v1/clock", "", 200, `"mode":"frozen"`},
		{"POST", "/api/v1/clock/advance", `{"ms":1000}`, 200, `"now":"2026-01-02T03:04:06.000Z"`},
		{"POST", "/api/v1/clock/advance", `{"ms":-1}`, 400, "advance takes"},
		{"POST", "/api/v1/clock/set", `{"at":"2026-01-03"}`, 200, `"to":"2026-01-03T00:00:00.000Z"`},
		{"POST", "/api/v1/clock/next", "", 200, `"now":"2026-01-03T00:00:00.000Z"`},
		{"POST", "/api/v1/clock/resume", "", 200, `"mode":"real"`},
		{"POST", "/api/v1/clock/freeze", "", 200, `"mode":"frozen"`},
		{"GET", "/api/v1/journal?kind=edit&limit=1", "", 200, `"detail":"put \"a/b c\""`},
		{"GET", "/api/v1/journal?kind=edit&last=1", "", 200, `"count":1,"cursor":""`},
		{"GET", "/api/v1/journal?limit=x", "", 400, `limit is \"x\", but must be a whole number`},

		// Snapshots.
		{"GET", "/api/v1/snapshots", "", 200, `"result":[]`},
		{"POST", "/api/v1/snapshots", `{"name":"../x"}`, 400, "no name for a snapshot"},
		{"POST", "/api/v1/snapshots", `{"name":"kv","objects":[{"namespace":"test-Thing","object":"name:kv"}]}`, 200, `"name":"kv","at":"2026-01-03T00:00:00.`},
		{"POST", "/api/v1/snapshots", `{"name":"kv"}`, 409, "there is a snapshot of that name already"},
		{"POST", "/api/v1/snapshots", `{"objects":[{"namespace":"test-Thing","object":"name:nobody"}]}`, 404, "there is no such object"},
		{"POST", "/api/v1/snapshots", `{"objects":[{"namespace":"no-Class"}]}`, 404, "There is no namespace no-Class."},
		{"POST", "/api/v1/snapshots", `{"name":"all"}`, 200, `"whole":true,"frozen":true,"objects":3`},
		{"PUT", ns + "/name:kv/storage/kv/new", `[1]`, 200, ""},
		{"POST", room + "/storage/query", `{"sql":"INSERT INTO \"a \"\"b\" VALUES (2, 'new', x'00')"}`, 200, ""},
		{"GET", "/api/v1/snapshots/kv", "", 200, `"items":[{"namespace":"test-Thing","id":"`},
		{"GET", "/api/v1/snapshots/all/diff/now", "", 200, `"keys":[{"key":"new","change":"added","before":null,"after":{"type":"Array","preview":"[1]","json":[1],`},
		{"GET", "/api/v1/snapshots/all/diff/now", "", 200, `"columns":["id","t","b"],"rows":[{"change":"added","before":null,"after":[2,"new",{"base64":"AA=="}]}],"more":false}`},
		{"GET", "/api/v1/snapshots/all/diff/kv", "", 200, `"objects":[],"more":false`},
		{"GET", "/api/v1/snapshots/none/diff/now", "", 404, "there is no such snapshot"},
		{"GET", "/api/v1/snapshots/all/archive", "", 200, "\x1f\x8b"},
		{"POST", "/api/v1/snapshots/all/restore", `{"webSockets":"eat"}`, 400, "close"},
		{"POST", "/api/v1/snapshots/all/restore", `{"webSockets":"keep"}`, 200, `{"restored":3,"deleted":0}`},
		{"GET", "/api/v1/snapshots/all/diff/now", "", 200, `"objects":[],"more":false`},
		// Worlds.
		{"POST", "/api/v1/worlds", `{"from":"none"}`, 404, "there is no such snapshot"},
		{"POST", "/api/v1/worlds", `{"world":"w9","from":"all"}`, 404, `There is no world \"w9\".`},
		{"POST", "/api/v1/worlds", `{"clock":"broken"}`, 400, "real"},
		{"POST", "/api/v1/worlds", `{"name":"a test","from":"all","clock":"frozen","at":0,"seed":1}`, 200, `"id":"w1","name":"a test","url":"http://localhost:`},
		{"GET", "/api/v1/worlds", "", 200, `"adminUrl":"http://localhost/worlds/w1"`},
		{"DELETE", "/api/v1/worlds/w1", "", 200, `{"deleted":true}`},
		{"DELETE", "/api/v1/worlds/w1", "", 404, `There is no world \"w1\".`},

		{"DELETE", "/api/v1/snapshots/kv", "", 200, `{"deleted":true}`},
		{"DELETE", "/api/v1/snapshots/kv", "", 404, "there is no such snapshot"},

		// Objects.
		{"GET", ns + "?state=no", "", 400, "must be one of active, idle, hibernated, evicted"},
		{"GET", ns + "?limit=1", "", 200, `"count":1,"cursor":"`},
		{"GET", ns + "/abc", "", 400, "64 hex digits"},
		{"GET", "/api/v1/namespaces/no-Class/objects", "", 404, "There is no namespace no-Class."},
		{"POST", ns + "/name:kv/rpc/nothing", "", 200, ""},
		{"POST", ns + "/name:kv/evict", `{"webSockets":"close"}`, 200, `"webSockets":"close"`},
		{"POST", "/api/v1/evict", "", 200, `{"webSockets":"hibernate"}`},
		{"DELETE", ns + "/name:kv", "", 200, `{"deleted":true}`},
		{"DELETE", ns + "/name:kv", "", 404, "there is no such object"},
		{"POST", "/api/v1/reset", `{"object":"name:a"}`, 400, "only with its namespace"},
		{"POST", "/api/v1/reset", `{"namespace":"test-Old","object":"name:a"}`, 200, `{"deleted":1}`},
		{"POST", "/api/v1/reset", `{"namespace":"test-Thing"}`, 200, `{"deleted":1}`},
		{"POST", "/api/v1/reset", "", 200, `{"deleted":0}`},

		// Faults.
		{"PUT", "/api/v1/faults", `{"rules":[{"where":"rpc","what":"error","rate":0.5}]}`, 200, `"met":0,"happened":0`},
		{"GET", "/api/v1/faults", "", 200, `"where":"rpc","what":"error","rate":0.5`},
		{"PUT", "/api/v1/faults", `{"rules":[{"where":"moon","what":"error"}]}`, 400, "moon"},
		{"PUT", "/api/v1/faults", "", 200, `{"rules":[]}`},

		// The Worker.
		{"POST", "/api/v1/scheduled", `{"cron":"* * * * *","at":"2026-01-02T03:04:05Z"}`, 200, `"outcome":"ok"`},
		{"POST", "/api/v1/scheduled", `{"cron":"bad"}`, 200, `"outcome":"exception"`},
		{"POST", "/api/v1/scheduled", `{"worker":"no"}`, 404, "There is no Worker no. There are: [test]."},
		{"POST", "/api/v1/reload", "", 200, `"generation":2`},
		{"GET", "/metrics", "", 200, `doemu_objects{namespace="test-Thing",state="evicted"} 0`},
		{"GET", "/metrics", "", 200, `doemu_events_total{kind="alarm",namespace="test-Thing",worker="test"} 2`},
	} {
		status, text := c.do(test.method, test.path, test.body)
		if status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s %s %s: got %d %s\nwant %d and %s", test.method, test.path, test.body, status, text, test.status, test.want)
		}
		if err := r.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	socket.wantFrames(t, "psst", "heard psst", "\x00", "close 4000 bye")

	// A build that fails changes nothing.
	if err := os.WriteFile(filepath.Join(r.dir, "index.js"), []byte("export default {"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, text := c.do("POST", "/api/v1/reload", ""); status != 422 || !strings.Contains(text, "The code from before goes on serving.") {
		t.Errorf("reload: got %d %s", status, text)
	}
	if status, text := c.do("GET", "/readyz", ""); status != 200 || !strings.Contains(text, `"degraded","generation":2`) {
		t.Errorf("readyz: got %d %s", status, text)
	}

	// TestArchive takes one.
	c.seen[c.operation("POST", "/api/v1/snapshots/all/archive")] = true
	// TestEvents reads the stream.
	c.seen[c.operation("GET", "/api/v1/events")] = true
	for key, id := range c.ids {
		if !c.seen[id] {
			t.Errorf("no test calls %s", key)
		}
	}
}

// client is the client of a WebSocket.
type client struct {
	*websocket.Conn
}

// openSocket connects a client to the object room.
func openSocket(t *testing.T, r *rig) client {
	t.Helper()
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	conn, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return client{conn}
}

func (c client) wantFrames(t *testing.T, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got []string
	for range want {
		_, data, err := c.Read(ctx)
		if err == nil {
			got = append(got, string(data))
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) {
			t.Fatal(err)
		}
		got = append(got, "close "+strconv.Itoa(int(closed.Code))+" "+closed.Reason)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the client got %q, want %q", got, want)
	}
}

// Nobody gets more than they should, nor keeps the API busy.
func TestSafety(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	hurried := &rig{r.Emulator, t, r.dir, adminapi.New(r.Emulator, adminapi.Options{QueryTime: 50 * time.Millisecond})}
	const things = "/api/v1/namespaces/test-Thing/objects/"
	if a := r.call("PUT", things+"name:a/storage/kv/x", "1"); a.Status != http.StatusOK {
		t.Fatalf("got %+v", a)
	}
	const endless = `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)`
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", things + "name:a/storage/query", `{"sql":"` + endless + ` SELECT max(i) FROM n"}`, 422, "within 50ms"},
		{"POST", things + "name:a/storage/query", `{"sql":"CREATE TABLE t AS ` + endless + ` SELECT i FROM n"}`, 422, "within 50ms"},
		{"POST", things + "name:a/storage/query", `{"sql":"ATTACH '/etc/passwd' AS x"}`, 422, "not authorized"},
		{"PUT", things + "name:a/storage/kv/x", `"` + strings.Repeat("x", 33<<20) + `"`, 413, "larger than"},
		{"POST", "/api/v1/reset", `{"namespace":"` + strings.Repeat("x", 33<<20) + `"}`, 413, "larger than"},
		{"GET", "/api/v1/namespaces/..%2F..%2Fetc/objects", "", 404, "There is no namespace ../../etc."},
		{"GET", "/api/v1/namespaces/../../etc/objects", "", 404, "There is no route"},
		{"GET", things + "..%2Fmetadata", "", 400, "64 hex digits"},
		{"GET", things + "name:..%2F..%2Fmetadata/storage/kv", "", 404, "there is no such object"},
		{"DELETE", things + "metadata", "", 400, "64 hex digits"},
		{"PATCH", things + "name:a", "", 405, "does not take PATCH"},
	} {
		api := r
		if strings.Contains(test.body, endless) {
			api = hurried
		}
		a := api.call(test.method, test.path, test.body)
		if a.Status != test.status || len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, test.want) {
			t.Errorf("%s %s %.80s: got %d %+v, want %d and %s", test.method, test.path, test.body, a.Status, a.Errors, test.status, test.want)
		}
	}
	if a := r.call("GET", things+"name:a/storage/kv/x", ""); a.Status != http.StatusOK || !strings.Contains(string(a.Result), `"json":1`) {
		t.Errorf("afterwards: got %+v", a)
	}
}
