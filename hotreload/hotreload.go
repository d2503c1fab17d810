// Package hotreload watches files and asks for a reload when they change. It knows nothing of what
// they hold.
package hotreload

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher tells of changes to a set of files, which may change itself. Their directories are watched, since editors
// replace files and files may not exist yet; and directories themselves may be moved, removed and made anew.
type Watcher struct {
	// Files lists what to watch; it is asked again after each change.
	Files func() []string
	// Changed is called with one of the files that changed, once for changes that come together. It reads the files.
	Changed func(file string)
	// Quiet is how long nothing may change before Changed is called; 0 is [DefaultQuiet].
	Quiet time.Duration
	// Since is when the files began to be read: what changed between then and the begin of watching counts too. Zero
	// is now.
	Since time.Time
	// Poll looks at the files so often instead of asking the system; 0 asks the system.
	Poll time.Duration

	// look is how often is looked for what the system does not tell; 0 is lookInterval.
	look time.Duration
}

// DefaultQuiet is long enough for an editor to write a file and short enough not to be noticed.
const DefaultQuiet = 10 * time.Millisecond

// lookInterval is how often is looked for what the system does not tell: a directory whose parent was moved, or that
// came back where nothing is watched.
const lookInterval = time.Second

// Run watches until the context ends.
func (w *Watcher) Run(ctx context.Context) error {
	if w.Quiet == 0 {
		w.Quiet = DefaultQuiet
	}
	if w.look == 0 {
		w.look = lookInterval
	}
	k := knowledge{since: w.Since}
	if w.Since.IsZero() {
		k.since = time.Now()
		k.take(w.Files())
	}
	if w.Poll > 0 {
		return w.poll(ctx, &k)
	}
	return w.notify(ctx, &k)
}

// reload has the files read. What changes meanwhile is found by looking for what is not known.
func (w *Watcher) reload(k *knowledge, file string) {
	k.since = time.Now()
	k.take(w.Files())
	w.Changed(file)
}

func (w *Watcher) poll(ctx context.Context, k *knowledge) error {
	ticker := time.NewTicker(w.Poll)
	defer ticker.Stop()
	for {
		if file := k.changed(w.Files()); file != "" {
			w.reload(k, file)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (w *Watcher) notify(ctx context.Context, k *knowledge) error {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer events.Close()
	ticker := time.NewTicker(w.look)
	defer ticker.Stop()
	dirs := directories{events: events, known: map[string]os.FileInfo{}}
	var quiet <-chan time.Time
	changed, files := "", []string(nil)
	// look watches what is to be watched, and then looks what has changed before it was.
	look := func() {
		files = w.Files()
		dirs.watch(files)
		if file := k.changed(files); file != "" {
			changed, quiet = file, time.After(w.Quiet)
		}
	}
	look()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-events.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return err
			}
			look()
		case ev := <-events.Events:
			switch {
			case ev.Op&^fsnotify.Chmod == 0:
			case dirs.has(ev.Name):
				dirs.forget(ev.Name) // whatever is there now is another one, or was elsewhere
				look()
			case slices.ContainsFunc(files, func(file string) bool { return filepath.Clean(file) == ev.Name }):
				changed, quiet = ev.Name, time.After(w.Quiet)
			}
		case <-ticker.C:
			if dirs.replaced() {
				look()
			}
		case <-quiet:
			quiet = nil
			w.reload(k, changed)
			look()
		}
	}
}

// knowledge is how files were when they were read.
type knowledge struct {
	since time.Time              // when that began
	files map[string]os.FileInfo // as they were before; nil for one that was not there
}

// Coarse is how much older than its change the time of a file may be: systems count it in ticks.
const Coarse = 10 * time.Millisecond

// take notes how the files are, before they are read.
func (k *knowledge) take(files []string) {
	k.files = map[string]os.FileInfo{}
	for _, file := range files {
		k.files[file] = stat(file)
	}
}

// changed is a file that may be other than it was read, or "". One that was not known before it was read has changed
// if it is newer.
func (k *knowledge) changed(files []string) string {
	if k.files == nil {
		k.files = map[string]os.FileInfo{}
	}
	first := ""
	for _, file := range files {
		now := stat(file)
		before, known := k.files[file]
		if known && !same(before, now) || !known && now != nil && now.ModTime().After(k.since.Add(-Coarse)) {
			first = file
		}
		k.files[file] = now
	}
	return first
}

// stat is what there is at a path, or nil.
func stat(path string) os.FileInfo {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	return info
}

// same tells whether nothing shows that a file was changed.
func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && os.SameFile(a, b)
}

// directories are those of the files, as they are watched.
type directories struct {
	events *fsnotify.Watcher
	known  map[string]os.FileInfo // what is watched there; nil if nothing is
}

func (d *directories) has(path string) bool {
	_, ok := d.known[path]
	return ok
}

// forget ends the watching of a directory.
func (d *directories) forget(dir string) {
	// It may have ended by itself, with the directory.
	_ = d.events.Remove(dir)
	d.known[dir] = nil
}

// watch watches the directories of the files, and no others; those that are watched already stay.
func (d *directories) watch(files []string) {
	wanted := map[string]bool{}
	for _, file := range files {
		dir := filepath.Dir(file)
		wanted[dir] = true
		if d.known[dir] != nil {
			continue
		}
		// A directory that is not there has no files to watch either.
		if info := stat(dir); info != nil && d.events.Add(dir) == nil {
			d.known[dir] = info
		} else {
			d.known[dir] = nil
		}
	}
	for dir := range d.known {
		if !wanted[dir] {
			d.forget(dir)
			delete(d.known, dir)
		}
	}
}

// replaced tells whether what is at the path of a directory is not what is watched, and ends the watching of those.
func (d *directories) replaced() bool {
	any := false
	for dir, watched := range d.known {
		now := stat(dir)
		if watched == nil && now == nil || watched != nil && now != nil && os.SameFile(watched, now) {
			continue
		}
		if watched != nil {
			d.forget(dir)
		}
		any = true
	}
	return any
}
