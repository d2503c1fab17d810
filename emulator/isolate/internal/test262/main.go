// Command test262 runs the conformance tests of ECMAScript on the isolate's engine, and compares what fails with a list.
//
//	git clone https://github.com/tc39/test262 && git -C test262 checkout $(cat emulator/isolate/internal/test262/commit)
//	go run ./emulator/isolate/internal/test262 [-update] [-v] test262 [PATH…]
//
// A path is a file or folder below the checkout's test folder; without one all tests run, which takes minutes. Each runs
// in sloppy and in strict code, as its flags say, in an isolate of its own. The list is known.txt: first what QuickJS-ng
// knows of itself, then what is different here.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
)

var (
	update   = flag.Bool("update", false, "write the list anew; needs all tests")
	verbose  = flag.Bool("v", false, "say why each test failed")
	list     = flag.String("known", "emulator/isolate/internal/test262/known.txt", "the `file` with the tests that fail")
	upstream = flag.String("upstream", "emulator/isolate/internal/quickjs/source/quickjs-ng/test262_errors.txt", "QuickJS-ng's own list of them")
)

// timeout ends a test that does not.
const timeout = 60 * time.Second

func main() {
	flag.Parse()
	if flag.NArg() < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Args()[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string, paths []string) error {
	if *update && len(paths) > 0 {
		return errors.New("-update needs all tests: give no PATH")
	}
	files, err := testFiles(filepath.Join(dir, "test"), paths)
	if err != nil {
		return err
	}
	r, err := newRunner(dir)
	if err != nil {
		return err
	}
	began := time.Now()
	failed, ran, skipped := r.all(files)
	fmt.Printf("%d ran, %d failed, %d skipped, in %s\n", ran, len(failed), skipped, time.Since(began).Round(time.Second))
	if *update {
		return write(*list, *upstream, failed)
	}
	known, err := readKnown(*list)
	if err != nil {
		return err
	}
	return compare(known, failed, files)
}

// testFiles are the tests below the paths, by their names below root, without what only a path that is named brings.
func testFiles(root string, paths []string) ([]string, error) {
	if len(paths) == 0 {
		paths = []string{"annexB", "built-ins", "harness", "language"}
	}
	var files []string
	for _, path := range paths {
		err := filepath.WalkDir(filepath.Join(root, path), func(file string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if !d.IsDir() && strings.HasSuffix(file, ".js") && !strings.HasSuffix(file, "_FIXTURE.js") {
				name, err := filepath.Rel(root, file)
				if err != nil {
					return err
				}
				files = append(files, filepath.ToSlash(name))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	return files, nil
}

// runner runs tests in forks of an image with the harness.
type runner struct {
	dir      string
	image    *isolate.Image
	mu       sync.Mutex
	includes map[string]string
}

func newRunner(dir string) (*runner, error) {
	engine, err := isolate.NewEngine(isolate.Config{Ops: ops})
	if err != nil {
		return nil, err
	}
	i, err := engine.Boot(isolate.Options{Owner: &outcome{}})
	if err != nil {
		return nil, err
	}
	defer i.Close()
	r := &runner{dir: dir, includes: map[string]string{}}
	if err := i.EvalScript("host.js", host); err != nil {
		return nil, err
	}
	if err := i.Seal(); err != nil {
		return nil, err
	}
	for _, name := range []string{"assert.js", "sta.js"} {
		source, err := r.include(name)
		if err != nil {
			return nil, err
		}
		if err := i.EvalScript(name, source); err != nil {
			return nil, err
		}
	}
	r.image, err = i.Image()
	return r, err
}

func (r *runner) include(name string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if source, ok := r.includes[name]; ok {
		return source, nil
	}
	b, err := os.ReadFile(filepath.Join(r.dir, "harness", name))
	r.includes[name] = string(b)
	return string(b), err
}

// all runs the tests on all processors, and gives those that failed.
func (r *runner) all(files []string) (failed map[string]string, ran, skipped int) {
	failed = map[string]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	work := make(chan string)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for file := range work {
				source, err := os.ReadFile(filepath.Join(r.dir, "test", filepath.FromSlash(file)))
				if err != nil {
					mu.Lock()
					failed[file] = err.Error()
					mu.Unlock()
					continue
				}
				t := parse(string(source))
				modes := t.modes()
				for _, m := range modes {
					err := r.test(file, t, m)
					mu.Lock()
					ran++
					if err != nil {
						failed[file+m.suffix()] = err.Error()
						if *verbose {
							fmt.Printf("%s%s: %v\n", file, m.suffix(), err)
						}
					}
					mu.Unlock()
				}
				if len(modes) == 0 {
					mu.Lock()
					skipped++
					mu.Unlock()
				}
			}
		})
	}
	for _, file := range files {
		work <- file
	}
	close(work)
	wg.Wait()
	return failed, ran, skipped
}

// test runs a test, and says why it failed.
func (r *runner) test(file string, t *test, m mode) error {
	out := &outcome{}
	base := filepath.Join(r.dir, "test")
	i, err := r.image.Fork(isolate.Options{Owner: out, Seed: 1, MemoryLimit: 512 << 20, LoadModule: func(name string, _ []string) (string, error) {
		b, err := os.ReadFile(filepath.Join(base, filepath.FromSlash(name)))
		if err != nil {
			return "", isolate.Errorf("Error", "no module %s", name)
		}
		return string(b), nil
	}})
	if err != nil {
		return err
	}
	defer i.Close()
	i.SetTime(time.Now())
	timer := time.AfterFunc(timeout, i.Interrupt)
	defer timer.Stop()
	includes := t.includes
	if t.has("async") {
		includes = append([]string{"doneprintHandle.js"}, includes...)
	}
	if !t.has("raw") {
		for _, name := range includes {
			source, err := r.include(name)
			if err != nil {
				return err
			}
			if err := i.EvalScript(name, source); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	switch m {
	case module:
		err = i.EvalModule(file, t.source, -1)
	case strict:
		err = i.EvalScript(file, "\"use strict\";\n"+t.source)
	default:
		err = i.EvalScript(file, t.source)
	}
	if t.negative != "" {
		var thrown *isolate.Exception
		switch {
		case err == nil:
			return fmt.Errorf("nothing was thrown, want a %s", t.negative)
		case !errors.As(err, &thrown) || thrown.Name != t.negative && !strings.HasPrefix(thrown.Message, t.negative+":"):
			return fmt.Errorf("%w, want a %s", err, t.negative)
		}
		return nil
	}
	if err != nil && !(t.has("async") && out.done()) {
		return err
	}
	if t.has("async") {
		return out.async()
	}
	return nil
}

// compare tells what fails that is not known, and what is known to fail and does not.
func compare(known, failed map[string]string, files []string) error {
	ran := map[string]bool{}
	for _, file := range files {
		ran[file] = true
	}
	wrong := 0
	for _, name := range sorted(failed) {
		if _, ok := known[name]; !ok {
			fmt.Printf("fails: %s: %s\n", name, failed[name])
			wrong++
		}
	}
	for _, name := range sorted(known) {
		file, _, _ := strings.Cut(name, " ")
		if _, ok := failed[name]; !ok && ran[file] {
			fmt.Printf("passes now: %s\n", name)
			wrong++
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d differ from %s", wrong, *list)
	}
	return nil
}

func sorted(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// readKnown reads a list: a test a line, "# " before what is none.
func readKnown(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	known := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line != "" && !strings.HasPrefix(line, "#") {
			name, why, _ := strings.Cut(line, ": ")
			known[name] = why
		}
	}
	return known, nil
}

// write makes a list of what failed: what QuickJS-ng knows of, by its own list, and the others with their reasons.
func write(file, upstream string, failed map[string]string) error {
	b, err := os.ReadFile(upstream)
	if err != nil {
		return fmt.Errorf("read QuickJS-ng's list: %w", err)
	}
	theirs := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if name, rest, ok := strings.Cut(strings.TrimPrefix(line, "test262/test/"), ".js:"); ok {
			name += ".js"
			if strings.Contains(rest, " strict mode: ") {
				name += strict.suffix()
			}
			theirs[name] = true
		}
	}
	var out strings.Builder
	out.WriteString("# Tests that fail. Written by -update.\n\n# In QuickJS-ng's list too:\n")
	for _, name := range sorted(failed) {
		if theirs[name] {
			fmt.Fprintln(&out, name)
		}
	}
	out.WriteString("\n# Not in QuickJS-ng's list:\n")
	for _, name := range sorted(failed) {
		if !theirs[name] {
			why, _, _ := strings.Cut(failed[name], "\n")
			fmt.Fprintf(&out, "%s: %.160s\n", name, why)
		}
	}
	return os.WriteFile(file, []byte(out.String()), 0o644)
}
