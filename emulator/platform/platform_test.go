package platform

import (
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
)

// image is a heap with the platform in it, before Seal: tests reach the kernel.
var image = sync.OnceValues(func() (*isolate.Isolate, error) { return boot() })

// boot evaluates the platform, and sources that a test adds to it.
func boot(extra ...Source) (*isolate.Isolate, error) {
	script, err := Bundle(extra...)
	if err != nil {
		return nil, err
	}
	e, err := isolate.NewEngine(isolate.Config{Ops: Ops(), Events: Events()})
	if err != nil {
		return nil, err
	}
	b := NewBuilder(&Realm{Clock: clock.New(), Random: rand.Reader, Net: NewNet(CloudflareSocketLimits()), Console: func(string, string) {}, Uncaught: func(string) {}})
	i, err := e.Boot(isolate.Options{Owner: b})
	if err != nil {
		return nil, err
	}
	if err := i.EvalScript(ScriptName, string(script)); err != nil {
		return nil, err
	}
	return i, b.Install(i)
}

// owner is a test's isolate: it collects what the console gets.
type owner struct {
	realm *Realm
	lines []string
}

func (o *owner) Realm() *Realm { return o.realm }

func newOwner() *owner {
	o := &owner{}
	o.realm = &Realm{
		Clock: clock.New(), Random: rand.Reader, Net: NewNet(CloudflareSocketLimits()),
		Console:  func(_, text string) { o.lines = append(o.lines, text) },
		Uncaught: func(text string) { o.lines = append(o.lines, "uncaught "+text) },
	}
	return o
}

// run runs a module's code in an isolate of its own and gives the lines that it logged.
func run(t *testing.T, code string) []string {
	t.Helper()
	base, err := image()
	if err != nil {
		t.Fatal(err)
	}
	imageMutex.Lock()
	img, err := base.Image()
	imageMutex.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	return evalIn(t, img, code)
}

// evalIn runs a module in a fork of an image, and gives the lines that it logged.
func evalIn(t testing.TB, img *isolate.Image, code string) []string {
	t.Helper()
	o := newOwner()
	i, err := img.Fork(isolate.Options{Owner: o, LoadModule: builtIn})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if err := i.EvalModule("test.js", code, -1); err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return o.lines
}

// builtIn gives a test the modules of a Worker with nodejs_compat.
func builtIn(name string, _ []string) (string, error) {
	source, ok, err := FlaggedModule(name, func(flag string) bool { return flag == "nodejs_compat" || flag == "nodejs_compat_v2" })
	if err != nil {
		return "", err
	}
	if !ok {
		return "", isolate.Errorf("Error", "No such module %q.", name)
	}
	return source, nil
}

var imageMutex sync.Mutex

func TestPlatform(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, code, want string }{
		{"inspect", `console.log("a", { a: 1, b: [1, { c: { d: {} } }] }, new Map([[1, "x"]]), -0, 5n, Symbol("s"))`,
			"a { a: 1, b: [ 1, { c: [Object] } ] } Map(1) { 1 => 'x' } -0 5n Symbol(s)"},
		{"format", `console.log("%s is %d and %j%%", "x", 4.5, { a: 1 }, "rest")`, `x is 4.5 and {"a":1}% rest`},
		{"url", `const u = new URL("../b?q=1#h", "https://user:pw@EXAMPLE.com:443/a/c"); u.searchParams.append("é", "&"); console.log(u.href, u.host, u.origin)`,
			"https://user:pw@example.com/b?q=1&%C3%A9=%26#h example.com https://example.com"},
		{"params", `console.log(String(new URLSearchParams({ a: "1 2", b: "*~" })), [...new URLSearchParams("?x=%zz&y=+1")].flat().join())`, "a=1+2&b=*%7E x,%zz,y, 1"},
		{"text", `console.log(new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 104, 0xff])), new TextEncoder().encode("é€").length, btoa("ÿ"), atob(" aGk= "))`, "h\ufffd 5 /w== hi"},
		{"headers", `const h = new Headers([["B", "2"], ["a", "1"], ["b", " 3 "]]); h.append("Set-Cookie", "x"); h.append("set-cookie", "y"); console.log(JSON.stringify([...h]), h.getSetCookie().length)`,
			`[["a","1"],["b","2, 3"],["set-cookie","x"],["set-cookie","y"]] 2`},
		{"response", `const r = Response.json({ a: 1 }, { status: 201 }); const c = r.clone(); console.log(r.status, r.headers.get("content-type"), await r.text(), r.bodyUsed, (await c.json()).a)`,
			`201 application/json {"a":1} true 1`},
		{"request", `const r = new Request("http://x/a b", { method: "post", body: "hi" }); console.log(r.method, r.url, await new Request(r).text(), r.bodyUsed)`,
			"POST http://x/a%20b hi true"},
		{"streams", `const t = new TransformStream({ transform(c, k) { k.enqueue(c * 2) } }); const w = t.writable.getWriter(); w.write(1); w.write(2); w.close(); const out = []; for await (const c of t.readable) out.push(c); console.log(out.join(), await new Response(new Blob(["a", new Uint8Array([98])]).stream()).text())`,
			"2,4 ab"},
		{"text of bodies", `const text = async (b) => JSON.stringify(await new Response(b).text().catch((e) => e.message));
			const parts = (...c) => new ReadableStream({ start(k) { c.forEach((x) => k.enqueue(x)); k.close() } });
			console.log(await text("\ufeffx"), await text("a\ud800"), await text(parts(new Uint8Array(), new Uint8Array([104, 105]))), await text(parts("a string")), (await new Response("\ufeff[1]").json())[0])`,
			"\"x\" \"a\ufffd\" \"hi\" \"This ReadableStream did not return bytes.\" 1"},
		{"form", `const f = new FormData(); f.append("a", "1"); f.append("f", new File(["x"], "n.txt", { type: "text/plain" })); const g = await new Response(f).formData(); console.log(g.get("a"), g.get("f").name, await g.get("f").text())`,
			"1 n.txt x"},
		{"events", `const e = new EventTarget(); const seen = []; e.addEventListener("x", { handleEvent: (v) => seen.push(v.type) }, { once: true }); e.dispatchEvent(new Event("x")); e.dispatchEvent(new Event("x")); const c = new AbortController(); c.signal.onabort = () => seen.push(c.signal.reason.name); c.abort(); console.log(seen.join())`,
			"x,AbortError"},
		{"clone", `const a = { d: new Date(5), m: new Map([[1, new Set(["x€"])]]), b: new Uint16Array([1, 65535]), r: /x/gi, n: [1, , 3], big: -(2n ** 70n), e: new RangeError("no", { cause: 1 }) }; a.self = a; const b = structuredClone(a); console.log(b.self === b, +b.d, [...b.m.get(1)][0], b.b.join(), b.r.flags, 1 in b.n, b.n.length, b.big, b.e.name, b.e.cause)`,
			"true 5 x€ 1,65535 gi false 3 -1180591620717411303424n RangeError 1"},
		{"uncloneable", `for (const v of [() => 1, Symbol("x"), Promise.resolve(), new URL("http://x")]) try { structuredClone(v); console.log("no error") } catch (e) { console.log(e.name, e.code, e.message) }`,
			"DataCloneError 25 () => 1 could not be cloned.\nDataCloneError 25 Symbol(x) could not be cloned.\nDataCloneError 25 #<Promise> could not be cloned.\nDataCloneError 25 Could not serialize object of type \"URL\". This type does not support serialization."},
		{"digest", `console.log([...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("abc")))].slice(0, 4).join())`, "186,120,22,191"},
		{"no digest", `try { await crypto.subtle.digest("ROT13", new Uint8Array()) } catch (e) { console.log(e.name) }`, "NotSupportedError"},
		{"modules", `import assert from "node:assert"; import { EventEmitter } from "node:events"; import { Buffer } from "node:buffer"; import path from "node:path"; import { inspect } from "node:util"; assert.deepStrictEqual({ a: [1] }, { a: [1] }); try { assert.equal(1, 2) } catch (e) { console.log(e.code) } const em = new EventEmitter(); em.on("x", (v) => console.log(v)); em.emit("x", Buffer.from("aGk=", "base64").toString()); console.log(path.join("a", "../b"), inspect({ a: 1 }))`,
			"ERR_ASSERTION\nhi\nb { a: 1 }"},
		{"context", `import { AsyncLocalStorage } from "node:async_hooks"; const s = new AsyncLocalStorage(); s.run(5, () => Promise.resolve().then(() => console.log(s.getStore()))); console.log(s.getStore())`, "undefined\n5"},
		{"globals", `console.log(Object.keys(globalThis).length, typeof __doemu_kernel, navigator.userAgent, self === globalThis, String(performance))`, "0 undefined Cloudflare-Workers true [object Performance]"},
		{"unhandled", `addEventListener("unhandledrejection", (e) => { console.log(e.reason); e.preventDefault() }); Promise.reject("why")`, "why"},
		{"uncaught", `Promise.reject("why")`, "uncaught why"},
		{"rejection handled later", `addEventListener("unhandledrejection", (e) => { e.preventDefault(); queueMicrotask(() => e.promise.catch(() => {})) }); addEventListener("rejectionhandled", (e) => console.log(e.reason, e.promise === p)); const p = Promise.reject("why")`, "undefined true"},
		{"rejection listener throws", `addEventListener("unhandledrejection", () => { throw "mine" }); Promise.reject("why")`, "uncaught mine\nuncaught why"},
		{"error event", `addEventListener("error", (e) => { console.log(e.message, e.cancelable); return true }, { once: true }); queueMicrotask(() => { throw new RangeError("no") }); queueMicrotask(() => { throw "told" })`,
			"Uncaught RangeError: no false\nuncaught told"},
		{"error listener throws", `addEventListener("error", () => { throw "mine" }); queueMicrotask(() => { throw "lost" })`, "uncaught mine"},
		{"prevented", `const t = new EventTarget(); for (const cancelable of [true, false]) { const e = new Event("x", { cancelable }); t.addEventListener("x", () => true, { once: true }); console.log(t.dispatchEvent(e), "seen", e.defaultPrevented) }`, "false seen true\nfalse seen false"},
		{"own classes", `const s = Symbol.for("cloudflare:internal-class"); console.log(Headers.prototype[s] === s && new Response()[s] === s, String(CryptoKey.prototype)); try { new CryptoKey() } catch (e) { console.log(e.message) }`, "true [object CryptoKey]\nIllegal constructor"},
		{"global scope", `for (const f of [() => setTimeout(() => {}), () => crypto.randomUUID(), () => crypto.getRandomValues(new Uint8Array(1))]) try { f() } catch (e) { console.log(e.message.slice(0, 48)) }`,
			"Disallowed operation called within global scope.\nDisallowed operation called within global scope.\nDisallowed operation called within global scope."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(run(t, test.code), "\n"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
