package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A Tail Worker sees the events of a Worker and of its objects, with what was logged and thrown.
func TestTest_tail(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"a/index.js": `
			import assert from "node:assert";
			import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
			export class Thing extends DurableObject {
				hi(x) { console.log("in the object", x); return x; }
				bad() { throw new TypeError("answered"); }
				async arm() { await this.ctx.storage.setAlarm(Date.now()); }
				alarm() { console.warn("ringing"); throw new RangeError("too loud"); }
			}
			export class Entry extends WorkerEntrypoint {
				fetch(request, env, ctx) {
					if (request.url.includes("throw")) throw new RangeError("thrown");
					this.ctx.waitUntil(scheduler.wait(5).then(() => console.debug("later")));
					console.log("hello", { a: [1, undefined] }, undefined, new Error("logged"));
					return new Response("ok", { status: 201 });
				}
			}
			const plain = (item) => JSON.parse(JSON.stringify(item));
			export default { async test(_, env, ctx) {
				const thing = env.THING.getByName("a");
				await thing.hi(5);
				await thing.bad().catch(() => {});
				await ctx.exports.Entry.fetch("http://x/throw").catch(() => {});
				await ctx.exports.Entry.fetch("http://x/?id=0123456789abcdef0123456789abcdef", { headers: { "X-Api-Key": "abc", Accept: "y" } });
				await thing.arm();
				let items;
				for (let n = 0; n < 100 && (items = await env.TAIL.seen()).filter((i) => i.event.scheduledTime || i.event.response).length < 2; n++) await scheduler.wait(10);
				const of = (f) => items.find(f) ?? assert.fail(JSON.stringify(items));
				const id = env.THING.idFromName("a").toString();
				const { eventTimestamp, wallTime, logs, unredacted, ...hi } = of((i) => i.event.rpcMethod === "hi");
				assert(eventTimestamp > 1e12 && logs[0].timestamp >= eventTimestamp);
				assert.deepEqual(hi, {
					scriptName: "a", entrypoint: "Thing", durableObjectId: id, executionModel: "durableObject", outcome: "ok", event: { rpcMethod: "hi" },
					exceptions: [], cpuTime: 0, truncated: false, diagnosticsChannelEvents: [], names: ["TraceItem", "JsRpcEventInfo", "TraceLog"],
				});
				assert.deepEqual([logs[0].level, logs[0].message], ["log", ["in the object", 5]]);
				const bad = of((i) => i.event.rpcMethod === "bad");
				assert.deepEqual([bad.outcome, bad.exceptions, bad.logs], ["ok", [], []]);
				const thrown = of((i) => i.event.request?.url === "http://x/throw");
				assert.deepEqual([thrown.outcome, thrown.exceptions[0].name, thrown.exceptions[0].message, thrown.event.response], ["exception", "RangeError", "thrown", undefined]);
				assert(thrown.exceptions[0].stack.includes("index.js:12:"), thrown.exceptions[0].stack);
				const ok = of((i) => i.event.response);
				assert.deepEqual(ok.event, { request: { url: "http://x/?id=REDACTED", method: "GET", headers: { accept: "y", "x-api-key": "REDACTED" } }, response: { status: 201 } });
				assert.equal(ok.unredacted, "abc");
				assert.deepEqual(ok.logs.map((l) => [l.level, l.message]), [["log", ["hello", { a: [1, null] }, null, "Error: logged"]], ["debug", ["later"]]]);
				assert.deepEqual(ok.logs[0].errorInfo.map((e) => e?.message ?? "-").join(""), "---logged");
				const alarm = of((i) => i.event.scheduledTime);
				assert.deepEqual([alarm.outcome, alarm.exceptions[0].message, alarm.logs[0].message], ["exception", "too loud", ["ringing"]]);
			} };`,
		"a/wrangler.json": `{ "name": "a", "main": "index.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat"],
			"durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Thing"] }],
			"services": [{ "binding": "TAIL", "service": "b", "entrypoint": "Seen" }], "tail_consumers": [{ "service": "b" }] }`,
		"b/index.js": `
			import { WorkerEntrypoint } from "cloudflare:workers";
			const seen = [];
			const name = (value) => Object.prototype.toString.call(value).slice(8, -1);
			export class Seen extends WorkerEntrypoint { seen() { return seen; } }
			export default { tail(items) {
				for (const item of items) {
					const names = [item, item.event, item.logs[0]].map(name);
					seen.push({ ...JSON.parse(JSON.stringify(item)), names, unredacted: item.event.request?.getUnredacted().headers["x-api-key"] });
				}
			} }`,
		"b/wrangler.json": `{ "name": "b", "main": "index.js", "compatibility_date": "2026-01-01" }`,
	})
	_, out, errors := doemu(t, "test", "--ephemeral", "-c", filepath.Join(dir, "a/wrangler.json"), "-c", filepath.Join(dir, "b/wrangler.json"))
	if want := "1 passed, 0 failed"; !strings.Contains(out, want) {
		t.Errorf("got:\n%s%s\nwant %q in it", out, errors, want)
	}
}
