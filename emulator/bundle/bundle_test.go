package bundle

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator/config"
)

// project writes files to a new directory and loads the project in it.
func project(t testing.TB, files map[string]string) *config.Project {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	p, _, err := config.Load(config.Options{WorkDir: dir, Now: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatalf("load project: %v", err)
	}
	return p
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// build builds the project in files.
func build(t testing.TB, files map[string]string) (*Bundle, error) {
	t.Helper()
	b := NewBuilder(project(t, files), Options{})
	t.Cleanup(b.Close)
	return b.Build(t.Context())
}

const wrangler = `{"name": "w", "main": "src/index.ts", "compatibility_date": "2026-01-01"}`
