package emulator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
)

const benchWorker = `
import { DurableObject } from "cloudflare:workers";
export class Thing extends DurableObject {
  n = 0;
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v TEXT)");
  }
  mem() { return ++this.n; }
  async inc() {
    const n = ((await this.ctx.storage.get("n")) ?? 0) + 1;
    await this.ctx.storage.put("n", n);
    return n;
  }
  insert() { for (let i = 0; i < 100; i++) this.sql.exec("INSERT INTO t(v) VALUES (?)", "hello " + i); }
  fill() { for (let i = 0; i < 1000; i++) this.sql.exec("INSERT INTO t(v) VALUES (?)", "hello " + i); }
  scan() { return this.sql.exec("SELECT * FROM t LIMIT 1000").toArray().length; }
  async fetch() { return new Response("do " + ++this.n); }
}
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const method = url.pathname.slice(1);
    if (method === "hello") return new Response("hello");
    const thing = env.THING.getByName(url.searchParams.get("name") ?? "a");
    if (method === "fetch") return thing.fetch(request);
    return new Response(String(await thing[method]()));
  },
}`

const benchConfig = `{
  "name": "bench", "main": "index.js", "compatibility_date": "2026-01-01",
  "durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Thing"] }]
}`

// serveBench starts a Worker; what it gives sends a request through the HTTP handler, without a network.
func serveBench(b *testing.B, source string) (get func(b *testing.B, path string)) {
	dir := b.TempDir()
	for name, text := range map[string]string{"index.js": source, "wrangler.jsonc": benchConfig} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	e, _, err := emulator.New(context.Background(), emulator.Options{
		Workers: []config.Options{{WorkDir: dir, Path: dir}}, Limits: emulator.NoLimits,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	})
	return func(b *testing.B, path string) {
		b.Helper()
		answer := httptest.NewRecorder()
		e.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != http.StatusOK {
			b.Fatalf("GET %s: got %d %s, want 200", path, answer.Code, answer.Body)
		}
	}
}

// BenchmarkServe measures requests.
func BenchmarkServe(b *testing.B) {
	get := serveBench(b, benchWorker)
	get(b, "/fill?name=scan")
	for _, path := range []string{"/hello", "/mem", "/fetch", "/inc", "/insert", "/scan?name=scan"} {
		b.Run(path[1:], func(b *testing.B) {
			for b.Loop() {
				get(b, path)
			}
		})
	}
}
