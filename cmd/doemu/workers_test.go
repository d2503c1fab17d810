package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// worker is a Worker whose tests check what its code meets.
type worker struct {
	name, config string
	files        map[string]string
	code         string
}

// What the tests of these Workers expect is what workerd does.
func TestTest_workers(t *testing.T) {
	t.Parallel()
	for _, w := range []worker{
		{name: "importable env", config: `"vars": { "FOO": "bar" }, "compatibility_flags": ["nodejs_compat"]`, code: `
			import assert from "node:assert";
			import * as workers from "cloudflare:workers";
			const { env, exports, withEnv, withExports, withEnvAndExports } = workers;
			assert.equal(env.FOO, "bar");
			assert.deepEqual(Object.keys(exports), []);
			assert.throws(() => workers.waitUntil(Promise.resolve()), /^Error: Disallowed operation called within global scope/);
			assert.throws(() => withEnv({}), { message: "Failed to execute 'withEnv' on 'EnvModule': parameter 2 is not of type 'function'." });
			export const a = { async test(_, own, ctx) {
				assert.deepEqual(Object.keys(exports).sort(), ["a", "default"]);
				assert.equal(ctx.access, undefined);
				own.MORE = 1;
				env.FOO = "changed";
				assert.deepEqual({ ...env }, { FOO: "changed", MORE: 1 });
				await withEnvAndExports({ X: 1 }, { y: 2 }, async () => {
					await scheduler.wait(1);
					env.Z = 3;
					assert.deepEqual([{ ...env }, { ...exports }, "FOO" in env], [{ X: 1, Z: 3 }, { y: 2 }, false]);
					await withExports(5, async () => assert.ok(exports.a));
				});
				assert.deepEqual({ ...env }, { FOO: "changed", MORE: 1 });
				withEnv(null, () => assert.equal(env.FOO, "changed"));
			} };
			export default {};`},
		{name: "nullable env", config: `"vars": { "FOO": "bar" }, "compatibility_flags": ["nodejs_compat", "env_module_nullable_support"]`, code: `
			import assert from "node:assert";
			import { env, withEnv } from "cloudflare:workers";
			export const a = { test: () => withEnv(null, () => { env.FOO = 1; delete env.FOO; assert.deepEqual([env.FOO, Object.keys(env)], [undefined, []]) }) };`},
		{name: "disallowed env", config: `"vars": { "FOO": "bar" }, "compatibility_flags": ["nodejs_compat", "disallow_importable_env"]`, code: `
			import assert from "node:assert";
			import { env, exports, withEnv } from "cloudflare:workers";
			assert.equal(env.FOO, undefined);
			export const a = { test: () => { assert.deepEqual([env.FOO, exports.a], [undefined, undefined]); withEnv({ X: 1 }, () => assert.equal(env.X, 1)) } };`},
		{name: "one context", config: `"compatibility_flags": ["nodejs_compat", "nonclass_entrypoint_reuses_ctx_across_invocations"],
			"services": [{ "binding": "SELF", "service": "w", "props": { "a": 1 } }]`, code: `
			import assert from "node:assert";
			let seen;
			export default {
				fetch(_, env, ctx) { assert.deepEqual(ctx.props, {}); seen ??= ctx; return new Response(String(seen === ctx)); },
				async test(_, env) { for (let n = 0; n < 2; n++) assert.equal(await (await env.SELF.fetch("http://x/")).text(), "true") } };`},
		{name: "timers end with their event", config: `"compatibility_flags": ["nodejs_compat"]`, code: `
			import assert from "node:assert";
			const most = /active timeouts: 10000, current active timeouts: 10000, finished timeouts: 0$/;
			const test = () => { for (let n = 0; n < 10000; n++) setTimeout(() => {}, 1e9); assert.throws(() => setTimeout(() => {}), { message: most }) };
			export const a = { test };
			export const b = { test };
			export const c = { test: () => scheduler.wait(1) };`},
		{name: "code of strings", config: `"compatibility_flags": ["nodejs_compat"]`, code: `
			import assert from "node:assert";
			{ const near = 3; assert.equal(eval("near + 1"), 4); }
			const add = new Function("a", "b", "return a + b");
			assert.equal((class extends Function {}).name, "");
			export class Rows { constructor(ctx) { this.ctx = ctx } fetch() { return Response.json(this.ctx.storage.sql.exec("SELECT 1 AS a, 2 AS b").toArray()) } }
			const said = { name: "EvalError", message: "Code generation from strings disallowed for this context" };
			export const a = { async test(_, env) {
				assert.equal(add(1, 2), 3);
				assert.ok(add instanceof Function && add.constructor === Function && Function.length === 1 && Function.name === "Function");
				for (const f of [() => eval("1"), () => (0, eval)("1"), () => new Function("1"), () => Function(""), () => add.constructor("1"),
					() => (async () => {}).constructor(), () => (function* () {}).constructor("1"), () => (async function* () {}).constructor("1")]) assert.throws(f, said);
				assert.deepEqual([eval(), eval(5), typeof new Function(), typeof new (class extends Function {})()], [undefined, 5, "function", "function"]);
			} };`},
		{name: "code of strings, always", config: `"compatibility_flags": ["nodejs_compat", "experimental", "allow_insecure_inefficient_logged_eval"]`, code: `
			import assert from "node:assert";
			export const a = { test() { const near = 2; assert.equal(eval("near + 1"), 3); assert.equal(new Function("a", "return a")(4), 4) } };`},
		{name: "flags", config: `"compatibility_flags": ["nodejs_compat", "url_original"]`, code: `
			import assert from "node:assert";
			const { compatibilityFlags: flags } = Cloudflare;
			export const a = { test() {
				assert.ok(Object.isFrozen(flags) && Object.getPrototypeOf(flags) === null && flags === Cloudflare.compatibilityFlags);
				assert.deepEqual([flags.nodejs_compat, flags.url_standard, flags.durable_object_rename, flags.url_original, "none" in flags], [true, false, false, undefined, false]);
				assert.throws(() => { flags.nodejs_compat = false }, TypeError);
			} };`},
		{name: "code of strings, before 2025-06-01", config: `"compatibility_flags": ["nodejs_compat", "disallow_eval_during_startup"]`, code: `
			import assert from "node:assert";
			assert.throws(() => eval("1"), { name: "EvalError" });
			export const a = { test() { assert.throws(() => Function("1"), { name: "EvalError" }) } };`},
		{name: "timers of Node", config: `"compatibility_flags": ["nodejs_compat"]`, code: `
			import assert from "node:assert";
			import timers, { setTimeout, clearTimeout, setInterval } from "node:timers";
			import wait, { scheduler as tasks } from "node:timers/promises";
			const seen = [];
			export const a = { async test() {
				const timer = setTimeout((x) => seen.push(x), 5, "first");
				assert.ok(timer.hasRef() && !timer.unref().hasRef() && Number(timer) > 0);
				clearTimeout(setTimeout(() => seen.push("never"), 1));
				{ using gone = setInterval(() => seen.push("never"), 1); }
				await wait.setTimeout(20);
				timer.refresh();
				await tasks.wait(20);
				assert.deepEqual(seen.splice(0), ["first", "first"]);
				assert.deepEqual([await wait.setTimeout(1, "value"), await wait.setImmediate(2), await tasks.yield()], ["value", 2, undefined]);
				for await (const n of wait.setInterval(1, "tick")) if (seen.push(n) === 3) break;
				assert.deepEqual(seen, ["tick", "tick", "tick"]);
				const aborted = { name: "AbortError", code: "ABORT_ERR", message: "The operation was aborted" };
				const controller = new AbortController();
				const waits = [wait.setTimeout(1e6, 0, controller), wait.setImmediate(0, { signal: AbortSignal.abort() }), wait.setInterval(1e6, 0, controller).next()];
				controller.abort();
				for (const w of waits) await assert.rejects(w, aborted);
				await assert.rejects(wait.setTimeout("1"), { code: "ERR_INVALID_ARG_TYPE", message: 'The "delay" argument must be of type number. Received type string (\'1\')' });
				assert.throws(() => timers.setTimeout(), { message: 'The "callback" argument must be of type function. Received undefined' });
				assert.throws(() => timers.enroll(), /setTimeout/);
			} };`},
		{name: "mocks of Node", config: `"compatibility_flags": ["nodejs_compat"]`, code: `
			import assert from "node:assert";
			import { mock, MockTracker } from "node:test";
			export const a = { test() {
				const add = mock.fn((a, b) => a + b, { times: 3 });
				add.mock.mockImplementationOnce(() => "once", 1);
				assert.deepEqual([add(1, 2), add(1, 2), add.call(add, 3, 4)], [3, "once", 7]);
				assert.deepEqual([add.mock.callCount(), add.mock.calls[2].arguments, add.mock.calls[2].result, add.mock.calls[2].this], [3, [3, 4], 7, add]);
				const object = { name: "x", say() { return this.name }, get got() { return 1 }, set got(v) { this.name = v } };
				const tracker = new MockTracker();
				const said = tracker.method(object, "say", function () { return "mocked " + this.name });
				tracker.getter(object, "got", () => 2);
				assert.deepEqual([object.say(), object.say.mock.callCount(), object.got], ["mocked x", 1, 2]);
				said.mock.mockImplementation(() => { throw new RangeError("no") });
				assert.throws(() => object.say(), RangeError);
				assert.equal(said.mock.calls[1].error.message, "no");
				tracker.reset();
				assert.deepEqual([object.say(), object.got], ["x", 1]);
				const Made = mock.fn(class { constructor(n) { this.n = n } });
				assert.equal(new Made(5).n, 5);
				assert.equal(Made.mock.calls[0].this.n, 5);
				assert.throws(() => mock.method(object, "name"), { code: "ERR_INVALID_ARG_VALUE" });
				assert.throws(() => mock.fn(() => {}, { times: 0 }), { code: "ERR_OUT_OF_RANGE" });
			} };`},
		{name: "unsafe module", config: `"compatibility_flags": ["nodejs_compat", "unsafe_module"],
			"durable_objects": { "bindings": [{ "name": "NS", "class_name": "Counter" }] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }]`, code: `
			import assert from "node:assert";
			import unsafe from "workerd:unsafe";
			import { DurableObject } from "cloudflare:workers";
			export class Counter extends DurableObject {
				n = 0;
				async add(ms = 0) { if (ms > 0) await scheduler.wait(ms); this.ctx.storage.kv.put("last", ++this.n); return this.n; }
				last() { return this.ctx.storage.kv.get("last"); }
			}
			export const a = { async test(_, env) {
				const stub = env.NS.getByName("a");
				assert.deepEqual([await stub.add(), await stub.add()], [1, 2]);
				await unsafe.evict(stub, { webSockets: "close" });
				await assert.rejects(unsafe.evict(stub), { message: "Cannot evict Durable Object: it is not currently running." });
				assert.deepEqual([await stub.last(), await stub.add()], [2, 1]);
				const busy = stub.add(30);
				await Promise.all([busy, unsafe.evict(stub)]);
				assert.deepEqual([await busy, await stub.last(), await stub.add()], [2, 2, 1]);
				await unsafe.evictAllDurableObjects();
				assert.equal(await stub.add(), 1);
				await unsafe.abortAllDurableObjects();
				await assert.rejects(stub.add(), { message: "Application called abortAllDurableObjects()." });
				assert.equal(await env.NS.getByName("a").add(), 1);
				await assert.rejects(unsafe.evict({}), { name: "TypeError", message: /not a stub/ });
				await assert.rejects(unsafe.evict(stub, { webSockets: "x" }), { message: 'options.webSockets must be "hibernate" or "close".' });
				await assert.rejects(unsafe.deleteAllDurableObjects(), /not implemented/);
				assert.equal(unsafe.isTestAutogateEnabled(), false);
			} };`},
		{name: "close of a WebSocket", config: `"compatibility_flags": ["nodejs_compat", "pedantic_wpt", "websocket_close_reason_byte_limit"]`, code: `
			import assert from "node:assert";
			export const a = { test() {
				const close = (...args) => { const [ws] = Object.values(new WebSocketPair()); ws.accept(); ws.close(...args) };
				for (const code of [999, 1001, 1004, 2999, 5000]) assert.throws(() => close(code), { name: "InvalidAccessError", message: "Invalid WebSocket close code: " + code + "." });
				for (const code of [1000, 3000, 4999]) close(code);
				close(1000, "a".repeat(123));
				assert.throws(() => close(1000, "é".repeat(62)), { name: "SyntaxError", message: "WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded." });
				assert.throws(() => close(undefined, "why"), { name: "InvalidAccessError" });
				assert.equal(new CloseEvent("close", { reason: "a\ud800" }).reason, "a\ufffd");
			} };`},
		{name: "close of a WebSocket, as it was", config: `"compatibility_flags": ["nodejs_compat"]`, code: `
			import assert from "node:assert";
			export const a = { test() {
				for (const code of [1001, 2999]) { const [ws] = Object.values(new WebSocketPair()); ws.accept(); ws.close(code, "a".repeat(200)); }
			} };`},
		{name: "signal of a request", config: `"compatibility_flags": ["nodejs_compat", "enable_request_signal"],
			"services": [{ "binding": "SELF", "service": "w" }, { "binding": "LOOK", "service": "w", "entrypoint": "Look" }]`, code: `
			import assert from "node:assert";
			import { WorkerEntrypoint } from "cloudflare:workers";
			export class Look extends WorkerEntrypoint { at(request) { return [request.url, request.signal.aborted] } }
			const seen = [];
			let inner;
			const until = async (state) => { while (inner !== state) await scheduler.wait(1) };
			const wait = (signal) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason)));
			export default {
				async fetch(request, env) {
					const { pathname } = new URL(request.url);
					const { signal } = request;
					assert.equal(request.clone().signal, signal);
					signal.onabort = () => seen.push(pathname, String(signal.reason));
					if (pathname === "/plain") assert.deepEqual(await env.LOOK.at(request), ["http://x/plain", false]); // without its signal
					if (pathname === "/fails") throw new Error("mine");
					if (pathname === "/hangs") await Promise.all([wait(signal), env.SELF.fetch("http://x/inner", request)]);
					if (pathname === "/inner") {
						inner = "under way";
						while (inner !== "may end") await scheduler.wait(1);
						inner = "ended";
					}
					if (pathname === "/begins") return new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1)) }));
					if (pathname === "/streams") return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1)); c.close() } }));
					return new Response("done");
				},
			};
			export const a = { async test(_, env) {
				await (await env.SELF.fetch("http://x/plain")).text();
				await (await env.SELF.fetch("http://x/streams")).text();
				await assert.rejects(env.SELF.fetch("http://x/fails"), { message: "mine" });
				await scheduler.wait(1);
				assert.deepEqual(seen, []);
				const gone = "AbortError: The client has disconnected";
				const controller = new AbortController();
				const hangs = env.SELF.fetch("http://x/hangs", controller);
				await until("under way");
				controller.abort(new RangeError("enough"));
				await assert.rejects(hangs, { name: "RangeError", message: "enough" });
				await scheduler.wait(1);
				assert.deepEqual(seen.splice(0), ["/hangs", gone, "/inner", gone]); // what was begun for who left is left too
				inner = "may end";
				const reader = (await env.SELF.fetch("http://x/begins")).body.getReader();
				await reader.read();
				await reader.cancel();
				await scheduler.wait(1);
				assert.deepEqual(seen.splice(0), ["/begins", gone]);
			} };`},
		{name: "modules", config: `"no_bundle": true, "find_additional_modules": true, "rules": [{ "type": "ESModule", "globs": ["**/*.mjs"] }], "compatibility_flags": ["nodejs_compat_v2"]`,
			files: map[string]string{
				"up.mjs": `import "../out.mjs"`, "sub/gone.mjs": `import "./none.mjs"`, "builtin.mjs": `import "node:none"`, "good.mjs": `export { sep } from "path"`,
				"one.mjs":   `import { env } from "cloudflare:workers"; export const seen = env.X; await null; export const after = env.X`,
				"two.mjs":   `import { env } from "cloudflare:workers"; export const seen = env.X`,
				"three.mjs": `import { env } from "cloudflare:workers"; export const seen = env.X`,
			}, code: `
			import assert from "node:assert";
			import { env, withEnv } from "cloudflare:workers";
			export const b = { async test() {
				const first = import("./three.mjs");
				const [one, two, none] = [withEnv({ X: 1 }, () => import("./one.mjs")), withEnv({ X: 2 }, async () => { await null; return import("./two.mjs") }), import("./none.mjs")];
				assert.deepEqual([(await one).seen, (await one).after, (await two).seen, (await first).seen, env.X], [1, 1, 2, undefined, undefined]);
				await assert.rejects(none);
			} };
			export const a = { async test() {
				assert.equal((await import("./good.mjs")).sep, "/");
				await assert.rejects(import("./up.mjs"), { name: "TypeError", message: 'Invalid module specifier "../out.mjs".\n  imported from "up.mjs".' });
				await assert.rejects(import("./sub/gone.mjs"), { name: "Error", message: 'No such module "sub/none.mjs".\n  imported from "sub/gone.mjs"' });
				await assert.rejects(import("./builtin.mjs"), { message: 'No such module "node:none".\n  imported from "builtin.mjs"' });
				await assert.rejects(import("none"), { message: 'No such module "none".' });
			} };`},
		{name: "CommonJS", config: `"no_bundle": true, "find_additional_modules": true, "compatibility_flags": ["nodejs_compat"],
			"rules": [{ "type": "ESModule", "globs": ["**/*.mjs"] }, { "type": "CommonJS", "globs": ["**/*.cjs"] }]`,
			files: map[string]string{
				"lib/a.cjs":  `exports.early = 1; exports.b = require("./b.cjs"); exports.place = [__filename, __dirname, module.path, typeof this, exports === module.exports]; exports.runs = globalThis.runs = (globalThis.runs ?? 0) + 1`,
				"lib/b.cjs":  `module.exports = { early: require("a.cjs").early, es: require("../es.mjs"), sep: require("node:path").sep, text: require("/text.txt") }`,
				"text.txt":   "some text",
				"es.mjs":     `export default 5`,
				"fails.cjs":  `const said = []; for (const name of ["../out", "gone", "node:gone", "throws.cjs", "throws.cjs", "waits.mjs", "throws.mjs"]) try { require(name); said.push("ok") } catch (e) { said.push(e.name + ": " + e.message) } module.exports = said`,
				"throws.cjs": `globalThis.thrown = (globalThis.thrown ?? 0) + 1; throw new RangeError("no " + thrown)`,
				"throws.mjs": `throw new SyntaxError("mine")`,
				"waits.mjs":  `await null; export default 1`,
			}, code: `
			import assert from "node:assert";
			import a from "./lib/a.cjs";
			export const t = { async test() {
				assert.deepEqual(a, { early: 1, b: { early: 1, es: 5, sep: "/", text: "some text" }, place: ["/lib/a.cjs", "/lib", "/lib/a.cjs", "object", true], runs: 1 });
				assert.equal((await import("./lib/a.cjs")).default, a);
				assert.deepEqual((await import("./fails.cjs")).default, ['TypeError: Invalid module specifier "../out".', 'Error: No such module "gone".', 'Error: No such module "node:gone".',
					"RangeError: no 1", "RangeError: no 1", "Error: Top-level await in module is not permitted at this time.", "SyntaxError: mine"]);
			} };`},
		{name: "modules by flags", config: `"no_bundle": true, "compatibility_flags": ["nodejs_als"]`, code: `
			import { AsyncLocalStorage } from "node:async_hooks";
			export const a = { async test() {
				if (new AsyncLocalStorage().run(1, () => 2) !== 2) throw new Error("no storage");
				const said = [];
				for (const name of ["node:assert", "assert", "workerd:unsafe"]) await import(name).catch((e) => said.push(e.message));
				if (said.join() !== 'No such module "node:assert".,No such module "assert".,No such module "workerd:unsafe".') throw new Error(said.join());
			} };`},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			texts := map[string]string{
				"wrangler.json": `{ "name": "w", "main": "index.js", "compatibility_date": "2026-01-01", ` + w.config + ` }`,
				"index.js":      w.code,
			}
			for name, text := range w.files {
				texts[name] = text
			}
			code, out, errors := doemu(t, "test", "--ephemeral", "-c", filepath.Join(files(t, texts), "wrangler.json"))
			if code != exitDone {
				t.Errorf("got exit code %d, want %d; it said:\n%s%s", code, exitDone, out, errors)
			}
		})
	}
}

// A response that comes in parts, with time between them, is not over when the handler has returned.
func TestTest_timersOfStreams(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"a/index.js": `export default { async test(_, env) {
			const text = await (await env.B.fetch("http://x/")).text();
			if (text !== "0123") throw new Error("got " + text);
		} }`,
		"a/wrangler.json": `{ "name": "a", "main": "index.js", "compatibility_date": "2026-01-01", "services": [{ "binding": "B", "service": "b" }] }`,
		"b/index.js": `export default { fetch() {
			let n = 0;
			return new Response(new ReadableStream({ async pull(c) {
				await scheduler.wait(5);
				c.enqueue(new TextEncoder().encode(String(n++)));
				if (n === 4) c.close();
			} }));
		} }`,
		"b/wrangler.json": `{ "name": "b", "main": "index.js", "compatibility_date": "2026-01-01" }`,
	})
	_, out, errors := doemu(t, "test", "--ephemeral", "-c", filepath.Join(dir, "a/wrangler.json"), "-c", filepath.Join(dir, "b/wrangler.json"))
	if want := "1 passed, 0 failed"; !strings.Contains(out, want) {
		t.Errorf("got:\n%s%s\nwant %q in it", out, errors, want)
	}
}
