package adminapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/doemu/doemu/emulator/platform/serialized"
)

// send makes a request with a body that is not JSON.
func (r *rig) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := newRequest(method, "http://127.0.0.1:8788"+path, strings.NewReader(body))
	for n := 0; n < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	res := httptest.NewRecorder()
	r.api.ServeHTTP(res, req)
	return res
}

const v8 = "application/x-v8-serialized"

// pack serializes JSON.
func pack(t *testing.T, text string) string {
	t.Helper()
	data, err := serialized.FromJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const room = "/api/v1/namespaces/test-Thing/objects/name:room"

// Arguments and results cross serialized, so that nothing of them is lost.
func TestCalls_serialized(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	for _, test := range []struct{ path, args, want string }{
		{room + "/rpc/sum", `[1, 2.5]`, "3.5"},
		{room + "/rpc/date", `[]`, `Map {"at" => 1970-01-01T00:00:00.000Z}`},
		{room + "/rpc/nothing", `[]`, "undefined"},
		{room + "/rpc/infinite", `[]`, "-Infinity"},
		{"/api/v1/services/test/rpc/double", `[21]`, "42"},
	} {
		res := r.send("POST", test.path, pack(t, test.args), "Content-Type", v8)
		got := serialized.Describe(res.Body.Bytes(), 1000).Preview
		if res.Code != http.StatusOK || res.Header().Get("Content-Type") != v8 || got != test.want {
			t.Errorf("%s: got %d %s %s, want %s", test.path, res.Code, res.Header(), got, test.want)
		}
	}
	for _, body := range []string{"", "5", pack(t, `5`), "\xff\x0f", "\xff\x0fA\x01"} {
		if res := r.send("POST", room+"/rpc/sum", body, "Content-Type", v8); res.Code < 400 {
			t.Errorf("%q: got %d %s", body, res.Code, res.Body)
		}
	}
}

// run runs a function in the object room.
func (r *rig) run(source string, args ...any) *httptest.ResponseRecorder {
	r.t.Helper()
	message, err := json.Marshal(append([]any{source}, args...))
	if err != nil {
		r.t.Fatal(err)
	}
	return r.send("POST", room+"/run", pack(r.t, string(message)), "Content-Type", v8)
}

func TestRun(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	for _, test := range []struct {
		source string
		args   []any
		want   string
	}{
		{`(thing, state, n) => [thing.constructor.name, state.id.name, thing.ctx === state, n + 1]`, []any{4}, `["Thing", "room", true, 5]`},
		{`async function put(thing, state, key) { await state.storage.put(key, new Set([1])); return state.storage.get(key); }`, []any{"k"}, "Set {1}"},
		{`async short(thing) { return thing.get("k"); }`, nil, "Set {1}"},
		{`function () { return typeof this; }`, nil, `"undefined"`}, // code of modules is strict
		{"() => 1 // the end", nil, "1"},
		{`__name((thing) => thing.sum(1, 2), "f")`, nil, "3"},
	} {
		res := r.run(test.source, test.args...)
		if got := serialized.Describe(res.Body.Bytes(), 1000).Preview; res.Code != http.StatusOK || got != test.want {
			t.Errorf("%s: got %d %s, want %s", test.source, res.Code, got, test.want)
		}
	}
	for _, test := range []struct{ source, want string }{
		{`() => expected + 1`, `"name":"ReferenceError","message":"runInDurableObject: the function uses ` + "`expected`" + `, which exists only in the test: pass it as an argument"`},
		{`(thing) => thing.bad()`, `"name":"TypeError","message":"not today","stack":"    at Thing.bad (`},
		{`() => { throw Object.assign(new Error("no"), { code: 7, when: { a: 1 } }); }`, `"properties":{"code":7,"when":{"a":1}}`},
		{`() => { throw "text"; }`, `"thrown":{"name":"","message":"text","value":"`},
		{`5`, "must be that of a function"},
		{`(`, "SyntaxError"},
	} {
		if res := r.run(test.source); res.Code != http.StatusInternalServerError || !strings.Contains(res.Body.String(), test.want) {
			t.Errorf("%s: got %d %s, want %s", test.source, res.Code, res.Body, test.want)
		}
	}
	res := r.run(`() => new Response("made", { status: 302, headers: { Location: "/there" } })`)
	if res.Code != 302 || res.Body.String() != "made" || res.Header().Get("X-Doemu-Response") != "program" || res.Header().Get("Location") != "/there" {
		t.Errorf("a response: got %d %s %s", res.Code, res.Header(), res.Body)
	}
}

// What a function writes is taken back with it if the object is reset, as with any event.
func TestRun_gates(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	r.run(`(thing, state) => state.storage.kv.put("k", "kept")`)
	if res := r.run(`(thing, state) => { state.storage.kv.put("k", "lost"); state.abort("enough"); }`); !strings.Contains(res.Body.String(), `"message":"enough"`) {
		t.Errorf("got %s", res.Body)
	}
	r.want("POST", room+"/rpc/get", `{"args":["k"]}`, `{"json":"kept"}`)
}

// A request reaches the program as stub.fetch() sends it, and the program's answer is told from a failure.
func TestForward(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	res := r.send("POST", room+"/fetch", "body", "X-Doemu-Url", "https://chat.example/a?b", "X-Doemu-Method", "PUT", "X-Doemu-Headers", `[["X-Mine","é"]]`)
	if res.Code != 200 || res.Body.String() != "PUT https://chat.example/a?b é body" || res.Header().Get("X-Doemu-Response") != "program" {
		t.Errorf("got %d %s %s", res.Code, res.Header(), res.Body)
	}
	res = r.send("GET", room+"/fetch", "", "X-Doemu-Url", "http://x/bad")
	if res.Code != 500 || res.Header().Get("X-Doemu-Response") != "" || !strings.Contains(res.Body.String(), `"name":"RangeError","message":"too far","stack":"    at Thing.fetch (`) {
		t.Errorf("a failure: got %d %s %s", res.Code, res.Header(), res.Body)
	}
	for _, header := range [][2]string{{"X-Doemu-Url", "/relative"}, {"X-Doemu-Headers", `{"a":1}`}, {"X-Doemu-Cf", "{"}, {"X-Doemu-Headers", `[["A","b\nc: d"]]`}} {
		if res := r.send("GET", room+"/fetch", "", header[0], header[1]); res.Code != http.StatusBadRequest || !strings.Contains(res.Body.String(), header[0]) {
			t.Errorf("%s: got %d %s", header, res.Code, res.Body)
		}
	}
}

func TestForward_webSocket(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	server := httptest.NewServer(r.api)
	t.Cleanup(server.Close)
	for _, path := range []string{room + "/fetch", "/api/v1/services/test/fetch"} {
		conn, _, err := websocket.Dial(t.Context(), server.URL+path, &websocket.DialOptions{HTTPHeader: http.Header{"X-Doemu-Headers": {`[["Upgrade","websocket"]]`}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.CloseNow() })
		if err := conn.Write(t.Context(), websocket.MessageText, []byte("hi")); err != nil {
			t.Fatal(err)
		}
		client{conn}.wantFrames(t, "heard hi")
	}
}

const entrypoints = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Thing extends DurableObject {}
export class Named extends WorkerEntrypoint {
	whoami() { return this.ctx.props; }
	async fetch(request) {
		const { readable, writable } = new TransformStream();
		const writer = writable.getWriter();
		const reader = request.body.getReader();
		this.ctx.waitUntil((async () => {
			for (let part; !(part = await reader.read()).done; ) await writer.write(part.value);
			await writer.close();
		})());
		return new Response(readable, { headers: { "X-Cf": JSON.stringify(request.cf ?? null) } });
	}
}
export default {};`

func TestCalls_entrypoint(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, entrypoints)
	const named = "/api/v1/services/test/rpc/whoami?entrypoint=Named"
	r.want("POST", named+`&props=%7B%22user%22:7%7D`, "", `{"json":{"user":7}}`)
	r.want("POST", named, "", `{"json":{}}`)
	if a := r.call("POST", named+"&props=%7B", ""); a.Status != http.StatusBadRequest {
		t.Errorf("props that are not JSON: got %d %+v", a.Status, a.Errors)
	}
}

// Each part of a body is passed on as it comes, both ways.
func TestForward_streams(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, entrypoints)
	server := httptest.NewServer(r.api)
	t.Cleanup(server.Close)
	in, out := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1/services/test/fetch?entrypoint=Named", in)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Doemu-Cf", `{"colo":"XYZ"}`)
	first := make(chan struct{})
	go func() {
		_, _ = io.WriteString(out, "first") // it fails only if the test has failed
		<-first
		_, _ = io.WriteString(out, "second")
		out.Close()
	}()
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, want := res.Header.Get("X-Cf"), `{"colo":"XYZ"}`; got != want {
		t.Errorf("request.cf: got %s, want %s", got, want)
	}
	part := make([]byte, len("first"))
	if _, err := io.ReadFull(res.Body, part); err != nil || string(part) != "first" {
		t.Fatalf("got %q, %v", part, err)
	}
	close(first)
	if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "second" {
		t.Errorf("got %q, %v", rest, err)
	}
}
