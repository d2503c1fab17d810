package serialized_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/doemu/doemu/emulator/platform/serialized"
)

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ hex, want string }{
		{"ff0f30", "null"},
		{"ff0f4901", "-1"},
		{"ff0d49ffffffff0f", "-2147483648"},
		{"ff0f55ffffffff0f", "4294967295"},
		{"ff0f4e0000000000000080", "-0"},
		{"ff0f4e000000000000f83f", "1.5"},
		{"ff0f4e003096b83b217a42", "1795627387235"},
		{"ff0f4e408cb5781daf1544", "100000000000000000000"},
		{"ff0f4e50efe2d6e41a4b44", "1e+21"},
		{"ff0f4e9c7500883ce4377e", "1e+300"},
		{"ff0f4e8dedb5a0f7c6b03e", "0.000001"},
		{"ff0f4e76830df4f521843e", "1.5e-7"},
		{"ff0f2203e9225c", `"é\"\\"`},
		{"ff0f63043dd800de", `"😀"`},
		{"ff0f6f22016149022201625449045430" + "7b03", ""},
		{"ff0f6f2201614902490854" + "7b02", `{"a":1,"4":true}`},
		{"ff0f4102490249042400" + "02", "[1,2]"},
		{"ff0f5f", ""},                           // undefined
		{"ff0f4e000000000000f87f", ""},           // NaN
		{"ff0f41012d240001", ""},                 // a hole
		{"ff0f41024902490424000" + "3", ""},      // wrong length
		{"ff0f6f2201614902" + "7b02", ""},        // wrong count
		{"ff0f41ffffffff0f", ""},                 // longer than the data
		{"ff0f63023dd8", ""},                     // a lone surrogate
		{"ff104902", ""}, {"ff0f", ""}, {"", ""}, // another version, nothing
	} {
		data, err := hex.DecodeString(test.hex)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := serialized.AppendJSON(nil, data)
		if !ok {
			got = nil
		}
		if string(got) != test.want {
			t.Errorf("%s: got %q, want %q", test.hex, got, test.want)
		}
	}
}

// What is deeper than JSON should go is left to JavaScript.
func TestAppendJSON_depth(t *testing.T) {
	t.Parallel()
	data := []byte{0xff, 0x0f}
	for range 100_000 {
		data = append(data, 'A', 1)
	}
	if _, ok := serialized.AppendJSON(nil, data); ok {
		t.Error("got JSON, want none for 100,000 nested arrays")
	}
}

// FuzzAppendJSON sees that whatever is said to be JSON is JSON.
func FuzzAppendJSON(f *testing.F) {
	text, err := os.ReadFile("../testdata/serialize/golden.json")
	if err != nil {
		f.Fatal(err)
	}
	var golden []struct{ Hex string }
	if err := json.Unmarshal(text, &golden); err != nil {
		f.Fatal(err)
	}
	for _, g := range golden {
		data, err := hex.DecodeString(g.Hex)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, ok := serialized.AppendJSON([]byte("x"), data)
		if !ok {
			return
		}
		if out[0] != 'x' || !json.Valid(out[1:]) {
			t.Errorf("got %q, want JSON behind what was there", out)
		}
		if again, ok := serialized.AppendJSON([]byte("x"), data); !ok || !reflect.DeepEqual(again, out) {
			t.Errorf("got %q, then %q", out, again)
		}
	})
}
