package isolate

import "testing"

// carrying is the least that a context needs: a variable that every reaction finds as it was.
const carrying = `let context = "none";
	const within = (value, work) => { const before = context; context = value; try { return work() } finally { context = before } };
	const carry = (f) => { const value = context; return value === "none" ? f : function (...args) { return within(value, () => f.apply(this, args)) } };
	const rejected = new WeakMap();
	const say = (what) => host.note(what + " " + context);
	on("unhandled", (promise) => host.note("unhandled " + rejected.get(promise)));
	on("loaded", () => say("loaded"));
	const asked = new Map();
	host.carry(carry, (promise) => void rejected.set(promise, context), (job) => {
		if (job > 0) asked.set(job, context);
		else context = asked.get(-job) ?? "none";
	});
	`

func TestCarryContext(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, code string
		want       []string
	}{
		{"then", `const p = Promise.resolve(); within("a", () => p.then(() => say("then"))); within("b", () => p.then(() => say("then"))); p.then(() => say("then"))`,
			[]string{"then a", "then b", "then none"}},
		{"await", `const f = async () => { say("before"); await null; say("first"); await f2(); say("second") }, f2 = async () => { await Promise.resolve().then(() => 1) };
			within("a", f).then(() => say("end"))`, []string{"before a", "first a", "second a", "end none"}},
		{"finally", `within("a", () => Promise.reject(1).catch(() => say("catch")).finally(() => say("finally")))`, []string{"catch a", "finally a"}},
		{"thrown into", `within("a", async () => { try { await Promise.reject(1) } catch (e) { say("caught") } })`, []string{"caught a"}},
		{"generator", `async function* g() { say("start"); await null; say("awaited"); yield 1; say("resumed") }
			const it = within("a", () => g()); within("b", () => it.next()); within("c", () => it.next().then(() => say("done")))`,
			[]string{"start b", "awaited b", "resumed b", "done c"}},
		{"for await", `within("a", async () => { for await (const x of [1, Promise.resolve(2)]) say(x) })`, []string{"1 a", "2 a"}},
		{"thenable", `const t = { then(done) { say("thenable"); done() } }; within("a", async () => { await t }); within("b", () => new Promise((resolve) => resolve(t)));
			within("c", () => Promise.resolve().then(() => t)); within("d", async () => t); Promise.resolve(t)`,
			[]string{"thenable a", "thenable b", "thenable d", "thenable none", "thenable c"}},
		{"throwing then", `const t = { get then() { throw new Error("no") } }; within("a", async () => { try { await t } catch (e) { say(e.message) } })`, []string{"no a"}},
		{"no callbacks", `within("a", () => Promise.resolve(1).then(2, "text").then((x) => say(x)))`, []string{"1 a"}},
		{"unhandled", `within("a", () => Promise.reject(1)); within("b", () => Promise.resolve().then(() => { throw 1 })); within("c", async () => { await null; throw 1 }); Promise.reject(1)`,
			[]string{"unhandled a", "unhandled none", "unhandled b", "unhandled c"}},
		{"all", `within("a", async () => { await Promise.all([1, Promise.resolve().then(() => 1)]); say("all"); await Promise.race([new Promise(() => {}), null]); say("race") })`, []string{"all a", "race a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i, n := boot(t, carrying+`on("run", () => { `+test.code+` })`)
			if err := i.Deliver(testEngine(t).Event("run")); err != nil {
				t.Fatal(err)
			}
			n.want(t, test.want...)
		})
	}
}

// What the engine is given instead of callbacks and thenables is let go of again.
func TestCarryContext_memory(t *testing.T) {
	t.Parallel()
	i, n := boot(t, carrying+`const rounds = async (n) => {
			const thenable = { then: (done) => done() };
			for (; n > 0; n--) { await null; await thenable; await Promise.resolve().then(() => ({})).catch(say).finally(() => {}); await Promise.reject().catch(() => {}) }
		};
		on("run", (n) => void within("a", () => rounds(n)).then(() => say(n)))`)
	deliver := func(rounds int) int {
		if err := i.Deliver(testEngine(t).Event("run"), Int(rounds)); err != nil {
			t.Fatal(err)
		}
		return i.mem.Size()
	}
	before := deliver(1_000)
	if after := deliver(10_000); after > before+1<<20 {
		t.Errorf("%d bytes of memory became %d", before, after)
	}
	n.want(t, "1000 none", "10000 none")
}
