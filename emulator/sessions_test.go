package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/random"
)

// session is an emulator that finds others by a registry.
type session struct {
	*emulator.Emulator
	t testing.TB
}

// newSession runs one Worker; others find it, and it them, by the registry's directory.
func newSession(t testing.TB, registry, config_, code string, change ...func(*emulator.Options)) *session {
	t.Helper()
	dir := writeProject(t, code, config_)
	options := emulator.Options{
		Workers: newWorkers(dir), Ephemeral: true, Registry: registry,
	}
	for _, f := range change {
		f(&options)
	}
	e, _, err := emulator.New(t.Context(), options)
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

const calleeConfig = `{ "name": "b", "main": "index.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat", "enable_request_signal", "enable_abortsignal_rpc"],
	"durable_objects": { "bindings": [{ "name": "OBJ", "class_name": "Obj" }] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Obj"] }],
	"services": [{ "binding": "A", "service": "a" }] }`

// caller wraps cases into a Worker: /name runs one, and gives its result or the error that it threw.
func caller(cases string) string {
	return `
import assert from "node:assert";
import { WorkerEntrypoint, RpcTarget } from "cloudflare:workers";
const told = (e) => ({ error: String(e), ...e });
const cases = {` + cases + `};
export default class extends WorkerEntrypoint {
	back(x) { return "back " + x }
	circle(n) { return this.env.B.circle(n + 1) }
	async fetch(request) {
		try { return Response.json(await cases[new URL(request.url).pathname.slice(1)](this.env, this.ctx) ?? null); }
		catch (e) { return Response.json(told(e)); }
	}
}
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
	for _, body := a.get("/call"); strings.Contains(body, "Network connection lost."); _, body = a.get("/call") {
		// The end of the connection has not come yet.
	}
	absent()
	newSession(t, registry, calleeConfig, callee)
	present()
	if files, err := filepath.Glob(filepath.Join(registry, "*")); err != nil || len(files) != 2 {
		t.Errorf("got the locator files %s, %v; want those of two sessions", strings.Join(files, " "), err)
	}
}

const talkative = `
import { DurableObject, WorkerEntrypoint, RpcTarget } from "cloudflare:workers";
class Counter extends RpcTarget {
	n = 0;
	add(by) { return this.n += by }
	get value() { return this.n }
	get self() { return this }
	[Symbol.dispose]() { disposed.push("counter " + this.n) }
}
const disposed = [];
let kept;
export class Obj extends DurableObject {
	hello(who) { return "hello " + who + " from " + this.ctx.id.name }
	async hang() { await new Promise(() => setInterval(() => {}, 1e6)) }
	async fetch(request) {
		const [client, server] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(server);
		return new Response(null, { status: 101, webSocket: client });
	}
	async keep(f) { kept?.[Symbol.dispose](); kept = f.dup(); return "kept" }
	async useKept(x) { return await kept(x) }
	forget() { kept[Symbol.dispose](); kept = undefined }
	webSocketMessage(ws, message) {
		if (message === "bye") ws.close(4001, "as you wish");
		else ws.send(message);
	}
}
export default class B extends WorkerEntrypoint {
	counter() { return new Counter() }
	echo(...args) { return args }
	disposed() { return disposed.splice(0) }
	object() { return this.env.OBJ.getByName("y") }
	circle(n) { return this.env.A.circle(n + 1) }
	self() { return this.ctx.exports.default }
	viaA(x) { return this.env.A.back(x) }
	async both(f) { const r = await f(2, (n) => n * 10); return ["got", r] }
	numbers(count) {
		let n = 0;
		return new ReadableStream({ type: "bytes", pull(c) { if (n === count) { c.close(); c.byobRequest?.respond(0); } else c.enqueue(new Uint8Array(1000).fill(n++)) } });
	}
	endless() {
		const source = { sent: 0, cancelled: 0 };
		pulled = source;
		return new ReadableStream({ pull(c) { source.sent++; c.enqueue(new Uint8Array(65536)) }, cancel() { source.cancelled++ } }, { highWaterMark: 0 });
	}
	pulled() { return pulled }
	failing() { return new ReadableStream({ pull(c) { if (!this.once) { this.once = true; c.enqueue(new Uint8Array(3)); } else c.error(new Error("mine")) } }) }
	async read(stream) { return await new Response(stream).text() }
	async write(stream) { const w = stream.getWriter(); await w.write(new TextEncoder().encode("one ")); await w.write(new TextEncoder().encode("two")); await w.close(); return "written" }
	async writeUntilFails(stream) { const w = stream.getWriter(); try { for (let n = 0; n < 100; n++) { await w.write(new Uint8Array(65536)); } return "never" } catch (e) { return String(e) } }
	async hang() { await new Promise(() => setInterval(() => {}, 1e6)) }
	async fetch(request) {
		const { pathname } = new URL(request.url);
		if (pathname === "/big") return new Response(new Uint8Array(300_000).fill(97), { headers: { "content-type": "text/plain" } });
		if (pathname === "/stream") { let n = 0; return new Response(new ReadableStream({ async pull(c) { await scheduler.wait(1); c.enqueue(new TextEncoder().encode(n + " ")); if (++n === 5) c.close() } })) }
		if (pathname === "/length") return new Response(String((await request.arrayBuffer()).byteLength));
		if (pathname === "/throws") throw new TypeError("handler");
		if (pathname === "/quiet") { pulled = { aborted: 0 }; const p = pulled; request.signal.addEventListener("abort", () => p.aborted++); return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)) } })) }
		if (pathname === "/signal") { pulled = { aborted: 0 }; const p = pulled; request.signal.addEventListener("abort", () => p.aborted++); await this.hang(); }
		return new Response("");
	}
}
let pulled;
`

func TestSessions_everythingThatCallsHold(t *testing.T) {
	t.Parallel()
	registry := t.TempDir()
	a := newSession(t, registry, strings.Replace(callerConfig, `["nodejs_compat"]`, `["nodejs_compat", "enable_request_signal", "enable_abortsignal_rpc"]`, 1), caller(`
		counter: async ({ B }) => {
			using c = await B.counter();
			assert.equal(await c.add(2), 2);
			assert.equal(await c.value, 2);
			const again = c.dup();
			assert.equal(await again.self.self.add(3), 5);
			again[Symbol.dispose]();
			assert.equal(await c.value, 5);
			assert.equal(await B.counter().add(7), 7);
		},
		disposed: async ({ B }) => {
			await B.disposed();
			{ using c = await B.counter(); await c.add(1); }
			let seen = [];
			while (seen.length === 0) seen = await B.disposed();
			return seen;
		},
		values: async ({ B }) => {
			const value = { date: new Date(5), map: new Map([[1, new Set(["x"])]]), big: 12n ** 30n, bytes: new Uint8Array([1, 2]), error: new RangeError("e"), u: undefined, text: "a\0\ud800" };
			value.self = value;
			const [back, , none] = await B.echo(value, null, undefined);
			assert.deepEqual(back, value);
			assert.equal(none, undefined);
			assert.equal((await B.echo("x".repeat(5_000_000)))[0].length, 5_000_000);
			const [request] = await B.echo(new Request("http://x/y", { method: "PUT", body: "content", headers: { a: "b" } }));
			assert.deepEqual([request.method, request.url, await request.text(), request.headers.get("a")], ["PUT", "http://x/y", "content", "b"]);
		},
		callbacks: async ({ B, OBJ }) => {
			const O = OBJ.getByName("keeper");
			const calls = [];
			assert.equal(await O.keep((x) => { calls.push(x); return x * 2 }), "kept");
			assert.equal(await O.useKept(21), 42);
			assert.deepEqual(calls, [21]);
			await O.forget();
			assert.deepEqual(await B.both(async (n, f) => [n, await f(n)]), ["got", [2, 20]]);
			class Mine extends RpcTarget { who() { return "mine" } }
			const [mine] = await B.echo(new Mine());
			assert.equal(await mine.who(), "mine");
			await assert.rejects(B.both(() => { throw Object.assign(new TypeError("no"), { overloaded: true }) }), { name: "TypeError", message: "no", remote: true, overloaded: true });
		},
		services: async ({ B, OBJ }) => {
			assert.equal(await (await B.object()).hello("w"), "hello w from y");
			assert.deepEqual(await (await B.self()).echo(1), [1]);
			const [b, object] = await B.echo(B, OBJ.getByName("z"));
			assert.deepEqual([await b.echo(2), await object.hello("w")], [[2], "hello w from z"]);
			assert.equal(await B.viaA(5), "back 5");
		},
		streams: async ({ B }) => {
			const bytes = new Uint8Array(await new Response(await B.numbers(200)).arrayBuffer());
			assert.equal(bytes.length, 200_000);
			assert.ok(bytes.every((b, n) => b === Math.floor(n / 1000)));
			assert.equal(await B.read(new ReadableStream({ pull(c) { c.enqueue(new TextEncoder().encode("from a")); c.close() } })), "from a");
			const { readable, writable } = new TransformStream();
			const [said, text] = await Promise.all([B.write(writable), new Response(readable).text()]);
			assert.deepEqual([said, text], ["written", "one two"]);
			await assert.rejects(new Response(await B.failing()).arrayBuffer(), { message: "ReadableStream received over RPC disconnected prematurely." });
		},
		pressure: async ({ B }) => {
			const reader = (await B.endless()).getReader();
			await reader.read();
			let before = -1, now = 0;
			while (now !== before) { before = now; for (let n = 0; n < 20; n++) now = (await B.pulled()).sent; }
			assert.ok(now < 20, "sent " + now + " parts of 64 KiB that nobody reads");
			await reader.cancel();
			while ((await B.pulled()).cancelled === 0);
		},
		cancelQuiet: async ({ B }) => {
			const reader = (await B.fetch("http://x/quiet")).body.getReader();
			await reader.read();
			assert.equal((await B.pulled()).aborted, 0);
			await reader.cancel();
			while ((await B.pulled()).aborted === 0);
		},
		writeFails: async ({ B }) => {
			let n = 0;
			return await B.writeUntilFails(new WritableStream({ write() { if (++n === 3) throw new RangeError("full") } }));
		},
		fetches: async ({ B }) => {
			assert.equal(await (await B.fetch("http://x/big")).text(), "a".repeat(300_000));
			assert.equal(await (await B.fetch("http://x/stream")).text(), "0 1 2 3 4 ");
			assert.equal(await (await B.fetch("http://x/length", { method: "POST", body: new Uint8Array(200_000) })).text(), "200000");
			assert.equal(await (await B.fetch("http://x/length", { method: "POST", body: new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(7)); c.close() } }) })).text(), "7");
			await assert.rejects(B.fetch("http://x/throws"), { name: "TypeError", message: "handler" });
		},
		signal: async ({ B }) => {
			await assert.rejects(B.fetch("http://x/signal", { signal: AbortSignal.timeout(30) }), { name: "TimeoutError" });
			while ((await B.pulled()).aborted === 0);
		},
		socket: async ({ OBJ }) => {
			const { webSocket: ws, status } = await OBJ.getByName("s").fetch("http://x/", { headers: { Upgrade: "websocket" } });
			assert.equal(status, 101);
			ws.accept();
			const next = () => new Promise((ok) => { ws.onmessage = ({ data }) => ok(data) });
			for (const message of ["text", "x".repeat(200_000)]) { ws.send(message); assert.equal(await next(), message); }
			ws.send(new Uint8Array([1, 2, 3]));
			assert.deepEqual(new Uint8Array(await next()), new Uint8Array([1, 2, 3]));
			const closed = new Promise((ok) => { ws.onclose = ok });
			ws.send("bye");
			const { code, reason, wasClean } = await closed;
			ws.close(code);
			return [code, reason, wasClean];
		},
		circle: ({ B }) => B.circle(1).then(() => "ended", (e) => e.message.slice(0, 33)),
		order: async ({ OBJ }) => {
			const O = OBJ.getByName("keeper");
			const seen = [];
			const f = (n) => { seen.push(n) };
			await O.keep(f);
			await Promise.all(Array.from({ length: 500 }, (_, n) => O.useKept(n)));
			assert.deepEqual(seen, Array.from({ length: 500 }, (_, n) => n));
			await O.forget();
		},
	`))
	newSession(t, registry, calleeConfig, talkative)
	for path, want := range map[string]string{
		"counter": "null", "disposed": `["counter 1"]`, "values": "null", "callbacks": "null", "services": "null", "streams": "null",
		"pressure": "null", "cancelQuiet": "null", "writeFails": `"RangeError: full"`, "fetches": "null", "signal": "null",
		"socket": `[4001,"as you wish",true]`, "order": "null",
		"circle": `"Subrequest depth limit exceeded. "`,
	} {
		t.Run(path, func(t *testing.T) {
			(&session{a.Emulator, t}).want("/"+path, want)
		})
	}
}

// A session that ends takes with it what it held and what it was asked.
func TestSessions_lost(t *testing.T) {
	t.Parallel()
	registry := t.TempDir()
	a := newSession(t, registry, callerConfig, caller(`
		lose: async ({ B, OBJ }) => {
			const given = () => {};
			let released;
			const freed = new Promise((ok) => { released = ok });
			given[Symbol.dispose] = () => released("freed");
			const counter = await B.counter();
			await counter.add(1);
			await OBJ.getByName("keeper").keep(given);
			const stream = (await B.endless()).getReader();
			await stream.read();
			const pending = B.hang().catch(told);
			const response = OBJ.getByName("h").hang().catch(told);
			await B.echo(0); // the others are there by now
			progress = "hanging";
			let reading;
			for (;;) try { await stream.read(); await B.echo(0).catch(() => {}); } catch (e) { reading = told(e); break; }
			return [await pending, await response, await counter.add(1).catch(told), await freed, reading];
		},
		progress: () => progress,
		call: ({ B }) => B.echo(5),
	`)+`let progress;`)
	b := newSession(t, registry, calleeConfig, talkative)
	type answer struct {
		status int
		body   string
	}
	done := make(chan answer)
	go func() {
		status, body := a.get("/lose")
		done <- answer{status, body}
	}()
	for _, body := a.get("/progress"); body != `"hanging"`; _, body = a.get("/progress") {
		select {
		case got := <-done:
			t.Fatalf("got %v before the session ended", got)
		default:
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	lost := `{"error":"Error: Network connection lost.","retryable":true}`
	want := "[" + strings.Join([]string{lost, lost, lost, `"freed"`, lost}, ",") + "]"
	if got := <-done; got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	newSession(t, registry, calleeConfig, talkative)
	a.want("/call", "[5]")
}

// A stub that is passed on to a third session leads there, and so does a callback by way of the second.
func TestSessions_three(t *testing.T) {
	t.Parallel()
	registry := t.TempDir()
	config_ := func(name, services string) string {
		return `{ "name": "` + name + `", "main": "index.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["experimental", "allow_irrevocable_stub_storage"], "services": [` + services + `],
			"durable_objects": { "bindings": [{ "name": "OBJ", "class_name": "Obj" }] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Obj"] }] }`
	}
	code := `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Obj extends DurableObject {
	name() { return "object of " + this.env.ME }
	async stored(stubs) { await this.ctx.storage.put("stubs", stubs); return await this.ctx.storage.get("stubs"); }
}
export default class extends WorkerEntrypoint {
	who() { return this.env.ME }
	pass(x) { return this.env.NEXT === undefined ? x : this.env.NEXT.pass(x) }
	object() { return this.env.NEXT === undefined ? this.env.OBJ.getByName("x") : this.env.NEXT.object() }
	async use(f) { return this.env.NEXT === undefined ? [this.env.ME, await f(2)] : this.env.NEXT.use(f) }
	async fetch(request) {
		const { NEXT, OBJ } = this.env;
		const mine = await NEXT.pass(OBJ.getByName("y"));
		const [service, object] = await OBJ.getByName("z").stored([NEXT, await NEXT.object()]);
		return Response.json([
			await (await NEXT.object()).name(), await mine.name(), await NEXT.use((n) => n * 21),
			await new Response(await NEXT.pass(new Response("x".repeat(100000)).body)).text().then((t) => t.length),
			await (await NEXT.pass(NEXT)).who(), await service.who(), await object.name(),
		]);
	}
}
`
	session := func(name, next string) *session {
		services := ""
		if next != "" {
			services = `{ "binding": "NEXT", "service": "` + next + `" }`
		}
		return newSession(t, registry, config_(name, services), strings.ReplaceAll(code, "this.env.ME", `"`+name+`"`))
	}
	session("c", "")
	session("b", "c")
	session("a", "b").want("/", `["object of c","object of a",["c",42],100000,"b","b","object of c"]`)
}

// However many calls were made, with callbacks, stubs and streams that nobody reads to the end: when they are
// over, nothing of them goes on. It is not parallel, since it counts goroutines.
func TestSessions_nothingLeaks(t *testing.T) {
	registry := t.TempDir()
	a := newSession(t, registry, callerConfig, caller(`
		everything: async ({ B }) => {
			for (let i = 0; i < 30; i++) {
				await B.both((x) => x);
				using counter = await B.counter();
				await counter.add(1);
				await B.read(new Response("some text").body);
				await (await B.endless()).cancel();
				await (await B.fetch("http://x/stream")).body.cancel();
				await (await B.fetch("http://x/big")).body.cancel();
			}
		},
	`))
	newSession(t, registry, calleeConfig, talkative)
	before := 0
	for round := range 3 {
		a.want("/everything", "null")
		deadline := time.Now().Add(10 * time.Second)
		for round > 0 && runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				t.Fatalf("got %d goroutines after the round, %d before it", runtime.NumGoroutine(), before)
			}
			runtime.Gosched()
		}
		if round == 0 {
			before = runtime.NumGoroutine() // what the first round began and has not ended yet is in it
		}
	}
}

// A Worker's events are shown to a Tail Worker of another session, and go nowhere without it.
func TestSessions_tail(t *testing.T) {
	t.Parallel()
	registry := t.TempDir()
	config_ := func(name, more string) string {
		return `{ "name": "` + name + `", "main": "index.js", "compatibility_date": "2026-01-01"` + more + ` }`
	}
	a := newSession(t, registry, config_("a", `, "tail_consumers": [{ "service": "b" }]`), `
		export default { fetch(request) { console.log("at", request.url); return new Response("answer") } };`)
	a.want("/early", "answer")
	b := newSession(t, registry, config_("b", `, "tail_consumers": [{ "service": "a" }]`), `
		const seen = [];
		export default {
			fetch() { return Response.json(seen) },
			tail(events) { for (const { scriptName, event, logs } of events) seen.push([scriptName, event.request?.url, logs.map((l) => l.message)]) },
		};`)
	a.want("/late", "answer")
	want := `[["a","http://localhost/late",[["at","http://localhost/late"]]]]`
	_, got := b.get("/")
	for deadline := time.Now().Add(20 * time.Second); got != want && time.Now().Before(deadline); {
		_, got = b.get("/")
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A client's WebSocket that the first session passes on to an object of the second.
func TestSessions_socketOfClient(t *testing.T) {
	t.Parallel()
	registry := t.TempDir()
	a := newSession(t, registry, callerConfig, `export default { fetch(request, env) { return env.OBJ.getByName("s").fetch(request) } };`)
	newSession(t, registry, calleeConfig, talkative)
	server := httptest.NewServer(a)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for _, message := range []string{"one", "two"} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
			t.Fatal(err)
		}
		if kind, got, err := conn.Read(ctx); err != nil || kind != websocket.MessageText || string(got) != message {
			t.Errorf("got %s, %v; want %s", got, err, message)
		}
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte("bye")); err != nil {
		t.Fatal(err)
	}
	var closed websocket.CloseError
	if _, _, err := conn.Read(ctx); !errors.As(err, &closed) || closed.Code != 4001 || closed.Reason != "as you wish" {
		t.Errorf("got %v, want the close 4001", err)
	}
}

// With a seed what comes from other sessions is let in one thing after the other, callbacks to what waits
// for them too.
func TestSessions_seeded(t *testing.T) {
	t.Parallel()
	registry := t.TempDir()
	seeded := func(o *emulator.Options) { o.Random = random.Seeded(1) }
	a := newSession(t, registry, callerConfig, caller(`
		callbacks: async ({ B }) => Promise.all(Array.from({ length: 20 }, (_, n) => B.both(async (x, f) => n + await f(x)))),
	`), seeded)
	newSession(t, registry, calleeConfig, talkative, seeded)
	var want strings.Builder
	for n := range 20 {
		fmt.Fprintf(&want, `["got",%d],`, n+20)
	}
	a.want("/callbacks", "["+strings.TrimSuffix(want.String(), ",")+"]")
}

// Where no file can be written, a session runs on its own.
func TestSessions_noRegistry(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a := newSession(t, filepath.Join(file, "sessions"), callerConfig, caller(`call: ({ B }) => B.hello("w")`), func(o *emulator.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	a.want("/call", `{"error":"Error: Worker \"b\" not found. Make sure it is running locally.","remote":true}`)
	if want := "other sessions do not find this one"; !strings.Contains(log.String(), want) {
		t.Errorf("got the log %q, want %q in it", log.String(), want)
	}
}
