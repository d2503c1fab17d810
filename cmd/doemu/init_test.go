package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doemu/doemu/fixtures"
)

// What is written for each template starts as it is.
func TestInit(t *testing.T) {
	t.Parallel()
	if got := fixtures.Names(); len(got) < 10 {
		t.Fatalf("got the templates %q, want more", got)
	}
	for _, template := range fixtures.Names() {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "My "+template+"!")
			code, out, errors := doemu(t, "init", dir, "--template", template)
			if code != exitDone || !strings.Contains(out, "doemu dev") {
				t.Fatalf("got exit code %d and %s%s", code, out, errors)
			}
			for name, want := range map[string]string{"wrangler.jsonc": `"name": "my-` + template + `",`, "README.md": "wrangler deploy", ".gitignore": ".wrangler/",
				"package.json": `"name": "my-` + template + `",`, "vitest.config.ts": "doemu()", "test/index.test.ts": "expect(", "compose.yaml": "  my-" + template + ":\n",
				"worker-configuration.d.ts": "DurableObjectNamespace<import", "tsconfig.json": "workers-types"} {
				if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), want) || strings.Contains(string(text), "fixtures/") {
					t.Errorf("%s: got %s, %v, want %q in it", name, text, err, want)
				}
			}
			code, out, errors = doemu(t, "exec", "--ephemeral", dir, "--", "sh", "-c", "echo runs at $DOEMU_URL")
			if code != exitDone || !strings.Contains(out, "runs at http://") || errors != "" {
				t.Errorf("it does not start: got exit code %d and %s%s", code, out, errors)
			}
		})
	}
}

func TestInit_refuses(t *testing.T) {
	t.Parallel()
	full := files(t, map[string]string{"mine.txt": "mine"})
	file := filepath.Join(full, "mine.txt")
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{full}, exitFailed, full + " is not empty: it has mine.txt. Name a new directory"},
		{[]string{file}, exitFailed, "make the project's directory: "},
		{[]string{filepath.Join(full, "new"), "--template", "x"}, exitUsage, `there is no template "x", only: batcher, chat, `},
	} {
		code, _, errors := doemu(t, append([]string{"init"}, test.args...)...)
		if code != test.code || !strings.Contains(errors, test.want) {
			t.Errorf("doemu init %q: got %d %s, want %d %q", test.args, code, errors, test.code, test.want)
		}
	}
	entries, err := os.ReadDir(full)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v, want nothing beside mine.txt", entries, err)
	}
}

func TestWorkerName(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{"/a/My App": "my-app", "/": "otherwise", "/ü": "otherwise", "/_x__y_": "x-y", "/" + strings.Repeat("a", 70): strings.Repeat("a", 63)} {
		if got := workerName(dir, "otherwise"); got != want {
			t.Errorf("%s: got %q, want %q", dir, got, want)
		}
	}
}
