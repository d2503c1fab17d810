package bundle

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s\nwant\n%s", path, got, want)
	}
}

func TestBuildError_Render(t *testing.T) {
	t.Parallel()
	const compat = `{"main": "src/index.ts", "compatibility_date": "2024-01-01", "compatibility_flags": ["nodejs_compat"]}`
	tests := []struct {
		name  string
		files map[string]string
	}{
		{"syntax", map[string]string{"src/index.ts": "export default { fetch() { return 1 1 } }\n"}},
		{"unresolved", map[string]string{"src/index.ts": "import fs from \"fs\"; import y from \"nope\";\nimport z from \"./missing\";\nexport default { fs, y, z }\n"}},
		{"unresolved-v1", map[string]string{"wrangler.jsonc": compat, "src/index.ts": "import fs from \"fs\";\nexport default { fs }\n"}},
		{"missing-text", map[string]string{"src/index.ts": "import a from \"./a.txt\";\nexport default { a }\n"}},
		{"removed-rule", map[string]string{
			"wrangler.jsonc": `{"main": "src/index.ts", "compatibility_date": "2026-01-01", "rules": [{"type": "Text", "globs": ["**/*.md"]}]}`,
			"src/index.ts":   "import a from \"./a.txt\";\nexport default { a }\n", "src/a.txt": "a",
		}},
		{"script-imports", map[string]string{"src/index.ts": "import { env } from \"cloudflare:workers\";\naddEventListener(\"fetch\", () => env);\n"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.files["wrangler.jsonc"] == "" {
				test.files["wrangler.jsonc"] = wrangler
			}
			_, err := build(t, test.files)
			var failed *BuildError
			if !errors.As(err, &failed) {
				t.Fatalf("Build: %v, want a *BuildError", err)
			}
			golden(t, test.name, failed.Render(false))
		})
	}
}

func TestRenderWarnings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
	}{
		{"warn-node", map[string]string{"src/index.ts": "import \"node:fs\"; import \"./b\";\nexport default {}\n", "src/b.ts": "import \"node:fs\"; import \"node:path\";\n"}},
		{"warn-rules", map[string]string{
			"wrangler.jsonc": `{"main": "src/index.ts", "compatibility_date": "2026-01-01", "rules": [{"type": "Text", "globs": ["**/*.md"]}]}`,
			"src/index.ts":   "export default {}\n",
		}},
		{"warn-no-default", map[string]string{"src/index.ts": "export const a = 1;\naddEventListener(\"fetch\", () => {});\n"}},
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
			golden(t, test.name, RenderWarnings(b.Warnings, false))
		})
	}
}
