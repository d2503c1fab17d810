package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
)

// session is an emulator that finds others by a registry.
type session struct {
	*emulator.Emulator
	t *testing.T
}

// newSession runs one Worker; others find it, and it them, by the registry's directory.
func newSession(t *testing.T, registry, config_, code string) *session {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"index.js": code, "wrangler.json": config_} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, _, err := emulator.New(t.Context(), emulator.Options{
		Workers: []config.Options{{WorkDir: dir, Path: dir}}, Ephemeral: true, CacheDir: emulator.CacheDir(), Registry: registry,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return &session{e, t}
}

func (s *session) get(path string) (status int, body string) {
	s.t.Helper()
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.Code, string(text)
}

// want asks for a path, and wants a JSON text.
func (s *session) want(path, want string) {
	s.t.Helper()
	if _, got := s.get(path); got != want {
		s.t.Errorf("GET %s:\ngot  %s\nwant %s", path, got, want)
	}
}

const callerConfig = `{ "name": "a", "main": "index.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat"],
	"durable_objects": { "bindings": [{ "name": "OBJ", "class_name": "Obj", "script_name": "b" }, { "name": "GONE", "class_name": "Gone", "script_name": "b" }] },
	"services": [{ "binding": "B", "service": "b" }, { "binding": "NAMED", "service": "b", "entrypoint": "Named", "props": { "x": 1 } },
		{ "binding": "NONE", "service": "b", "entrypoint": "None" }] }`

const calleeConfig = `{ "name": "b", "main": "index.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat"],
	"durable_objects": { "bindings": [{ "name": "OBJ", "class_name": "Obj" }] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Obj"] }],
	"services": [{ "binding": "A", "service": "a" }] }`

// caller wraps cases into a Worker: /name runs one, and gives its result or the error that it threw.
func caller(cases string) string {
	return `
import assert from "node:assert";
import { WorkerEntrypoint, RpcTarget } from "cloudflare:workers";
const told = (e) => ({ error: String(e), ...e });
const cases = {` + cases + `};
export default { async fetch(request, env, ctx) {
	try { return Response.json(await cases[new URL(request.url).pathname.slice(1)](env, ctx) ?? null); }
	catch (e) { return Response.json(told(e)); }
} };
`
}

const callee = `
import { DurableObject, WorkerEntrypoint, RpcTarget } from "cloudflare:workers";
export class Obj extends DurableObject {
	get prop() { return 5 }
	hello(who) { return "hello " + who + " from " + this.ctx.id.name }
	boom() { throw Object.assign(new RangeError("bad"), { retryable: true }) }
	fetch(request) { return new Response("object at " + request.url) }
	async call(f) { return await f(1) }
}
export class Named extends WorkerEntrypoint { hello(who) { return "named " + who + JSON.stringify(this.ctx.props) } }
export default class extends WorkerEntrypoint {
	hello(who) { return "service " + who }
	async fetch(request) { return new Response(request.method + " " + await request.text(), { status: 201, headers: { "X-A": "1" } }) }
}
`

// What wrangler dev and workerd say in these cases was seen with wrangler 4.164.0.
func TestSessions_absentAndPresent(t *testing.T) {
	t.Parallel()
	registry := t.TempDir()
	a := newSession(t, registry, callerConfig, caller(`
		objectFetch: async ({ OBJ }) => { const r = await OBJ.getByName("x").fetch("http://x/y"); return [r.status, await r.text(), r.headers.get("content-type")] },
		objectCall: ({ OBJ }) => OBJ.getByName("x").hello("w"),
		objectProp: ({ OBJ }) => OBJ.getByName("x").prop,
		objectThrow: ({ OBJ }) => OBJ.getByName("x").boom(),
		objectCallback: ({ OBJ }) => OBJ.getByName("x").call((n) => n + 1),
		fetch: async ({ B }) => { const r = await B.fetch("http://x/", { method: "POST", body: "content" }); return [r.status, await r.text(), r.headers.get("x-a")] },
		call: ({ B }) => B.hello("w"),
		named: ({ NAMED }) => NAMED.hello("w"),
		none: ({ NONE }) => NONE.hello("w"),
		noneFetch: ({ NONE }) => NONE.fetch("http://x/"),
		gone: ({ GONE }) => GONE.getByName("q").hello("w"),
		goneFetch: ({ GONE }) => GONE.getByName("q").fetch("http://x/"),
		id: ({ OBJ }) => [OBJ.idFromName("x").toString(), OBJ.getByName("x").name],
	`))
	const text = `"Worker \"b\" not found. Make sure it is running locally."`
	const thrown = `{"error":"Error: Worker \"b\" not found. Make sure it is running locally.","remote":true}`
	absent := func() {
		t.Helper()
		for _, path := range []string{"/objectFetch", "/fetch"} {
			_, body := a.get(path)
			var got []any
			if err := json.Unmarshal([]byte(body), &got); err != nil || got[0] != 503.0 || got[1] != `Worker "b" not found. Make sure it is running locally.` {
				t.Errorf("GET %s: got %s, want status 503 and %s", path, body, text)
			}
		}
		for _, path := range []string{"/objectCall", "/objectProp", "/call", "/named", "/none", "/gone"} {
			a.want(path, thrown)
		}
	}
	present := func() {
		t.Helper()
		a.want("/objectFetch", `[200,"object at http://x/y","text/plain;charset=UTF-8"]`)
		a.want("/objectCall", `"hello w from x"`)
		a.want("/objectProp", `5`)
		a.want("/objectThrow", `{"error":"RangeError: bad","retryable":true,"durableObjectId":"bca68b119487422c064889b5326f833106a5f1fc4c759d607a7793dd43385eb9","remote":true}`)
		a.want("/objectCallback", `2`)
		a.want("/fetch", `[201,"POST content","1"]`)
		a.want("/call", `"service w"`)
		a.want("/named", `"named w{\"x\":1}"`)
		none := `{"error":"Error: Worker does not export an entrypoint named \"None\"","remote":true}`
		a.want("/none", none)
		a.want("/noneFetch", none)
		gone := `{"error":"Error: Worker does not export a Durable Object class named \"Gone\"","remote":true}`
		a.want("/gone", gone)
		a.want("/goneFetch", gone)
	}
	absent()
	a.want("/id", `["bca68b119487422c064889b5326f833106a5f1fc4c759d607a7793dd43385eb9","x"]`)
	b := newSession(t, registry, calleeConfig, callee)
	present()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	absent()
	newSession(t, registry, calleeConfig, callee)
	present()
	if files, err := filepath.Glob(filepath.Join(registry, "*")); err != nil || len(files) != 2 {
		t.Errorf("got the locator files %s, %v; want those of two sessions", strings.Join(files, " "), err)
	}
}
