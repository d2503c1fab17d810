package hotreload

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// watch runs a watcher on a file until the test ends; what it says changed comes on the channel.
func watch(t *testing.T, w *Watcher, file string) <-chan string {
	t.Helper()
	changed := make(chan string, 100)
	w.Files = func() []string { return []string{file, filepath.Join(filepath.Dir(file), "none.js")} }
	w.Changed = func(file string) { changed <- file }
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return changed
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWatcher(t *testing.T) {
	t.Parallel()
	for name, poll := range map[string]time.Duration{"notify": 0, "poll": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "index.js")
			write(t, file, "1")
			// The file changes after it was read and before it is watched.
			read := time.Now()
			write(t, file, "22")
			changed := watch(t, &Watcher{Since: read, Poll: poll}, file)
			if got := <-changed; got != file {
				t.Errorf("before the watching: got %s, want %s", got, file)
			}
			write(t, file, "333")
			if got := <-changed; got != file {
				t.Errorf("got %s, want %s", got, file)
			}
		})
	}
}

// A file that did not change since it was read is not reported: the first that is told is the change.
func TestWatcher_unchanged(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "index.js")
	write(t, file, "1")
	w := &Watcher{Since: time.Now().Add(time.Hour), Files: func() []string { return []string{file} }}
	if got := w.missed(); got != "" {
		t.Errorf("got %s, want none", got)
	}
	if got := (&Watcher{Files: w.Files}).missed(); got != "" {
		t.Errorf("without a time: got %s, want none", got)
	}
}
