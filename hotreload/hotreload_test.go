package hotreload

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// project is a program that a watcher reads again when it changes: main.js, and what main.js lists.
type project struct {
	t    *testing.T
	main string

	mu    sync.Mutex
	files []string
	// reads are the contents of all files, joined, each time that they were read.
	reads chan string
	// whileReading is called once, when all has been read and nobody knows yet what to watch.
	whileReading func()
}

// newProject watches src/main.js below a directory.
func newProject(t *testing.T, w Watcher) *project {
	t.Helper()
	p := &project{t: t, main: filepath.Join(t.TempDir(), "app", "src", "main.js"), reads: make(chan string, 100)}
	p.write("main.js", "1")
	began := !w.Since.IsZero()
	w.Changed, w.look = func(string) { p.read() }, 20*time.Millisecond
	w.Files = func() []string {
		p.mu.Lock()
		defer p.mu.Unlock()
		return append([]string{p.main, filepath.Join(filepath.Dir(p.main), "none.js")}, p.files...)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if began {
		return p
	}
	// Until the first change is seen, the watcher may not have begun.
	for text := "seen"; ; text += "." {
		p.write("main.js", text)
		select {
		case got := <-p.reads:
			if got == text {
				p.write("main.js", "1")
				p.want("begin", "1")
				return p
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (p *project) path(name string) string { return filepath.Join(filepath.Dir(p.main), name) }

func (p *project) write(name, text string) {
	p.t.Helper()
	path := p.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) rename(from, to string) {
	p.t.Helper()
	if err := os.Rename(from, to); err != nil {
		p.t.Fatal(err)
	}
}

// read reads main.js; if that says "import" and a name, the file of that name too.
func (p *project) read() {
	text, _ := os.ReadFile(p.main) // a file that is not there is empty
	got := string(text)
	var files []string
	if name, ok := cutImport(got); ok {
		files = []string{p.path(name)}
		text, _ := os.ReadFile(files[0])
		got += " " + string(text)
	}
	if f := p.whileReading; f != nil {
		p.whileReading = nil
		f()
	}
	p.mu.Lock()
	p.files = files
	p.mu.Unlock()
	p.reads <- got
}

func cutImport(text string) (name string, ok bool) {
	const word = "import "
	if len(text) < len(word) || text[:len(word)] != word {
		return "", false
	}
	return text[len(word):], true
}

// want waits until something was read.
func (p *project) want(what, want string) {
	p.t.Helper()
	patience := time.After(20 * time.Second)
	last := "nothing"
	for {
		select {
		case last = <-p.reads:
			if last == want {
				return
			}
		case <-patience:
			p.t.Fatalf("%s: the last that was read is %q, want %q", what, last, want)
		}
	}
}

// both runs a test with both ways of watching.
func both(t *testing.T, test func(t *testing.T, w Watcher)) {
	t.Parallel()
	for name, poll := range map[string]time.Duration{"notify": 0, "poll": 5 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, Watcher{Poll: poll})
		})
	}
}

func TestWatcher(t *testing.T) {
	both(t, func(t *testing.T, w Watcher) {
		// The file changes after it was read and before it is watched.
		w.Since = time.Now()
		p := newProject(t, w)
		p.want("before the watching", "1")
		p.write("main.js", "22")
		p.want("changed", "22")
		p.write("other.js", "1")
		p.rename(p.path("other.js"), p.main)
		p.want("replaced, as editors do", "1")
	})
}

// A directory that was moved, or removed, and is there again is watched as before.
func TestWatcher_directory(t *testing.T) {
	for _, test := range []struct {
		name    string
		replace func(p *project)
	}{
		{"moved away and back", func(p *project) {
			src := filepath.Dir(p.main)
			p.rename(src, src+"2")
			p.want("moved away", "")
			p.rename(src+"2", src)
		}},
		{"moved away and back at once", func(p *project) {
			src := filepath.Dir(p.main)
			p.rename(src, src+"2")
			p.rename(src+"2", src)
		}},
		{"removed and made anew", func(p *project) {
			if err := os.RemoveAll(filepath.Dir(p.main)); err != nil {
				p.t.Fatal(err)
			}
			p.want("removed", "")
			p.write("main.js", "1")
		}},
		{"removed and made anew at once", func(p *project) {
			if err := os.RemoveAll(filepath.Dir(p.main)); err != nil {
				p.t.Fatal(err)
			}
			p.write("main.js", "1")
		}},
		{"exchanged for another", func(p *project) {
			src := filepath.Dir(p.main)
			p.write("../new/main.js", "another")
			p.rename(src, src+"2")
			p.rename(filepath.Join(filepath.Dir(src), "new"), src)
			p.want("exchanged", "another")
			if err := os.RemoveAll(src + "2"); err != nil {
				p.t.Fatal(err)
			}
		}},
		{"its parent moved away and back", func(p *project) {
			app := filepath.Dir(filepath.Dir(p.main))
			was, err := os.ReadFile(p.main)
			if err != nil {
				p.t.Fatal(err)
			}
			p.rename(app, app+"2")
			p.want("moved away", "")
			p.rename(app+"2", app)
			p.want("moved back", string(was))
		}},
		{"its parent exchanged for a copy", func(p *project) {
			app := filepath.Dir(filepath.Dir(p.main))
			p.rename(app, app+"2")
			p.write("main.js", "copy")
			p.want("exchanged", "copy")
			if err := os.RemoveAll(app + "2"); err != nil {
				p.t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			both(t, func(t *testing.T, w Watcher) {
				p := newProject(t, w)
				for n, text := range []string{"first edit", "second edit", "third edit"} {
					if n < 2 {
						test.replace(p)
					}
					p.write("main.js", text)
					p.want(test.name, text)
				}
			})
		})
	}
}

// A file that was read for the first time, in a directory of its own, and changes before anybody watches it.
func TestWatcher_changedWhileReading(t *testing.T) {
	both(t, func(t *testing.T, w Watcher) {
		p := newProject(t, w)
		p.write("lib/new.js", "one")
		p.whileReading = func() { p.write("lib/new.js", "two") }
		p.write("main.js", "import lib/new.js")
		p.want("imported and changed", "import lib/new.js two")
		p.write("lib/new.js", "three")
		p.want("changed again", "import lib/new.js three")
		p.whileReading = func() { p.write("main.js", "4444") }
		p.write("main.js", "333")
		p.want("changed while it was read", "4444")
	})
}

// What did not change since it was read is not read again.
func TestKnowledge(t *testing.T) {
	t.Parallel()
	file, gone := filepath.Join(t.TempDir(), "index.js"), filepath.Join(t.TempDir(), "none.js")
	if err := os.WriteFile(file, []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	files := []string{file, gone}
	later, earlier := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	for _, test := range []struct {
		name string
		k    knowledge
		want string
	}{
		{"older than the reading", knowledge{since: later}, ""},
		{"newer than the reading", knowledge{since: earlier}, file},
		{"known, though newer", knowledge{since: earlier, files: map[string]os.FileInfo{file: stat(file), gone: nil}}, ""},
		{"not there when it was read", knowledge{since: later, files: map[string]os.FileInfo{file: nil}}, file},
		{"removed", knowledge{since: later, files: map[string]os.FileInfo{file: stat(file), gone: stat(file)}}, gone},
	} {
		if got := test.k.changed(files); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if got := test.k.changed(files); got != "" {
			t.Errorf("%s, asked again: got %q, want none", test.name, got)
		}
	}
}
