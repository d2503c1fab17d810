package emulator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/journal"
)

// A Worker that asks itself through the network, directly and by an object, is stopped as on Cloudflare.
const loopSource = `
export class Thing extends DurableObject {
  async again(url) { return (await fetch(url)).text(); }
  async fetch(request) { return fetch(request.headers.get("again")); }
}
`

const loopEntry = `
import { DurableObject } from "cloudflare:workers";
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/self": {
        const res = await fetch(request.url);
        return new Response((Number(res.headers.get("n")) + 1) + " " + (await res.text()), { status: res.status, headers: { n: Number(res.headers.get("n")) + 1 } });
      }
      case "/object": return new Response(await env.THING.getByName("a").again(request.url));
      case "/once": return new Response(await (await fetch(new URL("/end", request.url))).text());
      case "/end": return new Response("end " + (request.headers.get("cf-ew-via") ?? "-"));
    }
  },
};`

func TestLoops(t *testing.T) {
	t.Parallel()
	dir := writeProject(t, loopEntry+loopSource, `{ "name": "test", "main": "index.js", "compatibility_date": "2026-01-01",
		"durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
		"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Thing"] }] }`)
	e, _, err := emulator.New(t.Context(), emulator.Options{Workers: newWorkers(dir), Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	get := func(path string) string {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if got, want := get("/self"), "17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 error code: 1019\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := get("/object"), "error code: 1019\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// Each further request from outside begins anew, on whichever connection.
	for range 40 {
		if got, want := get("/once"), "end -"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// What a Worker asked of an object for a client that has left does not begin any more, unless it is to outlive the answer.
const leftSource = `
import { DurableObject } from "cloudflare:workers";
export class Thing extends DurableObject {
  marks = [];
  block() { this.ctx.blockConcurrencyWhile(() => scheduler.wait(5000)); }
  mark(how) { this.marks.push(how); return this.marks.join(); }
}
export default {
  async fetch(request, env, ctx) {
    const thing = env.THING.getByName("a"), { pathname } = new URL(request.url);
    switch (pathname) {
      case "/block": await thing.block(); break;
      case "/marks": return new Response(await thing.mark("end"));
      case "/wait": console.log("asks"); await thing.mark("waited for"); break;
      case "/outlive": { console.log("asks"); const marked = thing.mark("outlives"); ctx.waitUntil(marked); await marked; break; }
    }
    return new Response("ok");
  },
};`

func TestClientGone(t *testing.T) {
	t.Parallel()
	dir := writeProject(t, leftSource, `{ "name": "test", "main": "index.js", "compatibility_date": "2026-01-01",
		"durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
		"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Thing"] }] }`)
	e, _, err := emulator.New(t.Context(), emulator.Options{
		Workers: newWorkers(dir), Ephemeral: true, Clock: clock.NewFrozen(start),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &rig{e, t, dir}
	r.get("/block")
	asks := make(chan struct{}, 2)
	stop := e.Journal().Listen(func(entry journal.Event) {
		if entry.Kind == journal.Console {
			asks <- struct{}{}
		}
	})
	defer stop()
	for _, path := range []string{"/wait", "/outlive"} {
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil).WithContext(ctx))
		}()
		<-asks
		if err := e.Settle(t.Context()); err != nil { // the call has left the Worker
			t.Fatal(err)
		}
		leave()
		<-done
	}
	r.advance(6 * time.Second)
	r.want("/marks", "outlives,end")
}
