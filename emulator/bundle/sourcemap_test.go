package bundle

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestSourceMaps(t *testing.T) {
	t.Parallel()
	p := project(t, map[string]string{
		"wrangler.jsonc": wrangler,
		"src/index.ts":   "import { fail } from \"../lib/fail\";\n\nexport default { fetch() { return fail(\"x\") } }\n",
		"lib/fail.ts":    "interface Unused { a: string }\nexport function fail(text: string): never {\n  throw new Error(text);\n}\n",
	})
	builder := NewBuilder(p, Options{})
	t.Cleanup(builder.Close)
	b, err := builder.Build(t.Context())
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	maps := NewSourceMaps(b)
	line, column := locate(t, string(b.Modules[0].Source), "new Error(text)")
	origin, ok := maps.Lookup(b.Entry, line, column)
	want := Origin{filepath.Join(p.Root, "lib", "fail.ts"), 3, 9}
	if !ok || origin != want {
		t.Errorf("Lookup = %+v, %v, want %+v", origin, ok, want)
	}
	if _, ok := maps.Lookup("other.js", 1, 1); ok {
		t.Error("Lookup in a module that is not there succeeds")
	}
	if _, ok := maps.Lookup(b.Entry, 1, 1); ok {
		t.Error("Lookup in esbuild's helpers succeeds")
	}

	place := strconv.Itoa(line) + ":" + strconv.Itoa(column)
	stack := "Error: x\n    at fail (index.js:" + place + ")\n    at async index.js:" + place + "\n    at native\n    at then (native)\n    at other.js:1:2"
	got := maps.Stack(stack, func(path string) string { return "file://" + filepath.ToSlash(path) })
	mapped := "file://" + filepath.ToSlash(want.File) + ":3:9"
	if want := "Error: x\n    at fail (" + mapped + ")\n    at async " + mapped + "\n    at native\n    at then (native)\n    at other.js:1:2"; got != want {
		t.Errorf("Stack =\n%s\nwant\n%s", got, want)
	}
}

// locate returns where text stands, counted from 1.
func locate(t *testing.T, source, text string) (line, column int) {
	t.Helper()
	at := strings.Index(source, text)
	if at < 0 {
		t.Fatalf("no %q in:\n%s", text, source)
	}
	return 1 + strings.Count(source[:at], "\n"), at - strings.LastIndex(source[:at], "\n")
}

func TestGlobPattern(t *testing.T) {
	t.Parallel()
	tests := []struct {
		glob     string
		globstar bool
		want     string
	}{
		{"**/*.txt", false, `^.*/.*\.txt$`},
		{"**/*.wasm?module", false, `^.*/.*\.wasm\?module$`},
		{"**/*.txt", true, `^((?:[^/]*(?:/|$))*)([^/]*)\.txt$`},
		{"lang/*.{js,ts}", true, `^lang/([^/]*)\.\{js,ts\}$`},
		{"a**", true, `^a([^/]*)$`},
	}
	for _, test := range tests {
		if got := globPattern(test.glob, test.globstar); got != test.want {
			t.Errorf("globPattern(%q, %v) = %s, want %s", test.glob, test.globstar, got, test.want)
		}
	}
}
