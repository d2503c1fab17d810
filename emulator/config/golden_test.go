package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
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

// today is the date in tests.
func today() time.Time { return time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC) }

// files writes files to a new directory and returns it.
func files(t testing.TB, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, texts)
	return dir
}

func write(t testing.TB, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLoad_diagnostics loads each file of testdata/diagnostics, named
// case[@environment].ending, and compares what is said about it.
func TestLoad_diagnostics(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("testdata", "diagnostics", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		ending := filepath.Ext(path)
		if ending == ".golden" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, env, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ending), "@")
			dir := files(t, map[string]string{"wrangler" + ending: string(text), "src/index.ts": "export default {}"})
			project, d, err := Load(Options{WorkDir: dir, Env: env, Now: today()})
			var said strings.Builder
			for _, warning := range d.WarningTexts() {
				said.WriteString(Render(SeverityWarning, warning, false))
			}
			var user *Error
			switch {
			case errors.As(err, &user):
				said.WriteString(user.Render(false))
			case err != nil:
				t.Fatalf("Load: %v, want a project or an *Error", err)
			default:
				said.WriteString("loaded " + project.Name + "\n")
			}
			golden(t, path+".golden", said.String())
		})
	}
}
