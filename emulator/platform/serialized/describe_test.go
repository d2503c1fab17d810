package serialized_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator/platform/serialized"
)

// golden is what workerd stores for the values of some expressions; without those that it refuses.
func golden(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("../testdata/serialize/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Code, Hex string }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	values := map[string][]byte{}
	for _, g := range all {
		if g.Hex == "" {
			continue
		}
		if values[g.Code], err = hex.DecodeString(g.Hex); err != nil {
			t.Fatal(err)
		}
	}
	return values
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	values := golden(t)
	for code, want := range map[string]string{
		"undefined":                      "undefined: undefined",
		"NaN":                            "number: NaN",
		"-0":                             "number: -0",
		"-Infinity":                      "number: -Infinity",
		"12345678901234567890123456789n": "bigint: 12345678901234567890123456789n",
		"({ a: 1, b: { c: null } })":     "Object: {a: 1, b: {c: null}}",
		`({ b: 1, 2: "two", 1: "one", "-1": 0, "01": 0, 1.5: 0, a: 2 })`: `Object: {1: "one", 2: "two", b: 1, "-1": 0, "01": 0, "1.5": 0, a: 2}`,
		"[1, , 3]":                               "Array: [0: 1, 2: 3]",
		"Object.assign([1, 2], { x: 1, y: [] })": "Array: [1, 2, x: 1, y: []]",
		"(() => { const m = new Map(); m.set(m, m); return m })()": "Map: Map {[Reference 0] => [Reference 0]}",
		"new Map([[1, 'a'], ['b', new Map()]])":                    `Map: Map {1 => "a", "b" => Map {}}`,
		"new Set([1, 'a', {}, new Set()])":                         `Set: Set {1, "a", {}, Set {}}`,
		"new Date(8.64e15)":                                        "Date: +275760-09-13T00:00:00.000Z",
		"new Date(NaN)":                                            "Date: Invalid Date",
		"/a\\/b/gi":                                                "RegExp: /a\\/b/gi",
		"/x/dgimsuy":                                               "RegExp: /x/gimyusd",
		"Object(5n)":                                               "BigInt: Object(5n)",
		`Object("a")`:                                              `String: Object("a")`,
		"new Uint16Array(new ArrayBuffer(8), 2, 2)":                "Uint16Array: Uint16Array of 4 bytes: 00000000",
		"new DataView(new ArrayBuffer(4), 1, 2)":                   "DataView: DataView of 2 bytes: 0000",
		"new Uint8Array([1, 2, 3]).buffer":                         "ArrayBuffer: ArrayBuffer of 3 bytes: 010203",
		"new ArrayBuffer(2, { maxByteLength: 8 })":                 "ArrayBuffer: ArrayBuffer of 2 bytes: 0000",
	} {
		data, ok := values[code]
		if !ok {
			t.Errorf("no value is known for %s", code)
			continue
		}
		d := serialized.Describe(data, 1000)
		if got := d.Type + ": " + d.Preview; got != want {
			t.Errorf("%s: got %s, want %s", code, got, want)
		}
	}
	// Everything that workerd stores has a type, and what is cut is short and well-formed.
	for code, data := range values {
		if d := serialized.Describe(data, 1000); d.Type == "unknown" || d.Type == "" || d.Preview == "" {
			t.Errorf("%s: got %+v for %x", code, d, data)
		}
		if d := serialized.Describe(data, 10); len(d.Preview) > 13+100 || !strings.HasSuffix(d.Preview, "…") && len(d.Preview) > 10 {
			t.Errorf("%s: got %q, want that it is cut", code, d.Preview)
		}
	}
	if d := serialized.Describe([]byte{0xff, 0x0f, 'o', '"', 1}, 100); d.Type != "unknown" || d.Preview != "5 bytes: ff0f6f2201" {
		t.Errorf("damaged: got %+v", d)
	}
}

// What JSON can say is stored as workerd stores it, but for what V8 knows besides of some arrays and strings.
func TestFromJSON(t *testing.T) {
	t.Parallel()
	same := 0
	for code, want := range golden(t) {
		text, ok := serialized.AppendJSON(nil, want)
		if !ok {
			continue
		}
		got, err := serialized.FromJSON(text)
		if err == nil && bytes.Equal(got, want) {
			same++
		} else if again, ok := serialized.AppendJSON(nil, got); err != nil || !ok || !bytes.Equal(again, text) {
			t.Errorf("%s, as JSON %.100s: got %.100x, %v, want %.100x", code, text, got, err, want)
		}
	}
	if same < 50 {
		t.Errorf("only %d values are the same", same)
	}
	for text, want := range map[string]string{
		`{"a":1,"b":2,"a":3}`: `{"a":3,"b":2}`, ` 1e999 `: "", `{"10":1,"9":2,"x":0}`: `{"9":2,"10":1,"x":0}`,
	} {
		data, err := serialized.FromJSON([]byte(text))
		if got, _ := serialized.AppendJSON(nil, data); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "{", `{"a"`, "[1,", "1 2", "undefined", strings.Repeat("[", 1000) + strings.Repeat("]", 1000)} {
		if got, err := serialized.FromJSON([]byte(text)); err == nil {
			t.Errorf("%.20s: got %x, want an error", text, got)
		}
	}
}

func FuzzDescribe(f *testing.F) {
	for _, data := range golden(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if d := serialized.Describe(data, 200); d.Type == "" || len(d.Preview) > 600 {
			t.Errorf("got %+v", d)
		}
	})
}
