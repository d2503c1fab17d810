package emulator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/journal"
)

// departures asks a server elsewhere, whose address the query has, in the way that the path names.
const departures = `
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url), to = searchParams.get("to");
    request.signal.addEventListener("abort", () => console.log("signal"));
    switch (pathname) {
      case "/ask": try { await fetch(to + "/never"); } finally { console.log("went on"); } break;
      case "/loop": for (;;) { try { await fetch(to + "/never"); } catch {} }
      case "/read": { const answer = await fetch(to + "/begin"); await answer.text(); break; }
      case "/outlive": { const asked = fetch(to + "/held").then(async (answer) => console.log(await answer.text())); ctx.waitUntil(asked); await asked; break; }
      case "/late": request.signal.addEventListener("abort", () => ctx.waitUntil(fetch(to + "/late"))); await fetch(to + "/never"); break;
      case "/pass": return fetch(to + "/begin");
      case "/quiet": return new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(1)), cancel: () => console.log("cancel") }));
      case "/abort": {
        const controller = new AbortController(), answer = await fetch(to + "/begin", { signal: controller.signal });
        const reader = answer.body.getReader();
        await reader.read();
        controller.abort();
        return new Response(await reader.read().catch((error) => error.name));
      }
      case "/abort/passed": { const answer = await fetch(to + "/begin", { signal: AbortSignal.timeout(30) }); return new Response(answer.body, answer); }
    }
    return new Response("ok");
  },
};`

// What a Worker began for a client that left is ended, and its connections with it, unless it is to outlive the answer.
func TestDeparture(t *testing.T) {
	t.Parallel()
	arrived, ended, release := make(chan string, 8), make(chan string, 8), make(chan struct{})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
		switch r.URL.Path {
		case "/late":
			return
		case "/held":
			select {
			case <-release:
				_, _ = io.WriteString(w, "outlived")
			case <-r.Context().Done():
			}
			return
		}
		if r.URL.Path == "/begin" {
			_, _ = io.WriteString(w, "begins") // the client may have left
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		ended <- r.URL.Path
	}))
	t.Cleanup(elsewhere.Close)
	dir := writeProject(t, departures, `{ "name": "test", "main": "index.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["enable_request_signal"] }`)
	e, _, err := emulator.New(t.Context(), emulator.Options{Workers: newWorkers(dir), Ephemeral: true, Clock: clock.New()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		elsewhere.CloseClientConnections()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	said := make(chan journal.Event, 100)
	stop := e.Journal().Listen(func(entry journal.Event) { said <- entry })
	t.Cleanup(stop)
	want := func(what string, from <-chan string, want string) {
		t.Helper()
		select {
		case got := <-from:
			if got != want {
				t.Errorf("%s: got %s, want %s", what, got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: got nothing, want %s", what, want)
		}
	}
	// heard waits for a line of the console or a request.
	heard := func(kind journal.Kind, detail string) journal.Event {
		t.Helper()
		for late := time.After(10 * time.Second); ; {
			select {
			case entry := <-said:
				if entry.Kind == kind && strings.Contains(entry.Detail, detail) {
					return entry
				}
				if strings.Contains(entry.Detail, "went on") {
					t.Error("the program went on")
				}
			case <-late:
				t.Fatalf("got no %s %s", kind, detail)
			}
		}
	}
	// leave asks, and goes when the server elsewhere has been asked, or when the answer has begun.
	leave := func(path string, begun bool) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path+"?to="+url.QueryEscape(elsewhere.URL), nil)
		if err != nil {
			t.Fatal(err)
		}
		if begun {
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := res.Body.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			return
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
				res.Body.Close()
				t.Errorf("%s: got an answer", path)
			}
		}()
		there, ok := map[string]string{"/read": "/begin", "/outlive": "/held"}[path]
		if !ok {
			there = "/never"
		}
		want("asked", arrived, there)
		cancel()
		<-done
	}
	for path, there := range map[string]string{"/ask": "/never", "/loop": "/never", "/read": "/begin"} {
		leave(path, false)
		want(path, ended, there)
		heard(journal.Console, "signal")
		if got := heard(journal.Request, "GET "+path).Status; got != 499 {
			t.Errorf("%s: got status %d, want 499", path, got)
		}
	}
	leave("/pass", true)
	want("asked", arrived, "/begin")
	want("/pass", ended, "/begin")
	leave("/quiet", true)
	heard(journal.Console, "cancel")

	// A listener of the signal can still ask for time, and work that was to outlive the answer does.
	leave("/late", false)
	want("/late", arrived, "/late")
	heard(journal.Console, "signal")
	leave("/outlive", false)
	heard(journal.Console, "signal")
	close(release)
	heard(journal.Console, "outlived")

	// The program itself takes its request back.
	for path, want := range map[string]string{"/abort": "AbortError", "/abort/passed": ""} {
		res, err := http.Get(server.URL + path + "?to=" + url.QueryEscape(elsewhere.URL))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if want != "" && (err != nil || string(got) != want) {
			t.Errorf("%s: got %s %v, want %s", path, got, err, want)
		}
		if want == "" && err == nil {
			t.Errorf("%s: got %q with an end, want a connection that broke", path, got)
		}
		for here := false; !here; {
			select {
			case path := <-ended: // of those before, too
				here = path == "/begin"
			case <-time.After(10 * time.Second):
				t.Fatalf("%s: the server elsewhere was not let go of", path)
			}
		}
	}
}
