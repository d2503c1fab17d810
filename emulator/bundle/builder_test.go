package bundle

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator/config"
)

func TestBuild_modules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		files   map[string]string
		kinds   map[Kind]int // of the modules beside the entry
		has     []string     // in the entry's source
		not     []string
		exports []string
	}{
		{
			name: "typescript and imports",
			files: map[string]string{
				"src/index.ts": `import { DurableObject } from "cloudflare:workers"; import { n } from "./n";
					export class Room extends DurableObject { n: number = n } export default { fetch() {} }`,
				"src/n.ts": `export const n: number = 41 + 1`,
			},
			has:     []string{`from "cloudflare:workers"`, "41 + 1", "class extends DurableObject"},
			exports: []string{"Room", "default"},
		},
		{
			name: "text, data and wasm stay modules",
			files: map[string]string{
				"src/index.ts": `import a from "./a.txt"; import b from "./b.bin"; import c from "./c.wasm"; import d from "./c.wasm?module"; import e from "./e.sql";
					export default { a, b, c, d, e }`,
				"src/a.txt": "text", "src/b.bin": "data", "src/c.wasm": "\x00asm", "src/e.sql": "SELECT 1",
			},
			kinds:   map[Kind]int{Text: 2, Data: 1, CompiledWasm: 1},
			has:     []string{`-a.txt"`, `-b.bin"`, `-c.wasm"`},
			not:     []string{"?module", "SELECT"},
			exports: []string{"default"},
		},
		{
			name: "json is part of the bundle",
			files: map[string]string{
				"src/index.ts": `import j from "./j.json" with { type: "json" }; export default j`,
				"src/j.json":   `{"answer": 42}`,
			},
			has:     []string{"answer: 42"},
			not:     []string{"with {"},
			exports: []string{"default"},
		},
		{
			name: "syntax the engine lacks is lowered",
			files: map[string]string{
				"src/index.ts": `function dec(v: any, c: any) { return v }
					class A { @dec m() { using x = { [Symbol.dispose]() {} } } accessor y = 1 }
					export default { A, r: /[\p{L}--[a-z]]/v }`,
			},
			has:     []string{"new RegExp("},
			not:     []string{"using x", "@dec", "accessor y", "/v"},
			exports: []string{"default"},
		},
		{
			name: "required node modules are imported",
			files: map[string]string{
				"wrangler.jsonc": `{"main": "src/index.ts", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat"]}`,
				"src/index.ts":   `import lib from "./lib.cjs"; import { basename } from "path"; export default { lib, basename }`,
				"src/lib.cjs":    `const { EventEmitter } = require("events"); module.exports = new EventEmitter()`,
			},
			has:     []string{`from "node:events"`, `from "node:path"`},
			not:     []string{`__require("`},
			exports: []string{"default"},
		},
		{
			name: "alias and define",
			files: map[string]string{
				"wrangler.jsonc": `{"main": "src/index.ts", "compatibility_date": "2026-01-01", "alias": {"old": "./src/new.ts"}, "define": {"VERSION": "\"1.2\""}}`,
				"src/index.ts":   `import x from "old"; export default { x, v: VERSION, e: process.env.NODE_ENV, u: navigator.userAgent }`,
				"src/new.ts":     `export default "the new one"`,
			},
			has:     []string{"the new one", `"1.2"`, `"development"`, `"Cloudflare-Workers"`},
			exports: []string{"default"},
		},
		{
			name: "package conditions",
			files: map[string]string{
				"src/index.ts":                     `import which from "dep"; export default { which }`,
				"node_modules/dep/package.json":    `{"name": "dep", "exports": {"node": "./node.js", "workerd": "./workerd.js", "default": "./default.js"}}`,
				"node_modules/dep/node.js":         `export default "node condition"`,
				"node_modules/dep/workerd.js":      `export default "workerd condition"`,
				"node_modules/dep/default.js":      `export default "default condition"`,
				"node_modules/unused/package.json": `{}`,
			},
			has:     []string{"workerd condition"},
			exports: []string{"default"},
		},
		{
			name: "jsx with the configured factory",
			files: map[string]string{
				"wrangler.jsonc": `{"main": "src/index.js", "compatibility_date": "2026-01-01", "jsx_factory": "h", "jsx_fragment": "Frag"}`,
				"src/index.js":   `export default { page: () => <><b>x</b></> }`,
			},
			has:     []string{`h(Frag, null`, `h("b"`},
			exports: []string{"default"},
		},
		{
			name: "tsconfig paths",
			files: map[string]string{
				"tsconfig.json": `{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}`,
				"src/index.ts":  `import x from "@lib/x"; export default { x }`,
				"lib/x.ts":      `export default "by path"`,
			},
			has:     []string{"by path"},
			exports: []string{"default"},
		},
		{
			name: "own rule, file names kept",
			files: map[string]string{
				"wrangler.jsonc": `{"main": "src/index.ts", "compatibility_date": "2026-01-01", "preserve_file_names": true,
					"rules": [{"type": "Text", "globs": ["**/*.md"], "fallthrough": true}]}`,
				"src/index.ts": `import a from "./a.md"; import b from "./b.txt"; export default { a, b }`,
				"src/a.md":     "# a", "src/b.txt": "b",
			},
			kinds:   map[Kind]int{Text: 2},
			has:     []string{`from "./a.md"`, `from "./b.txt"`},
			exports: []string{"default"},
		},
		{
			name: "additional modules",
			files: map[string]string{
				"wrangler.jsonc": `{"main": "src/index.ts", "compatibility_date": "2026-01-01", "find_additional_modules": true,
					"rules": [{"type": "ESModule", "globs": ["**/en.mjs"]}]}`,
				"src/index.ts":    `export default { load: () => import("./lang/en.mjs") }`,
				"src/lang/en.mjs": `using x = null; export default "hello"`,
				"src/lang/x.mjs":  `export default "not matched"`,
			},
			kinds:   map[Kind]int{ESModule: 1},
			has:     []string{`import("./lang/en.mjs")`},
			exports: []string{"default"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.files["wrangler.jsonc"] == "" {
				test.files["wrangler.jsonc"] = wrangler
			}
			b, err := build(t, test.files)
			if err != nil {
				t.Fatalf("Build: %v", err)
			}
			entry := string(b.Module(b.Entry).Source)
			for _, text := range test.has {
				if !strings.Contains(entry, text) {
					t.Errorf("entry has no %q:\n%s", text, entry)
				}
			}
			for _, text := range test.not {
				if strings.Contains(entry, text) {
					t.Errorf("entry has %q:\n%s", text, entry)
				}
			}
			kinds := map[Kind]int{}
			for _, m := range b.Modules[1:] {
				kinds[m.Kind]++
			}
			for kind, n := range test.kinds {
				if kinds[kind] != n {
					t.Errorf("modules of kind %s = %d, want %d", kind, kinds[kind], n)
				}
			}
			if got, want := len(b.Modules)-1, sum(test.kinds); got != want {
				t.Errorf("modules beside the entry = %d, want %d", got, want)
			}
			if !slices.Equal(b.Exports, test.exports) {
				t.Errorf("Exports = %q, want %q", b.Exports, test.exports)
			}
			for name := range test.files {
				if strings.HasPrefix(name, "src/") && !slices.ContainsFunc(b.Inputs, func(path string) bool { return strings.HasSuffix(path, filepath.FromSlash(name)) }) &&
					name != "src/lang/x.mjs" {
					t.Errorf("Inputs = %q lack %s", b.Inputs, name)
				}
			}
		})
	}
}

func sum(kinds map[Kind]int) int {
	total := 0
	for _, n := range kinds {
		total += n
	}
	return total
}

func TestBuild_additionalModuleIsLowered(t *testing.T) {
	t.Parallel()
	b, err := build(t, map[string]string{
		"wrangler.jsonc": `{"main": "index.mjs", "compatibility_date": "2026-01-01", "no_bundle": true,
			"rules": [{"type": "ESModule", "globs": ["**/*.mjs"]}]}`,
		"index.mjs":    `import x from "./lib/x.mjs"; export { x as A }; export default {}`,
		"lib/x.mjs":    `export default () => { using y = null; return y }`,
		"lib/page.txt": `text`,
	})
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	names := []string{}
	for _, m := range b.Modules {
		names = append(names, m.Name+" "+string(m.Kind))
	}
	if want := []string{"index.mjs ESModule", "lib/page.txt Text", "lib/x.mjs ESModule"}; !slices.Equal(names, want) {
		t.Errorf("modules = %q, want %q", names, want)
	}
	if source := string(b.Module("lib/x.mjs").Source); strings.Contains(source, "using y") {
		t.Errorf("lib/x.mjs is not lowered:\n%s", source)
	}
	if want := []string{"A", "default"}; !slices.Equal(b.Exports, want) {
		t.Errorf("Exports = %q, want %q", b.Exports, want)
	}
}

func TestBuild_serviceWorker(t *testing.T) {
	t.Parallel()
	p := project(t, map[string]string{
		"wrangler.jsonc": `{"main": "src/index.js", "compatibility_date": "2026-01-01", "text_blobs": {"BLOB": "./blob.md"}}`,
		"src/index.js":   `import page from "./page.html"; addEventListener("fetch", () => page)`,
		"src/page.html":  "<p>",
		"blob.md":        "blob",
	})
	b := NewBuilder(p, Options{})
	t.Cleanup(b.Close)
	got, err := b.Build(t.Context())
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	if got.Format != ServiceWorker || got.Modules[0].Kind != Script {
		t.Errorf("format %s, entry %s; want a script", got.Format, got.Modules[0].Kind)
	}
	if len(got.Globals) != 2 || !strings.Contains(string(got.Modules[0].Source), got.Globals[0].Name) || got.Globals[1].Name != "BLOB" {
		t.Errorf("globals = %+v", got.Globals)
	}
	write(t, p.Main, `export default { fetch() {} }`)
	if _, err = b.Build(t.Context()); err == nil || !strings.Contains(err.Error(), "You cannot configure [text_blobs] with an ES module worker") {
		t.Errorf("Build with a default export and text_blobs: %v", err)
	}
}

func TestBuild_again(t *testing.T) {
	t.Parallel()
	p := project(t, map[string]string{"wrangler.jsonc": wrangler, "src/index.ts": `export default { v: 1 }`})
	b := NewBuilder(p, Options{})
	first, err := b.Build(t.Context())
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	same, err := b.Build(t.Context())
	if err != nil || same.Hash != first.Hash {
		t.Errorf("second Build: hash %s, err %v; want hash %s", same.Hash, err, first.Hash)
	}
	write(t, p.Main, `export default { v: `)
	var failed *BuildError
	if _, err = b.Build(t.Context()); !errors.As(err, &failed) {
		t.Fatalf("Build of a broken source: %v, want a *BuildError", err)
	}
	if !slices.Contains(failed.Inputs, p.Main) {
		t.Errorf("Inputs of the error = %q, want %s in them", failed.Inputs, p.Main)
	}
	write(t, p.Main, `export default { value: 2 }`)
	mended, err := b.Build(t.Context())
	if err != nil || mended.Hash == first.Hash || !strings.Contains(string(mended.Modules[0].Source), "value: 2") {
		t.Errorf("Build after mending: %v", err)
	}
	b.Close()
	if _, err := b.Build(t.Context()); err == nil {
		t.Error("Build after Close succeeds")
	}
}

func TestBuild_customBuild(t *testing.T) {
	t.Parallel()
	p := project(t, map[string]string{
		"wrangler.jsonc": `{"main": "dist/index.js", "compatibility_date": "2026-01-01", "build": {"command": "echo making; mkdir -p dist && echo 'export default {}' > dist/index.js"}}`,
	})
	var lines []string
	b := NewBuilder(p, Options{Log: func(line string) { lines = append(lines, line) }})
	t.Cleanup(b.Close)
	if _, err := b.Build(t.Context()); err != nil {
		t.Fatalf("Build: %v", err)
	}
	if len(lines) != 2 || lines[0] != "Running: "+p.Build.Command || lines[1] != "making" {
		t.Errorf("lines = %q", lines)
	}
}

// The tools of the project and of the workspace above it are found, the nearest first.
func TestBuild_customBuildTools(t *testing.T) {
	t.Parallel()
	p := project(t, map[string]string{
		"wrangler.jsonc":            `{"main": "x.js", "compatibility_date": "2026-01-01", "build": {"command": "own; shared", "cwd": "app"}}`,
		"x.js":                      "export default {}",
		"app/node_modules/.bin/own": "#!/bin/sh\necho own tool",
		"node_modules/.bin/own":     "#!/bin/sh\necho a wrong tool",
		"node_modules/.bin/shared":  "#!/bin/sh\necho shared tool",
	})
	for _, tool := range []string{"app/node_modules/.bin/own", "node_modules/.bin/own", "node_modules/.bin/shared"} {
		if err := os.Chmod(filepath.Join(p.Dir, tool), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.Build.Environ = append(p.Build.Environ, "PATH="+os.Getenv("PATH"))
	var lines []string
	b := NewBuilder(p, Options{Log: func(line string) { lines = append(lines, line) }})
	t.Cleanup(b.Close)
	if _, err := b.Build(t.Context()); err != nil {
		t.Fatalf("Build: %v", err)
	}
	if want := []string{"Running: own; shared", "own tool", "shared tool"}; !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}

func TestBuild_customBuildIsEnded(t *testing.T) {
	t.Parallel()
	p := project(t, map[string]string{
		"wrangler.jsonc": `{"main": "x.js", "compatibility_date": "2026-01-01", "build": {"command": "echo started; sleep 60 & wait"}}`,
	})
	ctx, cancel := context.WithCancel(t.Context())
	b := NewBuilder(p, Options{Log: func(line string) {
		if line == "started" {
			cancel()
		}
	}})
	t.Cleanup(b.Close)
	if _, err := b.Build(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Build: %v, want %v", err, context.Canceled)
	}
}

func TestBuild_userErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no entry", map[string]string{}, "The entry-point file at \"src/index.ts\" was not found.\n"},
		{"directory", map[string]string{
			"wrangler.jsonc": `{"main": "src", "compatibility_date": "2026-01-01"}`, "src/index.ts": "",
		}, "points to a directory, rather than a file.\n\nDid you mean to set the main field to:\n```\nmain = \"./src/index.ts\"\n```"},
		{"build command fails", map[string]string{
			"wrangler.jsonc": `{"main": "x.js", "compatibility_date": "2026-01-01", "build": {"command": "exit 3"}}`,
		}, "Running custom build `exit 3` failed. There are likely more logs from your build command above."},
		{"build command makes nothing", map[string]string{
			"wrangler.jsonc": `{"main": "x.js", "compatibility_date": "2026-01-01", "build": {"command": "true"}}`,
		}, "The expected output file at \"x.js\" was not found after running custom build: true.\n"},
		{"objects in a script", map[string]string{
			"wrangler.jsonc": `{"main": "x.js", "compatibility_date": "2026-01-01", "durable_objects": {"bindings": [{"name": "MY_DO", "class_name": "A"}]}, "migrations": [{"tag": "v1", "new_classes": ["A"]}]}`,
			"x.js":           `addEventListener("fetch", () => {})`,
		}, "{ name = MY_DO, class_name = A } ==> { name = MY_DO, class_name = A, script_name = my-do-worker }"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.files["wrangler.jsonc"] == "" {
				test.files["wrangler.jsonc"] = wrangler
			}
			_, err := build(t, test.files)
			var user *config.Error
			if !errors.As(err, &user) || !strings.Contains(user.Text, test.want) {
				t.Errorf("Build: %v\nwant %s", err, test.want)
			}
		})
	}
}

func BenchmarkBuild_rebuild(b *testing.B) {
	p := project(b, map[string]string{
		"wrangler.jsonc": wrangler,
		"src/index.ts":   `import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject {} export default { fetch() { return new Response("x") } }`,
	})
	builder := NewBuilder(p, Options{})
	b.Cleanup(builder.Close)
	for b.Loop() {
		if _, err := builder.Build(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
