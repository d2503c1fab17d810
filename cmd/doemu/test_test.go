package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files writes files below a new directory.
func files(t *testing.T, texts map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range texts {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// doemu runs a command line.
func doemu(t *testing.T, args ...string) (code int, out, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

const twoWorkers = `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import assert from "node:assert";

export class Counter extends DurableObject {
  add(n) { return (this.n = (this.n ?? 0) + n); }
}

export class Greeter extends WorkerEntrypoint {
  fetch() { return new Response("hello " + this.ctx.props.name); }
}

export default {
  async test(controller, env, ctx) {
    assert.equal(await env.COUNTER.getByName("a").add(2), 2);
    assert.equal(await env.COUNTER.getByName("a").add(3), 5);
  },
};

export const calls = {
  async test(controller, env, ctx) {
    assert.equal(await (await env.OTHER.fetch("http://other/path")).text(), "other got /path");
    assert.equal(await (await env.GREETER.fetch("http://x/")).text(), "hello Ann");
    assert.equal(await (await ctx.exports.Greeter({ props: { name: "Bob" } }).fetch("http://x/")).text(), "hello Bob");
    assert.equal(await env.THEIRS.getByName("a").whose(), "of the other");
    const nobody = 'Worker "nobody" not found. Make sure it is running locally.';
    const answer = await env.NOBODY.fetch("http://x/");
    assert.deepEqual([answer.status, await answer.text()], [503, nobody]);
    await assert.rejects(env.NOBODY.method(), { message: nobody });
  },
};

export const fails = {
  test() { assert.equal(1, 2, "one is not two"); },
};`

func TestTest(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"main/index.js": twoWorkers,
		"main/wrangler.json": `{ "name": "main", "main": "index.js", "compatibility_date": "2026-01-01",
			"compatibility_flags": ["nodejs_compat", "enable_ctx_exports"],
			"durable_objects": { "bindings": [
				{ "name": "COUNTER", "class_name": "Counter" },
				{ "name": "THEIRS", "class_name": "Theirs", "script_name": "other" }] },
			"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }],
			"services": [
				{ "binding": "OTHER", "service": "other" },
				{ "binding": "NOBODY", "service": "nobody" },
				{ "binding": "GREETER", "service": "main", "entrypoint": "Greeter", "props": { "name": "Ann" } }] }`,
		"other/index.js": `import { DurableObject } from "cloudflare:workers";
			export class Theirs extends DurableObject { whose() { return "of the other"; } }
			export default { fetch(request) { return new Response("other got " + new URL(request.url).pathname); } }`,
		"other/wrangler.json": `{ "name": "other", "main": "index.js", "compatibility_date": "2026-01-01",
			"durable_objects": { "bindings": [{ "name": "MINE", "class_name": "Theirs" }] },
			"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Theirs"] }] }`,
	})
	args := func(more ...string) []string {
		return append([]string{"test", "--ephemeral", "-c", filepath.Join(dir, "main/wrangler.json"), "-c", filepath.Join(dir, "other/wrangler.json")}, more...)
	}
	for _, test := range []struct {
		name string
		args []string
		code int
		want []string // what the output has, in this order
	}{
		{"all", args(), exitFailed, []string{"[ PASS ] main:calls\n", "[ PASS ] main\n", "[ FAIL ] main:fails\n", "one is not two", "index.js:", "2 passed, 1 failed\n"}},
		{"a filter", args("calls"), exitDone, []string{"[ PASS ] main:calls\n", "1 passed, 0 failed\n"}},
		{"tap", args("--reporter", "tap", "calls"), exitDone, []string{"TAP version 14\n", "ok 1 - main:calls\n", "1..1\n"}},
		{"json", args("--reporter", "json", "fails"), exitFailed, []string{`"failed": 1`, `"name": "main:fails"`, `"passed": false`, "one is not two"}},
		{"nothing", args("nothing"), exitFailed, []string{"0 passed, 0 failed"}},
		{"no such reporter", args("--reporter", "x"), exitUsage, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, out, errors := doemu(t, test.args...)
			if code != test.code {
				t.Errorf("got exit code %d, want %d; it said:\n%s%s", code, test.code, out, errors)
			}
			rest := out
			for _, want := range test.want {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("got:\n%s%s\nwant %q in it", out, errors, want)
				}
				rest = after
			}
		})
	}
}

// A Worker that does not start is a failed test, and the others run.
func TestTest_broken(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"a/index.js":      `export const works = { test() {} };`,
		"a/wrangler.json": `{ "name": "a", "main": "index.js", "compatibility_date": "2026-01-01" }`,
		"b/index.js":      `throw new Error("no start"); export default { test() {} };`,
		"b/wrangler.json": `{ "name": "b", "main": "index.js", "compatibility_date": "2026-01-01" }`,
	})
	code, out, errors := doemu(t, "test", "--ephemeral", "-c", filepath.Join(dir, "a/wrangler.json"), "-c", filepath.Join(dir, "b/wrangler.json"))
	for _, want := range []string{"[ PASS ] a:works\n", "[ FAIL ] b\n", "Uncaught Error: no start", "1 passed, 1 failed\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("got %q, want %q in it", out+errors, want)
		}
	}
	if code != exitFailed {
		t.Errorf("got exit code %d, want %d", code, exitFailed)
	}
}
