package platform

import (
	"strings"
	"testing"
)

// prelude is what all of these tests begin with.
const prelude = `import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
	const store = new AsyncLocalStorage();
	const say = (what) => console.log(what, store.getStore());
	const fails = (f) => { try { f(); console.log("no error") } catch (e) { console.log(e.name + ": " + e.message) } };
	`

// What is expected is what workerd does.
func TestAsyncContext(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, code, want string }{
		{"await", `await store.run(1, async () => { await null; say("a"); await (async () => { await null; say("b") })(); say("c"); try { await Promise.reject() } catch { say("d") } finally { await null; say("e") } }); say("f")`,
			"a 1\nb 1\nc 1\nd 1\ne 1\nf undefined"},
		{"flows beside each other", `await Promise.all([1, 2].map((n) => store.run(n, async () => { await null; say("x"); await store.run(n * 10, () => Promise.resolve()); say("y") })))`,
			"x 1\nx 2\ny 1\ny 2"},
		{"then", `const p = store.run("made", () => Promise.resolve()); store.run("used", () => p.then(() => say("then")).finally(() => say("finally"))); await p.then(() => say("outside"))`,
			"then used\noutside undefined\nfinally used"},
		{"resolver", `let go; const p = store.run("made", () => new Promise((r) => (go = r))); const q = store.run("waits", async () => { await p; say("after") }); store.run("settles", () => go()); await q`,
			"after waits"},
		{"thenable", `const thenable = { then(done) { done(store.getStore()) } }; console.log(await store.run(123, async () => await thenable), await store.run(123, async () => await new Promise((resolve) => resolve(thenable))), await store.run(123, async () => thenable), await store.run(123, () => Promise.resolve().then(() => thenable)), await thenable)`,
			"123 123 123 123 undefined"},
		{"then that throws", `const thenable = { get then() { throw new Error("no then") } }; await store.run(1, async () => { try { await thenable } catch (e) { say(e.message) } })`, "no then 1"},
		{"generator", `async function* g() { say("start"); await null; say("awaited"); yield 1; say("resumed"); await null; say("end") }
			const it = store.run("made", () => g()); await store.run("first", () => it.next()); await store.run("second", () => it.next())`,
			"start first\nawaited first\nresumed second\nend second"},
		{"for await", `async function* g() { yield 1; await null; say("inside"); yield 2 } await store.run("loop", async () => { for await (const n of g()) say(n); for await (const n of [Promise.resolve(3)]) say(n) })`,
			"1 loop\ninside loop\n2 loop\n3 loop"},
		{"queueMicrotask", `await store.run(1, () => new Promise((done) => queueMicrotask(() => { say("micro"); done() })))`, "micro 1"},
		{"event target", `const target = new EventTarget(); store.run("added", () => target.addEventListener("x", () => say("heard"))); store.run("sent", () => target.dispatchEvent(new Event("x")))`, "heard sent"},
		{"unhandled", `addEventListener("unhandledrejection", (e) => { say(e.reason); e.preventDefault() });
			store.run(1, () => { Promise.reject("plain") }); store.run(2, () => { Promise.resolve().then(() => { throw "in then" }) }); store.run(3, async () => { await null; throw "in async" }); Promise.reject("outside")`,
			"plain 1\noutside undefined\nin then 2\nin async 3"},
		{"streams", `const r = store.run("made", () => new ReadableStream({ pull(c) { say("pull"); c.enqueue(1); c.close() } }, { highWaterMark: 0 })); await null; await null; await store.run("read", async () => { for await (const n of r) say(n) })`,
			"pull read\n1 read"},
		{"run", `console.log(store.run("r", (a, b) => a + b + store.getStore(), 1, 2), store.run(0, function () { return this === globalThis })); try { store.run(1, () => { throw 1 }) } catch {} say("restored"); store.run(1, () => store.exit((x) => say(x), "exit"))`,
			"3r true\nrestored undefined\nexit undefined"},
		{"options", `const s = new AsyncLocalStorage({ defaultValue: 1, name: "foo" }); console.log(s.name, s.getStore(), s.run(2, () => s.getStore()), s.run(undefined, () => s.getStore()), JSON.stringify(store.name))`, `foo 1 2 undefined ""`},
		{"bind and snapshot", `const [b, s] = store.run(1, () => [AsyncLocalStorage.bind(function (x) { say(x); return this === globalThis }), AsyncLocalStorage.snapshot()]); store.run(2, () => { console.log(b.call({}, "bound")); s(say, "snapshot"); say("after") })`,
			"bound 1\ntrue\nsnapshot 1\nafter 2"},
		{"resource", `const r = store.run(1, () => new AsyncResource("x")); store.run(2, () => r.runInAsyncScope(function (x) { say(this.y + x) }, { y: 3 }, 4)); const f = r.bind(() => say("bound")); f(); console.log(f.asyncResource === r, r.asyncId(), r.triggerAsyncId()); store.run(5, () => AsyncResource.bind(function () { say(this.z) }, "x", { z: 6 }))()`,
			"7 1\nbound 1\ntrue 0 0\n6 5"},
		{"errors", `fails(() => store.enterWith(1)); fails(() => store.disable()); fails(() => store.run(1)); fails(() => AsyncLocalStorage.bind(1)); fails(() => AsyncLocalStorage.snapshot()(1)); fails(() => new AsyncResource("x", { triggerAsyncId: 1 }))`,
			"Error: asyncLocalStorage.enterWith() is not implemented\nError: asyncLocalStorage.disable() is not implemented\n" +
				"TypeError: Failed to execute 'run' on 'AsyncLocalStorage': parameter 2 is not of type 'function'.\nTypeError: Failed to execute 'bind' on 'AsyncLocalStorage': parameter 1 is not of type 'Function'.\n" +
				"TypeError: The first argument must be a function\nError: The 'triggerAsyncId' field on 'Options' is not implemented."},
		{"hooks", `const { default: h } = await import("node:async_hooks"); console.log(h.executionAsyncId(), h.triggerAsyncId(), Object.getPrototypeOf(h.executionAsyncResource()), typeof h.createHook({}).enable().disable())`, "0 0 null object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(run(t, prelude+test.code), "\n"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
