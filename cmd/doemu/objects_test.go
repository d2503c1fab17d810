package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const counterWorker = `import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  add(n) { const v = (this.ctx.storage.kv.get("value") ?? 0) + n; this.ctx.storage.kv.put("value", v); return v; }
  date() { return new Date(0); }
  part(n) { return this.ctx.facets.get("part", () => ({ class: this.ctx.exports.Part })).put(n); }
  alarm() { if (this.ctx.storage.kv.get("fail")) throw new Error("no bell"); }
}
export class Part extends DurableObject { put(n) { this.ctx.storage.kv.put("n", n); } }
export default { fetch() { return new Response("ok"); } };`

func counterProject(t *testing.T) string {
	t.Helper()
	return files(t, map[string]string{
		"index.js": counterWorker,
		"wrangler.json": `{ "name": "counters", "main": "index.js", "compatibility_date": "2026-01-01",
			"durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
			"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }] }`,
	})
}

// doemuWith runs a command with an input.
func doemuWith(t *testing.T, input string, args ...string) (code int, out, errors string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(input), &o, &e)
	return code, o.String(), e.String()
}

// verbTest is a command, and what comes of it.
type verbTest struct {
	args  string // cut at spaces
	input string
	code  int
	want  string // a regular expression for output and errors
}

func wantVerbs(t *testing.T, state string, tests []verbTest) {
	t.Helper()
	for _, test := range tests {
		args := append(strings.Fields(test.args), "--persist-to", state)
		code, out, errors := doemuWith(t, test.input, args...)
		if code != test.code || !regexp.MustCompile(test.want).MatchString(out+errors) {
			t.Errorf("doemu %s: got %d:\n%s%s\nwant %d and %s", test.args, code, out, errors, test.code, test.want)
		}
	}
}

func TestVerbs(t *testing.T) {
	t.Parallel()
	dir, state := counterProject(t), t.TempDir()
	if code, _, errors := doemu(t, "objects", "ls", "--persist-to", state); code != exitNotRunning || !strings.Contains(errors, "no doemu runs on the state in "+state) {
		t.Errorf("when none runs: got %d %s", code, errors)
	}
	if code, _, errors := doemu(t, "health", "--wait", "--timeout", "1ms", "--persist-to", state); code != exitNotRunning || !strings.Contains(errors, "not ready within 1ms") {
		t.Errorf("health when none runs: got %d %s", code, errors)
	}
	config_ := filepath.Join(dir, "wrangler.json")
	if code, _, errors := doemu(t, "objects", "ls", "-c", config_); code != exitNotRunning || !strings.Contains(errors, "no doemu runs on the state in "+filepath.Join(dir, ".wrangler")) {
		t.Errorf("of a project when none runs: got %d %s", code, errors)
	}
	archive := filepath.Join(t.TempDir(), "packed.tar.gz")
	runDev(t, dir, state, "--clock", "frozen", "--at", "2026-01-02T03:04:05Z")
	wantVerbs(t, state, []verbTest{
		{"health", "", 0, `^ready, build 1\n$`},
		{"health --wait --json", "", 0, `^{"status":"ready","generation":1}\n$`},
		{"objects ls", "", 0, `^NAMESPACE +OBJECT +STATE +SOCKETS +ALARM +BYTES +LAST EVENT\n$`},
		{"objects ls --json", "", 0, `^\[\]\n$`},
		{"objects", "", 2, `doemu objects needs one of: ls, get, rm, evict, rpc`},
		{"objects ls Nothing", "", 1, `there is no namespace Nothing; there are: counters-Counter`},
		{"objects get Counter a", "", 1, `there is no such object`},
		{"objects get Counter", "", 2, `objects get NAMESPACE OBJECT`},
		{"objects rpc Counter a add 5", "", 0, `^5\n$`},
		{"objects rpc counters-Counter a date", "", 0, `^1970-01-01T00:00:00.000Z\n$`},
		{"objects rpc Counter a date --json", "", 0, `^{"type":"Date","preview":"1970-01-01T00:00:00.000Z","bytes":11}\n$`},
		{"objects rpc Counter a add five", "", 2, `the argument five is not JSON; text needs quotes: "five"`},
		{"objects rpc Counter a none", "", 1, `does not implement the method`},
		{"objects ls Counter --state idle", "", 0, `(?m)^counters-Counter +a +idle +0 +- +\d+ +2026-01-02 03:04:05.000 rpc none: `},
		{"objects ls --state no", "", 1, `must be one of active`},
		{"objects get Counter a", "", 0, `(?s)^namespace +counters-Counter\nid +[0-9a-f]{64}\nname +a\nstate +idle\nalarm +-\n.*keys +1\n.*event +\S+ \S+ wake rpc add\n`},

		{"objects evict Counter a", "", 0, `^evicted\n$`},
		{"objects evict Counter a", "", 1, `it is not currently running`},
		{"objects ls Counter", "", 0, `(?m)^counters-Counter +a +evicted +0 +- +\d+ +\S+ \S+ evict asked for$`},
		{"storage put Counter b/c x {\"a\":[1]}", "", 0, `^stored\n$`},
		{"storage put Counter b/c y/z -", `"from the input"`, 0, `^stored\n$`},
		{"storage put Counter b/c x text", "", 2, `text needs quotes: "text"`},
		{"storage ls Counter b/c", "", 0, `^KEY +TYPE +VALUE\nx +Object +{a: \[1\]}\ny/z +string +"from the input"\n$`},
		{"storage ls Counter b/c --prefix y --json", "", 0, `^\[{"key":"y/z","type":"string","preview":"\\"from the input\\"","json":"from the input","bytes":18}\]\n$`},
		{"storage ls Counter b/c --limit 1 --json", "", 0, `^\[{"key":"x",[^\n]*"bytes":15}\]\n$`},
		{"storage get Counter b/c x", "", 0, `^{"a":\[1\]}\n$`},
		{"storage get Counter b/c none", "", 1, `The object has no key "none"`},
		{"storage rm Counter b/c x", "", 0, `^deleted\n$`},
		{"storage rm Counter b/c x", "", 0, `^there was no such key\n$`},
		{"objects ls --prefix b", "", 0, `(?m)^counters-Counter +b/c +evicted `},

		{"sql Counter a", "CREATE TABLE t (n, s); INSERT INTO t VALUES (1, 'x\ty'), (2.5, NULL), (3, x'00')", 0, `^0 rows read, 3 written\n$`},
		{"sql Counter a --param 2", "SELECT * FROM t WHERE n > ?", 0, `^n +s\n2.5 +NULL\n3 +base64:AA==\n\d rows read, 0 written\n$`},
		{"sql Counter a --limit 1", "SELECT * FROM t", 0, `^n +s\n1 +x\\ty\n… there are more than these 1 rows\n`},
		{"sql Counter a --json", "SELECT n FROM t LIMIT 1", 0, `^\[{"columns":\["n"\],"rows":\[\[1\]\],"rowsRead":1,"rowsWritten":0,"truncated":false}\]\n$`},
		{"sql Counter a --readonly", "DELETE FROM t", 1, `readonly refuses`},
		{"sql Counter a SELEKT", "", 1, `near "SELEKT": syntax error`},

		{"objects rpc Counter whole part 7", "", 0, `^undefined\n$`},
		{"objects get Counter whole", "", 0, `(?m)^facet +part, \d`},
		{"storage ls Counter whole --facet part", "", 0, `^KEY +TYPE +VALUE\nn +number +7\n$`},
		{"storage get Counter whole n --facet part", "", 0, `^7\n$`},
		{"sql Counter whole SELECT(1) --facet part --facet deeper", "", 1, `the object has no such facet`},
		{"objects rm Counter whole", "", 0, `deleted`},

		{"alarm ls", "", 0, `^NAMESPACE +OBJECT +NEXT +SET FOR +FAILED +LAST ERROR\n$`},
		{"alarm set Counter a +90s", "", 0, `^set for 2026-01-02 03:05:35.000\n$`},
		{"alarm set Counter a soon", "", 2, `"soon" is no time`},
		{"alarm ls Counter", "", 0, `(?m)^counters-Counter +a +2026-01-02 03:05:35.000 +2026-01-02 03:05:35.000 +0 +-$`},
		{"alarm fire Counter a", "", 0, `^done\n$`},
		{"alarm fire Counter a", "", 1, `the object has no alarm`},
		{"storage put Counter a fail true", "", 0, `stored`},
		{"alarm set Counter a 2027-01-01", "", 0, `^set for 2027-01-01 00:00:00.000\n$`},
		{"alarm fire Counter a", "", 1, `(?s)^next: 2026-01-02 03:04:0.*the alarm's handler failed: no bell`},
		{"alarm ls --json", "", 0, `"attempt":1,"running":false,"lastError":"no bell"`},
		{"alarm rm Counter a", "", 0, `^deleted\n$`},

		{"snapshot ls", "", 0, `^NAME +AT +OF +OBJECTS +BYTES\n$`},
		{"snapshot save before", "", 0, `^saved before: 2 objects, \d+\.\d KiB\n$`},
		{"snapshot save before", "", 1, `there is a snapshot of that name already`},
		{"snapshot save one --object Counter/a", "", 0, `^saved one: 1 object, `},
		{"snapshot save other --object Nothing/a", "", 1, `there is no namespace Nothing`},
		{"snapshot ls", "", 0, `(?m)^before +2026-01-02 03:04:05.000 +everything +2 +\d+$`},
		{"snapshot ls", "", 0, `(?m)^one +2026-01-02 03:04:05.000 +chosen objects +1 +\d+$`},
		{"storage put Counter a new [1]", "", 0, `stored`},
		{"storage rm Counter a fail", "", 0, `deleted`},
		{"sql Counter a", "UPDATE t SET s = 'new' WHERE n = 1", 0, ``},
		{"snapshot diff before", "", 0, `(?s)^~ counters-Counter a\n.*    - "fail": true\n    \+ "new": \[1\]\n    ~ table t\n        - \[1,"x\\ty"\]\n        \+ \[1,"new"\]\n$`},
		{"snapshot diff before one", "", 0, `^nothing differs\n$`},
		{"snapshot diff before none", "", 1, `there is no such snapshot`},
		{"snapshot export before " + archive, "", 0, `^$`},
		{"snapshot export none " + archive, "", 1, `there is no such snapshot`},
		{"snapshot rm before", "", 0, `^deleted\n$`},
		{"snapshot import " + archive, "", 0, `^imported packed: 2 objects, `},
		{"snapshot restore packed --keep-sockets", "", 0, `^2 objects restored, 0 deleted\n$`},
		{"snapshot diff packed", "", 0, `^nothing differs\n$`},
		{"snapshot restore", "", 2, `snapshot restore NAME`},

		{"objects rm Counter b/c", "", 0, `^deleted\n$`},
		{"reset", "", 2, `say --yes`},
		{"reset Counter a", "", 0, `^1 object deleted\n$`},
		{"reset --yes --json", "", 0, `^{"deleted":0}\n$`},
	})

	// A build that fails is told.
	if err := os.WriteFile(filepath.Join(dir, "index.js"), []byte("export default {"), 0o644); err != nil {
		t.Fatal(err)
	}
	a_, err := (&adminFlags{persistTo: state}).find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a_.result(t.Context(), "POST", "reload", nil); err == nil {
		t.Error("reload of broken code: got no error")
	}
	if code, out, _ := doemu(t, "health", "--persist-to", state); code != exitDone || !strings.HasPrefix(out, "degraded, build 1\n") {
		t.Errorf("health: got %d %s", code, out)
	}
}

// What the commands print as JSON has the fields that docs/cli-json.md names, and no others.
func TestVerbs_json(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/cli-json.md")
	if err != nil {
		t.Fatal(err)
	}
	dir, state := counterProject(t), t.TempDir()
	runDev(t, dir, state, "--clock", "frozen")
	for _, setUp := range []string{"objects rpc Counter a add 1", "objects rpc Counter a part 1", "alarm set Counter a +1h"} {
		if code, out, errors := doemu(t, append(strings.Fields(setUp), "--persist-to", state)...); code != exitDone {
			t.Fatalf("doemu %s: got %s%s", setUp, out, errors)
		}
	}
	for _, args := range []string{
		"objects ls", "objects get Counter a", "objects rpc Counter a add 1", "storage ls Counter a", "storage get Counter a value",
		"storage put Counter a x 1", "storage rm Counter a x", "sql Counter a SELECT(1)", "alarm ls", "alarm set Counter a +1h", "alarm fire Counter a",
		"clock", "health", "objects evict Counter a", "snapshot save s", "snapshot ls", "sql Counter a CREATE[TABLE]t(n)", "snapshot diff s", "snapshot restore s", "snapshot rm s", "objects rm Counter a", "reset --yes",
	} {
		args := strings.Fields(args)
		for n, arg := range args {
			args[n] = strings.NewReplacer("[", " ", "]", " ").Replace(arg)
		}
		code, out, errors := doemu(t, append(args, "--json", "--persist-to", state)...)
		var result any
		if err := json.Unmarshal([]byte(out), &result); code != exitDone || err != nil {
			t.Errorf("doemu %s --json: got %d %s%s, %v", args, code, out, errors, err)
			continue
		}
		for _, field := range fieldsOf(result) {
			if !strings.Contains(string(text), "`"+field+"`") {
				t.Errorf("doemu %s --json: docs/cli-json.md does not have the field %s", args, field)
			}
		}
	}
}

// fieldsOf lists the names of the members of a value and of those in it.
func fieldsOf(v any) (names []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			names = append(names, fieldsOf(e)...)
		}
	case map[string]any:
		for name, e := range v {
			names = append(append(names, name), fieldsOf(e)...)
		}
	}
	return names
}
