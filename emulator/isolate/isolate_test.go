package isolate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// testEngine is one engine for all tests.
func testEngine(t testing.TB) *Engine {
	t.Helper()
	e, err := NewEngine(Config{Ops: slices.Concat(testOps, rowsOps), Events: []string{"run", "loaded", EventUnhandled}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// notes is an owner that collects what JavaScript says.
type notes struct {
	said []string
	form *Form // of rowsOps
}

var testOps = []Op{
	{Name: "note", Run: func(c *Call) (Value, error) {
		n := c.Owner().(*notes)
		for k := range c.Len() {
			switch v := c.Value(k); {
			case v.IsString():
				n.said = append(n.said, v.Text())
			case v.IsBytes():
				n.said = append(n.said, fmt.Sprintf("bytes %x", v.Data()))
			case v.IsUndefined():
				n.said = append(n.said, "undefined")
			case v.IsNull():
				n.said = append(n.said, "null")
			default:
				n.said = append(n.said, fmt.Sprint(v.Float(), v.Truth()))
			}
		}
		return Undefined(), nil
	}},
	{Name: "fail", Run: func(*Call) (Value, error) { return Value{}, Errorf("RangeError", "no %s", "way") }},
	{Name: "units", Run: func(c *Call) (Value, error) { return String(fmt.Sprintf("%x", c.UTF16(0))), nil }},
	{Name: "unitsOf", Run: func(c *Call) (Value, error) {
		// The form in which units prints them: each in as few digits as there need be.
		var units []uint16
		for hex := c.String(0); len(hex) >= 4; hex = hex[4:] {
			n, err := strconv.ParseUint(hex[:4], 16, 16)
			if err != nil {
				return Value{}, err
			}
			units = append(units, uint16(n))
		}
		return String(fmt.Sprintf("%x", units)), nil
	}},
	{Name: "text", Run: func(c *Call) (Value, error) { return String(c.String(0)), nil }},
	{Name: "value", Run: func(c *Call) (Value, error) { return c.Value(0), nil }},
	{Name: "ascii", Run: func(c *Call) (Value, error) {
		s, ok := c.ASCII(0)
		if !ok {
			s = "not ASCII"
		}
		return String(strings.Clone(s)), nil
	}},
	{Name: "failWith", Run: func(c *Call) (Value, error) { return Value{}, Errorf("Error", "%s", c.String(0)) }},
	{Name: "size", Run: func(c *Call) (Value, error) {
		b, ok := c.View(0)
		if !ok {
			return Int(-1), nil
		}
		return Int(len(b)), nil
	}},
	{Name: "fill", Run: func(c *Call) (Value, error) {
		b, ok := c.View(0)
		for n := range b {
			b[n] = 7
		}
		return Bool(ok), nil
	}},
	{Name: "later", Waits: true, Run: func(c *Call) (Value, error) {
		r, text := c.Resolver("test", ""), c.String(0)
		c.Turn().Send(func() {
			if text == "" {
				go r.Reject(Errorf("TypeError", "nothing"))
			} else {
				go r.Resolve(String(text))
			}
		})
		return Undefined(), nil
	}},
	{Name: "carry", Run: func(c *Call) (Value, error) { return Undefined(), c.CarryContext() }},
	{Name: "break", Run: func(c *Call) (Value, error) {
		c.Turn().Break(errors.New("broken on purpose"))
		return Undefined(), nil
	}},
	{Name: "section", Run: func(c *Call) (Value, error) {
		name := c.String(0)
		c.Turn().Begin(func(t *Turn, s *Section) error {
			c.Owner().(*notes).said = append(c.Owner().(*notes).said, "in "+name)
			post := t.Here(func(t *Turn) error {
				c.Owner().(*notes).said = append(c.Owner().(*notes).said, "out "+name)
				t.End(s)
				return nil
			})
			go post()
			return nil
		})
		return Undefined(), nil
	}},
}

// boot makes an isolate in which `run` is a function of the source.
func boot(t testing.TB, source string) (*Isolate, *notes) {
	t.Helper()
	n := &notes{}
	i, err := testEngine(t).Boot(Options{Owner: n})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	script := "{ const { host, on } = globalThis." + KernelGlobal + ";\n" + source + "}"
	if err := i.EvalScript("test.js", script); err != nil {
		t.Fatal(err)
	}
	return i, n
}

func (n *notes) want(t testing.TB, want ...string) {
	t.Helper()
	if !slices.Equal(n.said, want) {
		t.Errorf("got %q, want %q", n.said, want)
	}
}

func TestIsolate_values(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", (...values) => host.note(...values, "a\u0000b", "é€😀", new Uint8Array([1, 255]).subarray(1), -0.5))`)
	err := i.Deliver(testEngine(t).Event("run"), String("x\x00ü"), Bytes([]byte{1, 2}), Number(1<<40), Int(-3), Bool(true), Null(), Undefined(), JSON([]byte(`"j"`)))
	if err != nil {
		t.Fatal(err)
	}
	n.want(t, "x\x00ü", "bytes 0102", "1.099511627776e+12 false", "-3 false", "0 true", "null", "undefined", "j", "a\x00b", "é€😀", "bytes ff", "-0.5 false")
}

func TestIsolate_surrogates(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", (s) => host.note(host.units("\ud800x"), host.units(s)))`)
	if err := i.Deliver(testEngine(t).Event("run"), UTF16([]byte{0, 0xd8, 'x', 0, 0x3d, 0xd8, 0, 0xde})); err != nil {
		t.Fatal(err)
	}
	n.want(t, "[d800 78]", "[d800 78 d83d de00]")
}

func TestIsolate_bytesInPlace(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", () => { const b = new Uint8Array(3); host.note(String(host.fill(b)), b, String(host.fill("no"))) })`)
	if err := i.Deliver(testEngine(t).Event("run")); err != nil {
		t.Fatal(err)
	}
	n.want(t, "true", "bytes 070707", "false")
}

func TestIsolate_errors(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", () => { try { host.fail() } catch (e) { host.note(e.name, e.message, String(e instanceof RangeError)) } })`)
	if err := i.Deliver(testEngine(t).Event("run")); err != nil {
		t.Fatal(err)
	}
	n.want(t, "RangeError", "no way", "true")
	for source, want := range map[string]string{
		"throw new TypeError('t')":    "TypeError: t",
		"const a = 1; a = 2":          "TypeError",
		"(":                           "SyntaxError",
		"throw 5":                     "uncaught 5",
		"function f() { f() } f()":    "RangeError: Maximum call stack size exceeded",
		"JSON.parse('['.repeat(1e5))": "",
	} {
		err := i.EvalScript("bad.js", source)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
		if i.Broken() != nil {
			i, _ = boot(t, "")
		}
	}
}

// Nothing of the machine can be reached from JavaScript.
func TestIsolate_noFiles(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `for (const name of ["std", "os", "bjson", "print", "scriptArgs", "gc"]) host.note(typeof globalThis[name]);
		for (const name of ["qjs:os", "qjs:std", "os", "/etc/passwd", "file:///etc/passwd", "./x.json"]) import(name).then(() => host.note("loaded " + name), () => {})`)
	if err := i.EvalScript("wait", "0"); err != nil {
		t.Fatal(err)
	}
	n.want(t, "undefined", "undefined", "undefined", "undefined", "undefined", "undefined")
}

func TestIsolate_modules(t *testing.T) {
	t.Parallel()
	n := &notes{}
	i, err := testEngine(t).Boot(Options{Owner: n, LoadModule: func(name string, path []string) (string, error) {
		if name == "lib/a.js" {
			return `import { b } from "./b.js"; export const a = b + 1`, nil
		}
		if name == "lib/b.js" {
			return `export const b = 1`, nil
		}
		if name == "lib/c.js" {
			return `import "../../up.js"`, nil
		}
		return "", Errorf("Error", "No such module %q for %q.", name, path)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if err := i.EvalScript("setup", `{ const k = globalThis.`+KernelGlobal+`; k.on("loaded", (m) => k.host.note(String(m.x), String(m.default))) }`); err != nil {
		t.Fatal(err)
	}
	if err := i.Seal(); err != nil {
		t.Fatal(err)
	}
	err = i.EvalModule("main.js", `import { a } from "./lib/a.js"; export const x = await Promise.resolve(a); export default typeof `+KernelGlobal, testEngine(t).Event("loaded"))
	if err != nil {
		t.Fatal(err)
	}
	n.want(t, "2", "undefined")
	for source, want := range map[string]string{
		`import "./missing.js"`:        `No such module "missing.js" for ["other.js"].`,
		`import "lib/c.js"`:            `No such module "../up.js" for ["other.js" "lib/c.js"].`,
		`await import("./gone.js")`:    `No such module "gone.js" for [].`,
		`throw new RangeError("mine")`: "RangeError: mine",
		`await new Promise(() => {})`:  ErrPending.Error(),
	} {
		if err := i.EvalModule("other.js", source, -1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}

func TestIsolate_unhandledRejections(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("unhandled", (promise, reason) => host.note("unhandled " + reason));
		on("run", () => { Promise.reject("a"); Promise.reject("b").catch(() => {}); const c = Promise.reject("c"); queue = c });
		on("loaded", () => {}); var queue`)
	if err := i.Deliver(testEngine(t).Event("run")); err != nil {
		t.Fatal(err)
	}
	n.want(t, "unhandled a", "unhandled c")
}

func TestImage_fork(t *testing.T) {
	t.Parallel()
	i, _ := boot(t, `let count = 10; on("run", () => host.note(String(++count), String(Math.random() < 1), new Date().toISOString()))`)
	image, err := i.Image()
	if err != nil {
		t.Fatal(err)
	}
	for _, img := range []*Image{image, image} {
		n := &notes{}
		f, err := img.Fork(Options{Owner: n})
		if err != nil {
			t.Fatal(err)
		}
		f.SetTime(time.UnixMilli(86_400_000))
		for range 2 {
			if err := f.Deliver(testEngine(t).Event("run")); err != nil {
				t.Fatal(err)
			}
		}
		f.Close()
		n.want(t, "11", "true", "1970-01-02T00:00:00.000Z", "12", "true", "1970-01-02T00:00:00.000Z")
	}
}

func TestImage_randomDiffers(t *testing.T) {
	t.Parallel()
	i, _ := boot(t, `on("run", () => host.note(String(Math.random())))`)
	image, err := i.Image()
	if err != nil {
		t.Fatal(err)
	}
	throw := func(seed uint64) string {
		n := &notes{}
		f, err := image.Fork(Options{Owner: n, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := f.Deliver(testEngine(t).Event("run")); err != nil {
			t.Fatal(err)
		}
		return n.said[0]
	}
	if a, b := throw(0), throw(0); a == b {
		t.Errorf("two isolates throw the same: %s", a)
	}
	if a, b := throw(5), throw(5); a != b {
		t.Errorf("one seed gives %s and %s", a, b)
	}
}

func TestIsolate_interrupt(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", () => { try { for (;;) {} } catch (e) { host.note("caught") } finally { host.note("finally") } });
		on("loaded", () => host.note("usable"))`)
	timer := time.AfterFunc(20*time.Millisecond, i.Interrupt)
	defer timer.Stop()
	err := i.Deliver(testEngine(t).Event("run"))
	var thrown *Exception
	if !errors.As(err, &thrown) || !thrown.Interrupted {
		t.Fatalf("got %v, want an interruption", err)
	}
	if !i.ClearInterrupt() || i.ClearInterrupt() {
		t.Error("ClearInterrupt does not tell that there was one")
	}
	if err := i.Deliver(testEngine(t).Event("loaded")); err != nil {
		t.Fatal(err)
	}
	n.want(t, "usable")
}

func TestIsolate_memoryLimit(t *testing.T) {
	t.Parallel()
	i, err := testEngine(t).Boot(Options{MemoryLimit: 32 << 20, Owner: &notes{}})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if err := i.EvalScript("setup", `globalThis.`+KernelGlobal+`.on("run", () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20)) })`); err != nil {
		t.Fatal(err)
	}
	if err := i.Deliver(testEngine(t).Event("run")); !errors.Is(err, ErrMemoryLimit) {
		t.Errorf("got %v, want %v", err, ErrMemoryLimit)
	}
	if err := i.Deliver(testEngine(t).Event("run")); !errors.Is(err, ErrMemoryLimit) {
		t.Errorf("a broken isolate: got %v, want %v", err, ErrMemoryLimit)
	}
}

// Cycles are freed as they pile up: small ones, large ones, in one turn and over many, in a heap that
// was booted and in a fork.
func TestIsolate_cycles(t *testing.T) {
	t.Parallel()
	const most = 64 << 20
	for _, test := range []struct {
		name, source string
		turns        int
	}{
		{"small ones in one turn", `on("run", () => { for (let n = 0; n < 1_000_000; n++) { const a = {}; a.a = { a }; } })`, 1},
		{"small ones in many turns", `on("run", () => { for (let n = 0; n < 1_000; n++) { const a = {}; a.a = { a }; } })`, 1_000},
		{"large ones in many turns", `on("run", () => { const a = { b: new Uint8Array(1 << 20) }; a.a = a; })`, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			booted, _ := boot(t, test.source)
			image, err := booted.Image()
			if err != nil {
				t.Fatal(err)
			}
			defer image.Close()
			fork, err := image.Fork(Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer fork.Close()
			for name, i := range map[string]*Isolate{"booted": booted, "fork": fork} {
				for range test.turns {
					if err := i.Deliver(i.engine.Event("run")); err != nil {
						t.Fatal(name, err)
					}
				}
				if got := i.MemoryBytes(); got > most {
					t.Errorf("%s: got a heap of %d bytes, want at most %d", name, got, most)
				}
			}
		})
	}
}

// A closed image is not forked, whatever its file's number stands for by then; its isolates live on.
func TestImage_closed(t *testing.T) {
	t.Parallel()
	i, _ := boot(t, "")
	image, err := i.Image()
	if err != nil {
		t.Fatal(err)
	}
	fork, err := image.Fork(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fork.Close()
	for range 2 {
		if err := image.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := fork.EvalScript("lives", "1 + 1"); err != nil {
		t.Errorf("an isolate of a closed image: %v", err)
	}
	if _, err := image.Fork(Options{}); !errors.Is(err, ErrImageClosed) {
		t.Errorf("Fork: got %v, want ErrImageClosed", err)
	}
}

// The longest dates have their text, too.
func TestIsolate_dates(t *testing.T) {
	t.Parallel()
	i, n := boot(t, `on("run", () => { for (const at of [0, 8.64e15, -8.64e15]) { const d = new Date(at); host.note(String(d), d.toTimeString()); } })`)
	if err := i.Deliver(testEngine(t).Event("run")); err != nil {
		t.Fatal(err)
	}
	n.want(t,
		"Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)", "00:00:00 GMT+0000 (Coordinated Universal Time)",
		"Sat Sep 13 275760 00:00:00 GMT+0000 (Coordinated Universal Time)", "00:00:00 GMT+0000 (Coordinated Universal Time)",
		"Tue Apr 20 -271821 00:00:00 GMT+0000 (Coordinated Universal Time)", "00:00:00 GMT+0000 (Coordinated Universal Time)")
}
