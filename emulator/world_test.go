package emulator_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/journal"
)

// world is a world of a rig, which ends with the test.
func (r *rig) world(options emulator.WorldOptions) *rig {
	r.t.Helper()
	w, err := r.NewWorld(r.t.Context(), options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := w.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return &rig{w, r.t, r.dir}
}

// Each world has a state, a clock, a journal, faults and snapshots of its own; ids and code are the same.
func TestWorld(t *testing.T) {
	everyStore(t, func(t *testing.T, r *rig) {
		r.get(`/put?arg=["k","first"]`)
		r.get(`/ring?arg=60000`)
		s := r.save("s")
		empty, from := r.world(emulator.WorldOptions{Clock: clock.NewFrozen(start.Add(time.Hour))}), r.world(emulator.WorldOptions{From: s})
		empty.want(`/state`, `[{},[],0]`)
		from.want(`/state`, `[{"k":"first"},[],0]`)
		empty.get(`/put?arg=["k","empty"]`)
		from.get(`/put?arg=["k","from"]`)
		if got := from.Clock().Now(); !got.Equal(start) {
			t.Errorf("the clock of the world shows %v, want the snapshot's %v", got, start)
		}
		from.advance(time.Minute)
		r.want(`/state`, `[{"k":"first"},[],1]`)
		empty.want(`/state`, `[{"k":"empty"},[],1]`)
		from.want(`/state`, fmt.Sprintf(`[{"k":"from","rang":%d},[],0]`, start.Add(time.Minute).UnixMilli()))
		if got, want := r.Clock().Now(), start; !got.Equal(want) {
			t.Errorf("the first clock shows %v, want %v", got, want)
		}
		for name, got := range map[string]int{"first": len(r.events(journal.Alarm)), "empty": len(empty.events(journal.Alarm)), "from": len(from.events(journal.Alarm)) - 1} {
			if got != 0 {
				t.Errorf("%s: got %d more alarms in the journal than there should be", name, got)
			}
		}
		// A world goes back to snapshots of its own.
		own := from.save("own")
		from.get(`/put?arg=["k","later"]`)
		from.restore(own, durable.CloseSockets)
		from.want(`/state`, fmt.Sprintf(`[{"k":"from","rang":%d},[],0]`, start.Add(time.Minute).UnixMilli()))
		if all, err := r.Snapshots().List(); err != nil || len(all) != 1 {
			t.Errorf("got %v, %v, want only the snapshot of the first", all, err)
		}
		if _, err := empty.NewWorld(t.Context(), emulator.WorldOptions{}); err != emulator.ErrNoWorlds {
			t.Errorf("got %v, want %v", err, emulator.ErrNoWorlds)
		}
		if empty.Of() != r.Emulator {
			t.Error("the world is of another emulator")
		}
	})
}

// A reload reaches the worlds; their objects start again with their state.
func TestWorld_reload(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		put(v) { this.ctx.storage.kv.put("k", v); }
		say() { return "one " + this.ctx.storage.kv.get("k"); }
	}`, nil)
	w := r.world(emulator.WorldOptions{})
	w.get(`/put?arg=1`)
	w.want(`/say`, `"one 1"`)
	source := filepath.Join(r.dir, "index.js")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(source, bytes.ReplaceAll(text, []byte("one "), []byte("two ")), 0o644); err != nil {
		t.Fatal(err)
	}
	// It can be asked of the world as well.
	if _, err := w.Services()[0].Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.want(`/say`, `"two 1"`)
	r.want(`/say`, `"two undefined"`)
	if err := os.WriteFile(source, []byte("export default {"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Services()[0].Reload(t.Context()); err == nil || w.Services()[0].Failed() == nil {
		t.Errorf("got %v, %v, want an error in both", err, w.Services()[0].Failed())
	}
	w.want(`/say`, `"two 1"`)
	r.world(emulator.WorldOptions{}).want(`/say`, `"two undefined"`)
}

// Workers of a world call each other there.
func TestWorld_services(t *testing.T) {
	t.Parallel()
	back := writeProject(t, `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Count extends DurableObject { next() { const n = (this.ctx.storage.kv.get("n") ?? 0) + 1; this.ctx.storage.kv.put("n", n); return n; } }
export default class extends WorkerEntrypoint { next() { return this.env.COUNT.getByName("a").next(); } }`,
		`{ "name": "back", "main": "index.js", "compatibility_date": "2026-01-01",
		"durable_objects": { "bindings": [{ "name": "COUNT", "class_name": "Count" }] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Count"] }] }`)
	front := writeProject(t, `export default { async fetch(request, env) {
		return Response.json([await env.BACK.next(), await env.COUNT.getByName("a").next()]);
	} };`, `{ "name": "front", "main": "index.js", "compatibility_date": "2026-01-01", "services": [{ "binding": "BACK", "service": "back" }],
		"durable_objects": { "bindings": [{ "name": "COUNT", "class_name": "Count", "script_name": "back" }] } }`)
	e, _, err := emulator.New(t.Context(), emulator.Options{
		Workers: append(newWorkers(front), newWorkers(back)...), Ephemeral: true, Clock: clock.NewFrozen(start),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r := &rig{e, t, front}
	w := r.world(emulator.WorldOptions{})
	for _, want := range []string{"[1,2]", "[3,4]"} {
		w.want("/", want)
	}
	r.want("/", "[1,2]")
}

// Worlds are made, used and ended from many goroutines while the code is reloaded; the emulator ends those that are
// left.
func TestWorld_many(t *testing.T) {
	t.Parallel()
	r := newRig(t, ledger, nil)
	r.get(`/put?arg=["k",1]`)
	s := r.save("s")
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 5 {
				w, err := r.NewWorld(t.Context(), emulator.WorldOptions{From: s})
				if err != nil {
					t.Error(err)
					return
				}
				own := &rig{w, t, r.dir}
				own.want(`/put?arg=["k",`+fmt.Sprint(n)+`]`, "1")
				if n > 3 {
					if err := w.Close(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Go(func() {
		for range 3 {
			if _, err := r.Services()[0].Reload(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	r.want(`/state`, `[{"k":1},[],0]`)
}

// What a new world costs: to make one and, answered, its first request that reaches an object.
func BenchmarkWorld(b *testing.B) {
	r := newRig(b, `export class Thing extends DurableObject {
		fill() { for (let n = 0; n < 1024; n++) this.ctx.storage.kv.put("k" + n, "x".repeat(1000)); }
		touch() { return this.ctx.storage.kv.get("k1")?.length; }
	}`, onDisk(b))
	r.get("/fill")
	r.save("full")
	for name, from := range map[string]string{"empty": "", "from 1 MB": "full"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w := newBenchWorld(b, r, from)
				b.StopTimer()
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
		b.Run(name+" with a request", func(b *testing.B) {
			for b.Loop() {
				w := newBenchWorld(b, r, from)
				res := httptest.NewRecorder()
				w.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "http://localhost/touch", nil))
				if res.Code != http.StatusOK {
					b.Fatal(res.Body)
				}
				b.StopTimer()
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
	b.Run("200 from 1 MB in use", func(b *testing.B) {
		for b.Loop() {
			before := proportional(b)
			var all []*emulator.Emulator
			for range 200 {
				w := newBenchWorld(b, r, "full")
				(&rig{w, b, r.dir}).get("/touch")
				all = append(all, w)
			}
			runtime.GC()
			b.ReportMetric(float64(proportional(b)-before)/(1<<20), "MiB")
			var errs []error
			for _, w := range all {
				errs = append(errs, w.Close())
			}
			if err := errors.Join(errs...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func newBenchWorld(b *testing.B, r *rig, from string) *emulator.Emulator {
	b.Helper()
	var options emulator.WorldOptions
	if from != "" {
		s, err := r.Snapshots().Load(from)
		if err != nil {
			b.Fatal(err)
		}
		options.From = s
	}
	w, err := r.NewWorld(b.Context(), options)
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// proportional is the memory of this process in bytes, with its share of pages that several maps show: those of heap
// images count once.
func proportional(b *testing.B) int {
	text, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		b.Skip("the memory is measured on Linux")
	}
	for line := range strings.Lines(string(text)) {
		var kib int
		if _, err := fmt.Sscanf(line, "Pss: %d kB", &kib); err == nil {
			return kib << 10
		}
	}
	b.Fatal("smaps_rollup has no Pss")
	return 0
}
