package platform

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/doemu/doemu/emulator/isolate"
)

var update = flag.Bool("update", false, "write the golden files anew; DOEMU_NODE names a Node to do it with")

// serializeImage is a heap where tests reach both directions of the format, by hexadecimal text.
var serializeImage = sync.OnceValues(func() (*isolate.Image, error) {
	i, err := boot(Source{Name: "test", Entry: "main.ts", Files: fstest.MapFS{"main.ts": {Data: []byte(`
import { deserialize, serialize } from "doemu-internal:platform/serialize/index.ts";
import { setFlags } from "doemu-internal:platform/flags.ts";
Object.assign(globalThis, {
	setFlags,
	toHex: (value) => Array.from(serialize(value), (b) => b.toString(16).padStart(2, "0")).join(""),
	fromHex: (hex) => deserialize(new Uint8Array(hex.match(/../g)?.map((b) => parseInt(b, 16)) ?? [])),
});`)}}})
	if err != nil {
		return nil, err
	}
	return i.Image()
})

// golden is a value, by the expression that makes it, and what V8 makes of it.
type golden struct {
	Code  string
	Hex   string
	Error string
	Reads bool // how V8 writes it depends on more than its value
}

func goldens(t testing.TB) []golden {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "serialize", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Values are written as V8 writes them, byte for byte, and its bytes are read as the same values: written
// again they are the same bytes.
func TestSerialize_golden(t *testing.T) {
	t.Parallel()
	if *update {
		updateGoldens(t)
	}
	// One isolate does them all: a line for what is written, and one for what is read.
	all := goldens(t)
	var script strings.Builder
	script.WriteString("const show = (f) => { try { console.log(f()) } catch (e) { console.log(e.message) } };\n")
	for _, g := range all {
		fmt.Fprintf(&script, "show(() => toHex(%s)); show(() => toHex(fromHex(%q)));\n", g.Code, g.Hex)
	}
	lines := strings.Split(evaluate(t, script.String()), "\n")
	if len(lines) != 2*len(all) {
		t.Fatalf("got %d lines of %d values", len(lines), len(all))
	}
	for n, g := range all {
		written, again := lines[2*n], lines[2*n+1]
		if g.Error != "" {
			if written != g.Error {
				t.Errorf("%s: got  %s\nwant %s", g.Code, written, g.Error)
			}
			continue
		}
		want := g.Hex
		if g.Reads {
			want = written
		}
		if written != want {
			t.Errorf("%s is written as\n%s, want\n%s", g.Code, written, want)
		}
		if again != want {
			t.Errorf("%s is read and written as\n%s, want\n%s", g.Code, again, want)
		}
	}
}

func updateGoldens(t *testing.T) {
	t.Helper()
	node := os.Getenv("DOEMU_NODE")
	if node == "" {
		t.Fatal("-update needs DOEMU_NODE, the path of a Node 22")
	}
	dir := filepath.Join("testdata", "serialize")
	out, err := exec.Command(node, filepath.Join(dir, "generate.mjs")).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "golden.json"), out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// evaluate runs code with the format's two directions as globals, and gives what it logged.
func evaluate(t testing.TB, code string) string {
	t.Helper()
	img, err := serializeImage()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(evalIn(t, img, code), "\n")
}
