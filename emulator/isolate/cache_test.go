package isolate

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A cache that cannot be written costs time, and no start fails for it.
func TestNewEngine_cache(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	e, err := NewEngine(t.Context(), Config{CacheDir: file, Ops: testOps, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatalf("got %v, want an engine without a cache", err)
	}
	if want := "compiled code is not kept"; !strings.Contains(log.String(), want) {
		t.Errorf("got the log %q, want %q in it", log.String(), want)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
