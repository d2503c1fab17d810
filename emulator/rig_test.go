package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/journal"
)

// start is where the tests' clocks begin.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// rig is an emulator with one Worker whose class Thing is bound as THING, for a test.
type rig struct {
	*emulator.Emulator
	t   testing.TB
	dir string
}

// entry is a Worker that calls a method of the object that the query names: /method?name=NAME&arg=JSON.
const entry = `
import { DurableObject } from "cloudflare:workers";
export default {
  async fetch(request, env) {
    const url = new URL(request.url), q = url.searchParams;
    const thing = env.THING.getByName(q.get("name") ?? "a");
    if (request.headers.get("Upgrade")) return thing.fetch(request);
    const result = await thing[url.pathname.slice(1)](...(q.has("arg") ? [JSON.parse(q.get("arg"))] : []));
    return Response.json(result ?? null);
  },
};
`

// newRig runs a Worker whose source has the class Thing, in memory and on a clock that stands.
func newRig(t testing.TB, source string, change func(*emulator.Options)) *rig {
	t.Helper()
	dir := newProject(t, source)
	options := emulator.Options{
		Workers: newWorkers(dir), Ephemeral: true, Clock: clock.NewFrozen(start),
	}
	if change != nil {
		change(&options)
	}
	e, _, err := emulator.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{e, t, dir}
}

func newWorkers(dir string) []config.Options { return []config.Options{{WorkDir: dir, Path: dir}} }

// newProject writes a project whose Worker is entry with a class Thing.
func newProject(t testing.TB, source string) (dir string) {
	t.Helper()
	return writeProject(t, entry+source, `{ "name": "test", "main": "index.js", "compatibility_date": "2026-01-01",
		"durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
		"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Thing"] }] }`)
}

// writeProject writes a project of one file.
func writeProject(t testing.TB, source, configuration string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"index.js": source, "wrangler.json": configuration} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// get asks the Worker, and wants its answer to be a success.
func (r *rig) get(path string) string {
	r.t.Helper()
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Code != http.StatusOK {
		r.t.Fatalf("GET %s: got %d %s, want 200", path, answer.Code, body)
	}
	return string(body)
}

func (r *rig) want(path, want string) {
	r.t.Helper()
	if got := r.get(path); got != want {
		r.t.Errorf("GET %s: got %s, want %s", path, got, want)
	}
}

func (r *rig) advance(d time.Duration) clock.Passage {
	r.t.Helper()
	p, err := r.Clock().Advance(r.t.Context(), d)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// events are those of some kinds, a line for each: the time since start, the kind and what else is known.
func (r *rig) events(kinds ...journal.Kind) []string {
	r.t.Helper()
	if err := r.Settle(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	var lines []string
	for _, e := range r.Journal().Since(0) {
		for _, kind := range kinds {
			if e.Kind == kind {
				fields := []string{e.Time.Sub(start).String(), string(e.Kind), e.Name, e.Detail, e.Error}
				lines = append(lines, strings.Join(strings.Fields(strings.Join(fields, " ")), " "))
			}
		}
	}
	return lines
}
