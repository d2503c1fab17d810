package isolate

import "testing"

// Some of the engine's functions are code that was compiled ahead, which knows names by their numbers in the engine's list.
func TestIsolate_precompiled(t *testing.T) {
	t.Parallel()
	_, n := boot(t, `
		Array.fromAsync([1, Promise.resolve(2)]).then((a) => host.note(JSON.stringify(a)));
		host.note(JSON.stringify([...Iterator.zip([[1, 2], [3, 4]])]), JSON.stringify([...Iterator.zipKeyed({ a: [1], b: [2] })]));
	`)
	n.want(t, "[[1,3],[2,4]]", `[{"a":1,"b":2}]`, "[1,2]")
}

// Places in stacks are V8's: of a call the name that is called, of a property its name, of new the word itself.
func TestIsolate_stackPlaces(t *testing.T) {
	t.Parallel()
	_, n := boot(t, `
function named() { return new Error("in named"); }
const obj = { method() { return new Error("in method"); }, get g() { return new Error("getter"); } };
class K { #p() { return new Error("private"); } p() { return this.#p(); } static s() { return new Error("static"); } }
const say = (e) => host.note(e.stack.split("\n").slice(1).map((l) => l.trim().slice(3)).join(" | "));
say(named());
say(obj.method());
say(obj.g);
say(new K().p());
say(K.s());
say([1].map(() => new Error("callback"))[0]);
try { null.foo; } catch (e) { say(e); }
try { obj.a.b.c; } catch (e) { say(e); }
try { obj["a"]["b"]; } catch (e) { say(e); }
try { obj.nothing(named(), 1); } catch (e) { say(e); }
`)
	n.want(t,
		"named (test.js:3:27) | test.js:7:5",
		"Object.method (test.js:4:33) | test.js:8:9",
		"get g (test.js:4:77) | test.js:9:9",
		"#p (test.js:5:25) | K.p (test.js:5:69) | test.js:10:13",
		"K.s (test.js:5:95) | test.js:11:7",
		"test.js:12:19 | Array.map (<anonymous>) | test.js:12:9",
		"test.js:13:12",
		"test.js:14:13",
		"test.js:15:15",
		"test.js:16:11",
	)
}

// What an error says of a value does not outlive it.
func TestIsolate_badIteratorResults(t *testing.T) {
	t.Parallel()
	_, n := boot(t, `
		for (const result of ["s" + host.length, 2n ** 70n, Symbol("x"), 5, null]) {
			const it = { [Symbol.iterator]: () => ({ next: () => (typeof result === "string" ? result + result : result) }) };
			try { for (const x of it); } catch (e) { host.note(e.message); }
			try { [...it]; } catch (e) { host.note(e.message); }
		}
	`)
	n.want(t,
		"Iterator result sundefinedsundefined is not an object", "Iterator result sundefinedsundefined is not an object",
		"Iterator result 1180591620717411303424 is not an object", "Iterator result 1180591620717411303424 is not an object",
		"Iterator result Symbol(x) is not an object", "Iterator result Symbol(x) is not an object",
		"Iterator result 5 is not an object", "Iterator result 5 is not an object",
		"Iterator result null is not an object", "Iterator result null is not an object",
	)
}

// esbuild writes new (new A(1))(2) without the outer parentheses.
func TestIsolate_newOfNew(t *testing.T) {
	t.Parallel()
	_, n := boot(t, `
		class A { constructor(f) { this.f = f; return f; } }
		class B { constructor(x) { this.b = x; } m() { return this.b; } }
		class C { constructor() { this.D = B; } }
		host.note(JSON.stringify([new /**/ new A(B)(3), new A(() => 5)(), new /**/ new C().D(4), new /**/ new C().D(4).m(), new B(1).m(), new /**/ new A(B)]));
	`)
	n.want(t, `[{"b":3},5,{"b":4},4,1,{}]`)
}
