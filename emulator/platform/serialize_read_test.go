package platform

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

// Older versions are read, and forms that this platform does not write itself.
func TestSerialize_otherForms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, hex, show, want string }{
		{"no head is version 13", "4902", "v", "1"},
		{"version 13", "ff0d6f2201614902" + "7b01", "v", "{ a: 1 }"},
		{"version 13 has no flags of views", "ff0d420201025642000222" + "0161", "v.length", "2"},
		{"version 13 with the flags of 14", "ff0d41014202010256420002002400" + "01", "v[0].join()", "1,2"},
		{"version 14 has them", "ff0e42020102564200020" + "0", "v.join()", "1,2"},
		{"utf-8", "ff0f53056162e282ac", "v", "ab€"},
		{"uint32", "ff0f55ffffffff0f", "v", "4294967295"},
		{"object count", "ff0f3f014902", "v", "1"},
		{"padding before every tag", "ff0f0041010049020024" + "0001", "v[0]", "1"},
		{"two-byte characters that would fit into one", "ff0f6302" + "6100", "v", "a"},
		{"a view behind a reference to its buffer", "ff0f41024202" + "0102" + "5642000200" + "5e01" + "5642010100240002", "v[0].buffer === v[1].buffer && v[1][0]", "2"},
		{"float16", "ff0f4204003c00405668000400", "[...v].join()", "1,2"},
		{"a key that is inherited", "ff0f6f22095f5f70726f746f5f5f49022208746f537472696e6749047b02", "Object.getPrototypeOf(v) === Object.prototype && Object.keys(v).join()", "__proto__,toString"},
		{"stack before cause", "ff0f726d22016d7322015363490" + "22e", "v.message + v.stack + v.cause", "mS1"},
		{"cause before stack", "ff0f726d22016d6349027322" + "01532e", "v.message + v.stack + v.cause", "mS1"},
		{"a cause that is the error", "ff0f726d22016d635e002e", "v.cause === v", "true"},
		{"DOMException", "ff0f5c080a41626f72744572726f72016d0153", "[v instanceof DOMException, v.name, v.message, v.stack, v.code].join()", "true,AbortError,m,S,20"},
		{"the older DOMException", "ff0f5c07045465737" + "46f22076d65737361676522016d2205737461636b220153" + "7b02", "v.name + v.message + v.stack", "TestmS"},
		{"blob", "ff0f5c0f0a746578742f706c61696e026869", "[v instanceof Blob, v.type, await v.text()].join()", "true,text/plain,hi"},
		{"native error", "ff0f5c0a0222016d6f2203666f6f49027b01", "[v instanceof TypeError, v.message, v.foo].join()", "true,m,1"},
		{"native error of a class of its own", "ff0f5c0a0022044d696e6522016d6f7b00", "[v instanceof Error, v.name, v.message].join()", "true,Mine,m"},
		{"native aggregate error", "ff0f5c0a0c22016d6f22066572726f7273410149022400017b01", "[v instanceof AggregateError, v.errors].join()", "true,1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := evaluate(t, fmt.Sprintf(`const v = fromHex(%q); console.log(%s)`, test.hex, test.show))
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// Bytes that stand for nothing are an error that code can catch.
func TestSerialize_damaged(t *testing.T) {
	t.Parallel()
	const unreadable = "Unable to deserialize cloned data."
	for _, test := range []struct{ name, hex, want string }{
		{"nothing", "", unreadable},
		{"only a head", "ff0f", unreadable},
		{"version 16", "ff104902", unreadable},
		{"unknown tag", "ff0f21", unreadable},
		{"a hole that is no element", "ff0f2d", unreadable},
		{"endless varint", "ff0f49ffffffffffffffffff01", unreadable},
		{"string beyond the end", "ff0f22ff0161", unreadable},
		{"half a two-byte character", "ff0f6303610000", unreadable},
		{"an array longer than its bytes", "ff0f41ffffffff0f", unreadable},
		{"wrong length behind an array", "ff0f41014902240002", unreadable},
		{"wrong number of properties", "ff0f6f22016149027b02", unreadable},
		{"a property twice", "ff0f6f220161490222016149027b02", unreadable},
		{"length as an array's property", "ff0f610022066c656e677468490240010" + "0", unreadable},
		{"an object as a key", "ff0f6f6f7b0049027b01", unreadable},
		{"wrong size of a map", "ff0f3b490249043a01", unreadable},
		{"a map without end", "ff0f3b49024904", unreadable},
		{"reference to nothing", "ff0f5e00", unreadable},
		{"view beyond its buffer", "ff0f42020102564201020" + "0", unreadable},
		{"view at an odd place", "ff0f4204010203045657010200", unreadable},
		{"view of an unknown class", "ff0f42020102565a000200", unreadable},
		{"view that follows a fixed buffer", "ff0f4202010256420002" + "01", unreadable},
		{"resizable buffer of 2 GiB", "ff0f7e00ffffffff07", unreadable},
		{"resizable buffer above its most", "ff0f7e0201" + "0102", unreadable},
		{"regular expression that is none", "ff0f5222012800", unreadable},
		{"unknown flag of a regular expression", "ff0f522201618008", unreadable},
		{"bigint beyond the end", "ff0f5a100102", unreadable},
		{"shared buffer", "ff0f7500", unreadable},
		{"transferred buffer", "ff0f7400", unreadable},
		{"error without end", "ff0f726d22016d", unreadable},
		{"deep arrays", "ff0f" + strings.Repeat("4101", 100_000), ""},
		{"deep object counts", "ff0f" + strings.Repeat("3f00", 100_000), ""},
		{"unknown host object", "ff0f5c63", unreadable},
		{"blob beyond the end", "ff0f5c0f00ffffffff0f00", unreadable},
		{"too many headers", "ff0f5c04008108", "Deserialization failed: header count exceeds maximum (1025)"},
		{"headers with an unknown guard", "ff0f5c040400", unreadable},
		{"header without a name", "ff0f5c0403013001" + "61", unreadable},
		{"request to nowhere", "ff0f5c05012f4900", "Invalid URL: /"},
		{"stub where there are none", "ff0f5c01", unreadable},
		{"stream where there are none", "ff0f5c03", unreadable},
		{"response", "ff0f5c064900", unreadable},
		{"error in place of a message", "ff0f5c0a015c0a0122006f7b006f7b00", "Deserialization failed: error message is not a string"},
		{"DOMException that is a number", "ff0f5c0704546573744900", "Deserialization failed: DOMException payload is not an object"},
		{"DOMException with a number as message", "ff0f5c0704546573746f22076d65737361676549002205737461636b22007b02", "Deserialization failed: DOMException message is not a string"},
		{"DOMException with a number as stack", "ff0f5c0704546573746f22076d65737361676522002205737461636b49007b02", "Deserialization failed: DOMException stack is not a string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := evaluate(t, fmt.Sprintf(`try { console.log("read", fromHex(%q)) } catch (e) { console.log(e.message) }`, test.hex))
			if test.want == "" {
				if strings.HasPrefix(got, "read") {
					t.Errorf("was read, want an error")
				}
			} else if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// Whatever can be written can be read again, however deep it is.
func TestSerialize_depth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, wrap string }{
		{"arrays", "[v]"}, {"sparse arrays", "[, v]"}, {"objects", "({ v })"}, {"maps", "new Map([[1, v]])"}, {"sets", "new Set([v])"},
		{"causes", "new Error('m', { cause: v })"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := evaluate(t, fmt.Sprintf(`
				const nested = (n) => { let v = 1; while (n-- > 0) v = %s; return v; };
				const can = (n) => { try { toHex(nested(n)); return true } catch { return false } };
				let low = 1, high = 4_000;
				while (high - low > 1) { const n = (low + high) >> 1; if (can(n)) low = n; else high = n; }
				const hex = toHex(nested(low));
				console.log(low > 500 && toHex(fromHex(hex)) === hex);`, test.wrap))
			if got != "true" {
				t.Errorf("got %s, want a depth over 500 that is read", got)
			}
		})
	}
}

// Setters that a program puts on prototypes do not run.
func TestSerialize_pollution(t *testing.T) {
	t.Parallel()
	got := evaluate(t, `
		for (const p of [Object.prototype, Error.prototype]) for (const key of ["a", "cause", "foo"]) {
			Object.defineProperty(p, key, { set() { console.log("ran", key) }, configurable: true });
		}
		console.log(fromHex("ff0f6f22016149027b01").a, fromHex("ff0f726d22016d6349022e").cause, fromHex("ff0f5c0a0222016d6f2203666f6f49027b01").foo)`)
	if want := "1 1 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// With enhanced_error_serialization errors keep their own properties.
func TestSerialize_enhancedErrors(t *testing.T) {
	t.Parallel()
	got := evaluate(t, `
		setFlags(["enhanced_error_serialization"]);
		const own = (e) => Object.assign(e, { foo: [1] });
		const a = structuredClone(own(new TypeError("m", { cause: "c" })));
		const b = structuredClone(own(new (class extends Error { name = "Mine" })("m")));
		const c = structuredClone(own(new AggregateError([1, 2], "m")));
		console.log(a instanceof TypeError, a.message, a.cause, a.foo[0], b.name, b.foo[0], c instanceof AggregateError, c.errors.join());
		console.log(structuredClone(new DOMException("m", "AbortError")).code)`)
	if want := "true m c 1 Mine 1 true 1,2\n20"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzSerialize_read changes what V8 writes, at random: reading ends with a value or an error, and never
// the isolate.
// TestSerialize_mutated replaces each byte of what V8 writes by others, and cuts it off there.
func TestSerialize_mutated(t *testing.T) {
	t.Parallel()
	var all []string
	for _, g := range goldens(t) {
		if g.Error == "" && len(g.Hex) <= 80 {
			all = append(all, g.Hex)
		}
	}
	got := evaluate(t, fmt.Sprintf(`
		for (const hex of %q.split(" ")) for (let at = 0; at < hex.length; at += 2) {
			for (const other of ["", "00", "ff", "42", "56", "5e"]) {
				const bytes = other === "" ? hex.slice(0, at) : hex.slice(0, at) + other + hex.slice(at + 2);
				%s
			}
		}`, strings.Join(all, " "), readTwice))
	if got != "" {
		t.Errorf("got %s", got)
	}
}

// readTwice reads bytes: that ends in an error of the right kind, or in a value that is read again as it
// is written.
const readTwice = `
	let value, read = false;
	try { value = fromHex(bytes); read = true } catch (e) {
		if (!(e instanceof DOMException || e instanceof RangeError)) console.log("an error of a wrong kind:", bytes, e);
	}
	if (read) {
		const once = toHex(value);
		if (toHex(fromHex(once)) !== once) console.log("is not read as it was written", bytes, once);
	}`

// FuzzSerialize_read changes what V8 writes at random: that must never end the isolate.
func FuzzSerialize_read(f *testing.F) {
	for _, g := range goldens(f) {
		b, err := hex.DecodeString(g.Hex)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	img, err := serializeImage()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		o := newOwner()
		i, err := img.Fork(isolate.Options{Owner: o, LoadModule: builtIn})
		if err != nil {
			t.Fatal(err)
		}
		defer i.Close()
		err = i.EvalModule("test.js", fmt.Sprintf("const bytes = %q;\n%s", hex.EncodeToString(b), readTwice), -1)
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if len(o.lines) > 0 {
			t.Fatalf("%x: %s", b, strings.Join(o.lines, "\n"))
		}
	})
}

// Where Go reads a value as JSON, JSON.parse gives the same value: written again it is the same bytes.
func TestSerialize_asJSON(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	var want []string
	for _, g := range goldens(t) {
		data, err := hex.DecodeString(g.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := serialized.AppendJSON(nil, data); ok && !g.Reads {
			fmt.Fprintf(&script, "console.log(toHex(JSON.parse(%q)));\n", text)
			want = append(want, g.Hex)
		}
	}
	got := strings.Split(evaluate(t, script.String()), "\n")
	if !slices.Equal(got, want) {
		for n := range min(len(got), len(want)) {
			if got[n] != want[n] {
				t.Errorf("got %s, want %s", got[n], want[n])
			}
		}
		t.Errorf("got %d values, want %d", len(got), len(want))
	}
	if len(want) < 50 {
		t.Errorf("got %d values that JSON can say, want 50 at least", len(want))
	}
}
