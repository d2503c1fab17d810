// Package hotreload watches files and asks for a reload when they change. It knows nothing of what
// they hold.
package hotreload

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher tells of changes to a set of files, which may change itself. Its directories are watched,
// since editors replace files and files may not exist yet.
type Watcher struct {
	// Files lists what to watch; it is asked again after each change.
	Files func() []string
	// Changed is called with one of the files that changed, once for changes that come together.
	Changed func(file string)
	// Quiet is how long nothing may change before Changed is called.
	Quiet time.Duration
	// Since is when the files were read: what changed between then and the begin of watching counts too. Zero
	// is now.
	Since time.Time
	// Poll looks at the files so often instead of asking the system; 0 asks the system.
	Poll time.Duration
}

// DefaultQuiet is long enough for an editor to write a file and short enough not to be noticed.
const DefaultQuiet = 10 * time.Millisecond

// Run watches until the context ends.
func (w *Watcher) Run(ctx context.Context) error {
	if w.Quiet == 0 {
		w.Quiet = DefaultQuiet
	}
	if w.Poll > 0 {
		return w.poll(ctx)
	}
	return w.notify(ctx)
}

func (w *Watcher) notify(ctx context.Context) error {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer events.Close()
	files := w.watch(events, nil)
	var quiet <-chan time.Time
	changed := w.missed()
	if changed != "" {
		quiet = time.After(w.Quiet)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-events.Errors:
			return err
		case ev := <-events.Events:
			if ev.Op&^fsnotify.Chmod != 0 && files[ev.Name] {
				changed = ev.Name
				quiet = time.After(w.Quiet)
			}
		case <-quiet:
			quiet = nil
			w.Changed(changed)
			files = w.watch(events, files)
		}
	}
}

// coarse is how much older than its change the time of a file may be: systems count it in ticks.
const coarse = 10 * time.Millisecond

// missed is a file that changed before it was watched, or "".
func (w *Watcher) missed() string {
	if w.Since.IsZero() {
		return ""
	}
	for _, file := range w.Files() {
		if info, err := os.Stat(file); err == nil && info.ModTime().After(w.Since.Add(-coarse)) {
			return file
		}
	}
	return ""
}

// watch adds the directories of the files; those that are watched already stay.
func (w *Watcher) watch(events *fsnotify.Watcher, before map[string]bool) map[string]bool {
	files := map[string]bool{}
	for _, file := range w.Files() {
		files[filepath.Clean(file)] = true
		if before[filepath.Clean(file)] {
			continue
		}
		// A directory that is not there has no files to watch either.
		_ = events.Add(filepath.Dir(file))
	}
	return files
}

type stamp struct {
	at   time.Time
	size int64
}

func stamps(files []string) map[string]stamp {
	all := map[string]stamp{}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			all[file] = stamp{info.ModTime(), info.Size()}
		} else {
			all[file] = stamp{}
		}
	}
	return all
}

func (w *Watcher) poll(ctx context.Context) error {
	before := stamps(w.Files())
	if file := w.missed(); file != "" {
		w.Changed(file)
		before = stamps(w.Files())
	}
	ticker := time.NewTicker(w.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := stamps(w.Files())
		for file, s := range now {
			if old, ok := before[file]; ok && old != s {
				w.Changed(file)
				now = stamps(w.Files())
				break
			}
		}
		before = now
	}
}
