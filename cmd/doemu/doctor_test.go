package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
)

// doctorSays runs doemu doctor, with no port to look for.
func doctorSays(t *testing.T, args ...string) (exit int, text string) {
	t.Helper()
	var out, errs bytes.Buffer
	exit = run(t.Context(), append([]string{"doctor", "--port", "0", "--admin-port", "0"}, args...), strings.NewReader(""), &out, &errs)
	return exit, out.String() + errs.String()
}

// Sound projects give no alarm: all that come with doemu.
func TestDoctor_fixtures(t *testing.T) {
	t.Parallel()
	configs, err := filepath.Glob("../../fixtures/*/wrangler.*")
	if err != nil || len(configs) < 14 {
		t.Fatalf("found %d fixtures, %v", len(configs), err)
	}
	for _, config := range configs {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			if exit, text := doctorSays(t, dir); exit != exitDone || text != "Nothing found.\n" {
				t.Errorf("got exit code %d and\n%s", exit, text)
			}
		})
	}
}

const doctorConfig = `{
  "name": "shop", "main": "index.js", "compatibility_date": "2026-01-01",
  "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Lounge"] }, { "tag": "v2", "renamed_classes": [{ "from": "Lounge", "to": "Room" }] }]
}`

const doctorCode = `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject { enter() { return "welcome" } }
export default { async fetch(request, env) { return Response.json(await env.ROOM.getByName("a").enter()) } }`

func doctorProject(t *testing.T, config, code string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"wrangler.jsonc": config, "index.js": code} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, config, code string
		exit               int
		want               string
	}{
		{"nothing", doctorConfig, doctorCode, exitDone, "Nothing found.\n"},
		{"a warning", doctorConfig, strings.ReplaceAll(doctorCode, "env.ROOM", "env.ROOMS"), exitDone,
			"code\n  ▲ [WARNING 10] env.ROOMS is undefined: the configuration has no binding and no variable of this name.\n        index.js:3:77\n        Did you mean env.ROOM?\n"},
		{"an error of the build", doctorConfig, doctorCode + "\nconst", exitFailed, "build\n  ✘ [ERROR] Expected identifier but found end of file\n        index.js:4:6\n1 error\n"},
		{"an error of the configuration", strings.Replace(doctorConfig, `"name"`, `"name" 1`, 1), doctorCode, exitFailed, "configuration\n  ✘ [ERROR] "},
		{"a warning of the configuration", strings.Replace(doctorConfig, `"name"`, `"colour": "red", "name"`, 1), doctorCode, exitDone, "Unexpected fields found in top-level field: \"colour\""},
		{"what doemu has not", strings.Replace(doctorConfig, `"name"`, `"kv_namespaces": [{ "binding": "CACHE", "id": "a" }], "name"`, 1), doctorCode, exitDone,
			"▲ [WARNING] env.CACHE is a KV Namespace binding, which doemu does not have: using it throws.\n"},
		{"a module that throws", doctorConfig, doctorCode + "\nthrow new Error('no luck')", exitFailed, "start\n  ✘ [ERROR] The Worker failed to start: Uncaught Error: no luck"},
		{"a module that is not there", doctorConfig, doctorCode + "\nimport 'cloudflare:nothing'", exitFailed, "No such module \"cloudflare:nothing\""},
		{"a build command that fails", strings.Replace(doctorConfig, `"name"`, `"build": { "command": "echo out of paper; exit 3" }, "name"`, 1), doctorCode, exitFailed,
			"The build command printed:\n        Running: echo out of paper; exit 3\n        out of paper\n"},
		{"assets", strings.Replace(doctorConfig, `"name"`, `"assets": { "directory": "./public" }, "name"`, 1), doctorCode, exitDone,
			"▲ [WARNING] The assets in public are not served: doemu has no static assets yet. Requests for them reach the Worker.\n"},
		{"assets of a build tool", strings.Replace(doctorConfig, `"name"`, `"assets": { "not_found_handling": "404-page" }, "name"`, 1), doctorCode, exitDone,
			"▲ [WARNING] The `assets` property in your configuration is missing the required `directory` property."},
		{"a container", strings.Replace(doctorConfig, `"name"`, `"containers": [{ "class_name": "Room", "image": "x:1" }], "name"`, 1), doctorCode, exitDone,
			"▲ [WARNING] containers Room (Container) has no effect: doemu does not have that.\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			exit, text := doctorSays(t, doctorProject(t, test.config, test.code))
			if exit != test.exit || !strings.Contains(text, test.want) {
				t.Errorf("got exit code %d and\n%swant %d and\n%s", exit, text, test.exit, test.want)
			}
		})
	}
}

// doctorFindings are the findings that --json prints.
func doctorFindings(t *testing.T, args ...string) (found []doctorFinding) {
	t.Helper()
	_, text := doctorSays(t, append(args, "--json")...)
	var report doctorReport
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if len(report.Checks) < 8 {
		t.Errorf("got the checks %v, want all", report.Checks)
	}
	return report.Findings
}

func TestDoctor_state(t *testing.T) {
	t.Parallel()
	dir, state := doctorProject(t, doctorConfig, doctorCode), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(state, "v3", "do", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const sqlite, id = "SQLite format 3\x00 and more", "0123"
	// What is sound, is another Worker's, or holds no object.
	write("shop-Room/metadata.sqlite", sqlite)
	write("shop-Room/"+id+".sqlite", sqlite)
	write("shop-Room/"+id+"4.sqlite", "")
	write("other-Hall/"+id+".sqlite", sqlite)
	write("shop-staging-Room/"+id+".sqlite", sqlite)
	write("shop-Empty/metadata.sqlite", sqlite)
	if found := doctorFindings(t, dir, "--persist-to", state); len(found) > 0 {
		t.Fatalf("got %+v, want nothing", found)
	}
	write("shop-Lounge/"+id+".sqlite", sqlite)
	write("shop-Gone/"+id+".sqlite", sqlite)
	write("shop-Gone/"+id+".1.sqlite", sqlite) // a facet
	write("shop-Room/"+id+"5.sqlite", "no database at all")
	release, err := storage.LockDir(filepath.Join(state, "v3"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	var texts []string
	for _, f := range doctorFindings(t, dir, "--persist-to", state) {
		texts = append(texts, string(f.Severity)+" of "+f.Check+": "+strings.ReplaceAll(f.Text, state, "STATE"))
	}
	want := []string{
		"warning of state: The state directory STATE/v3 is in use by another doemu (process ",
		"warning of state: The state has 1 object of the class Gone, which shop does not have.",
		`warning of state: The state has 1 object of the class Lounge, which the migration "v2" renames to Room: locally state does not move, with wrangler neither.`,
		"error of state: STATE/v3/do/shop-Room/01235.sqlite: this is no SQLite database",
	}
	if len(texts) != len(want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(want, "\n"))
	}
	for n := range want {
		if !strings.HasPrefix(texts[n], want[n]) {
			t.Errorf("got  %s\nwant %s", texts[n], want[n])
		}
	}
}

// A state directory that cannot be made is an error.
func TestDoctor_stateNotWritable(t *testing.T) {
	t.Parallel()
	dir := doctorProject(t, doctorConfig, doctorCode)
	found := doctorFindings(t, dir, "--persist-to", filepath.Join(dir, "index.js", "state"))
	if len(found) != 1 || found[0].Severity != check.Error || !strings.HasPrefix(found[0].Text, "The directory in which state would be cannot be written to: ") {
		t.Errorf("got %+v, want that the state cannot be written", found)
	}
	if found := doctorFindings(t, dir, "--ephemeral"); len(found) > 0 {
		t.Errorf("in memory: got %+v, want nothing", found)
	}
}

// A port that is asked for and taken is an error; who has it is told where the system does.
func TestDoctor_ports(t *testing.T) {
	t.Parallel()
	dir := doctorProject(t, doctorConfig, doctorCode)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	exit, text := doctorSays(t, dir, "--port", port)
	want := "ports\n  ✘ [ERROR] 127.0.0.1:" + port + ", the port of the Worker, is taken by "
	if exit != exitFailed || !strings.HasPrefix(text, want) {
		t.Errorf("got exit code %d and\n%swant %d and\n%s", exit, text, exitFailed, want)
	}
	if self := fmt.Sprintf("(process %d)", os.Getpid()); runtime.GOOS == "linux" && !strings.Contains(text, self) {
		t.Errorf("got\n%swant %s in it", text, self)
	}
}

// A doemu that runs on the state is asked to check itself.
func TestDoctor_running(t *testing.T) {
	t.Parallel()
	dir, state := doctorProject(t, doctorConfig, doctorCode), t.TempDir()
	e, _, err := emulator.New(t.Context(), emulator.Options{Workers: []config.Options{{WorkDir: dir, Path: dir}}, StateDir: state})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	shut := httptest.NewServer(nil)
	shut.Close()
	admin := httptest.NewServer(adminapi.New(e, adminapi.Options{Listeners: map[string]string{"shop": shut.Listener.Addr().String()}}))
	defer admin.Close()
	withdraw, err := announce(state, running{URL: "http://127.0.0.1:1", AdminURL: admin.URL, Project: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	found := doctorFindings(t, dir, "--persist-to", state)
	if len(found) != 2 || found[0].Severity != check.Note || !strings.HasPrefix(found[0].Text, fmt.Sprintf("doemu runs on this state: process %d", os.Getpid())) ||
		found[1].Severity != check.Error || found[1].Check != "running" || !strings.Contains(found[1].Text, "listener of shop: nothing answers") {
		t.Errorf("got %+v, want that it runs, and what is wrong with it", found)
	}
	if err := withdraw(); err != nil {
		t.Fatal(err)
	}
}
