package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func describePorts(wanted []wantedPort) string {
	var fields []string
	for _, w := range wanted {
		field := fmt.Sprintf("%d:%d", w.worker, w.port)
		if w.asked {
			field += "!"
		}
		fields = append(fields, field)
	}
	return strings.Join(fields, " ")
}

// callingWorkers are a, which calls b and an object of it, and b.
func callingWorkers(t *testing.T) (dir string) {
	t.Helper()
	return files(t, map[string]string{
		"a/index.js": `export default { async fetch(request, env) {
			if (request.url.endsWith("/gone")) return new Response(String(await env.GONE.getByName("x").count().catch((e) => e)));
			return new Response("a: " + await env.B.hello() + ", " + await env.OBJ.getByName("x").count()) } };`,
		"a/wrangler.json": `{ "name": "a", "main": "index.js", "compatibility_date": "2026-01-01", "services": [{ "binding": "B", "service": "b" }],
			"durable_objects": { "bindings": [{ "name": "OBJ", "class_name": "Obj", "script_name": "b" }, { "name": "GONE", "class_name": "Gone", "script_name": "b" }] } }`,
		"b/index.js": `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
			export class Obj extends DurableObject { count() { const n = (this.ctx.storage.kv.get("n") ?? 0) + 1; this.ctx.storage.kv.put("n", n); return n } }
			export default class extends WorkerEntrypoint { hello() { return "first" } fetch() { return new Response("b: first") } }`,
		"b/wrangler.json": `{ "name": "b", "main": "index.js", "compatibility_date": "2026-01-01",
			"durable_objects": { "bindings": [{ "name": "OBJ", "class_name": "Obj" }] }, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Obj"] }] }`,
	})
}

// edit changes a file as an editor does.
func edit(t *testing.T, path, old, changed string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, changed)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// eventually asks until the answer is the one that is wanted.
func eventually(t *testing.T, url, want string) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	got := get(t, url)
	for ; got != want; got = get(t, url) {
		if time.Now().After(deadline) {
			t.Fatalf("GET %s: got %s, want %s", url, got, want)
		}
	}
}

func TestDev_severalWorkers(t *testing.T) {
	t.Parallel()
	dir, state := callingWorkers(t), t.TempDir()
	r, stop := runDev(t, "", state, "-c", filepath.Join(dir, "a/wrangler.json"), "-c", filepath.Join(dir, "b/wrangler.json"), "--port", "b=0")
	if got, want := get(t, r.URL), "a: first, 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := get(t, r.Workers["b"]), "b: first"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := get(t, r.URL+"/gone"), `Error: Worker does not export a Durable Object class named "Gone"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	edit(t, filepath.Join(dir, "b/index.js"), "first", "second")
	eventually(t, r.Workers["b"], "b: second")
	if got, want := get(t, r.URL), "a: second, 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	code, out := stop()
	if code != exitDone || !strings.Contains(out, "Reloaded b  generation 2") || strings.Contains(out, "Reloaded a") {
		t.Errorf("got code %d, want only b to be reloaded:\n%s", code, out)
	}
	if want := "  b on " + r.Workers["b"]; !strings.Contains(out, want) || !strings.Contains(out, "defined in b [connected]") {
		t.Errorf("got:\n%s\nwant %q in it, and connected bindings", out, want)
	}
	if found, err := filepath.Glob(filepath.Join(state, "v3/do/b-Obj/*.sqlite")); err != nil || len(found) == 0 {
		t.Errorf("got no state of b in the first Worker's place: %v, %v", found, err)
	}
}

func TestDev_portTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	dir := callingWorkers(t)
	configs := []string{"dev", "--ephemeral", "--registry", "", "--admin-port", "0", "-c", filepath.Join(dir, "a/wrangler.json"), "-c", filepath.Join(dir, "b/wrangler.json")}
	code, _, errors := doemu(t, append(configs, "--port", "0", "--port", fmt.Sprintf("b=%d", port))...)
	want := fmt.Sprintf("Address already in use (127.0.0.1:%d). Please check that you are not already running a server on this address or specify a different port with --port b=PORT.", port)
	if code != exitFailed || !strings.Contains(errors, want) {
		t.Errorf("got %d %s\nwant %d %s", code, errors, exitFailed, want)
	}
	edit(t, filepath.Join(dir, "b/wrangler.json"), `"name": "b",`, fmt.Sprintf(`"name": "b", "dev": { "port": %d },`, port))
	code, _, errors = doemu(t, append(configs, "--port", "0")...)
	if want := fmt.Sprintf("\nThe port is that of \"dev\": { \"port\": %d } in %s.", port, filepath.Join(dir, "b/wrangler.json")); code != exitFailed || !strings.Contains(errors, want) {
		t.Errorf("got %d %s\nwant %d %s", code, errors, exitFailed, want)
	}
	code, _, errors = doemu(t, append(configs, "--port", "c=1")...)
	if want := `no Worker with the name "c" runs here, only: a, b`; code != exitUsage || !strings.Contains(errors, want) {
		t.Errorf("got %d %s\nwant %d %s", code, errors, exitUsage, want)
	}
}

// terminal is a doemu dev that runs, and what it has written so far.
type terminal struct {
	t    *testing.T
	stop context.CancelFunc
	code chan int

	mu  sync.Mutex
	out bytes.Buffer
}

func (d *terminal) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.Write(b)
}

// openTerminal runs doemu dev on a project, in memory, until the test ends or quit is called.
func openTerminal(t *testing.T, dir, registry string) *terminal {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	d := &terminal{t: t, stop: stop, code: make(chan int, 1)}
	go func() {
		d.code <- run(ctx, []string{"dev", dir, "--port", "0", "--admin-port", "0", "--ephemeral", "--registry", registry}, strings.NewReader(""), d, d)
		close(d.code)
	}()
	t.Cleanup(func() { d.quit() })
	return d
}

func (d *terminal) quit() (code int) {
	d.stop()
	return <-d.code
}

// want waits until something was written, and gives what stands behind it in its line.
func (d *terminal) want(text string) (rest string) {
	d.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		d.mu.Lock()
		out := d.out.String()
		d.mu.Unlock()
		if _, rest, ok := strings.Cut(out, text); ok {
			rest, _, _ = strings.Cut(rest, "\n")
			return rest
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("got:\n%s\nwant %q in it", out, text)
		}
	}
}

func (d *terminal) url() string {
	d.t.Helper()
	url, _, _ := strings.Cut(d.want("Ready on "), " ")
	return url
}

func TestDev_sessions(t *testing.T) {
	t.Parallel()
	dir, registry := callingWorkers(t), t.TempDir()
	a := openTerminal(t, filepath.Join(dir, "a"), registry)
	for _, want := range []string{"env.B (b)        Worker [not connected]", "env.OBJ (Obj)    Durable Object, defined in b [not connected]", "Ready on "} {
		a.want(want)
	}
	b := openTerminal(t, filepath.Join(dir, "b"), registry)
	for _, want := range []string{"env.B (b) [connected]", "env.OBJ (Obj, defined in b) [connected]", "env.GONE (Gone, defined in b) [connected, but it has no class Gone]"} {
		a.want("Connection status updated: " + want)
	}
	if got, want := get(t, a.url()), "a: first, 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.url()
	edit(t, filepath.Join(dir, "b/index.js"), "first", "second")
	b.want("Reloaded b")
	if got, want := get(t, a.url()), "a: second, 2"; got != want {
		t.Errorf("after b was reloaded: got %q, want %q", got, want)
	}
	if code := b.quit(); code != exitDone {
		t.Errorf("got exit code %d, want %d", code, exitDone)
	}
	a.want("Connection status updated: env.B (b) [not connected]")
	if code := a.quit(); code != exitDone {
		t.Errorf("got exit code %d, want %d", code, exitDone)
	}
	if files, err := filepath.Glob(filepath.Join(registry, "*")); err != nil || len(files) != 0 {
		t.Errorf("got the locator files %v, %v; want none", files, err)
	}
}
