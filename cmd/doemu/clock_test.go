package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const alarmWorker = `import { DurableObject } from "cloudflare:workers";
export class Bell extends DurableObject {
  ring() { this.ctx.storage.setAlarm(Date.now() + 60_000); return Math.random(); }
  alarm() { console.log("rang at " + new Date().toISOString()); }
}
export default {
  async fetch(request, env) { return Response.json([new Date(), await env.BELL.getByName("a").ring()]); },
};`

// runDev runs doemu dev on a project until stop is called, and waits until it answers.
func runDev(t *testing.T, dir, state string, args ...string) (r *running, stop func() (code int, out string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	code := make(chan int, 1)
	go func() {
		all := append([]string{"dev", dir, "--port", "0", "--admin-port", "0", "--persist-to", state, "--registry", filepath.Join(state, "sessions")}, args...)
		code <- run(ctx, all, strings.NewReader(""), &out, &out)
	}()
	ended := false
	stop = func() (int, string) {
		cancel()
		if !ended {
			ended = true
			return <-code, out.String()
		}
		return 0, ""
	}
	t.Cleanup(func() { stop() })
	deadline := time.Now().Add(60 * time.Second)
	for r == nil {
		if time.Now().After(deadline) {
			_, text := stop()
			t.Fatalf("doemu dev does not start:\n%s", text)
		}
		time.Sleep(2 * time.Millisecond)
		var err error
		if r, err = whoRuns(state); err != nil {
			t.Fatal(err)
		}
	}
	return r, stop
}

func bellProject(t *testing.T) string {
	t.Helper()
	return files(t, map[string]string{
		"index.js": alarmWorker,
		"wrangler.json": `{ "name": "bells", "main": "index.js", "compatibility_date": "2026-01-01",
			"durable_objects": { "bindings": [{ "name": "BELL", "class_name": "Bell" }] },
			"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Bell"] }] }`,
	})
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got %d %s, %v", url, res.StatusCode, body, err)
	}
	return string(body)
}

func TestClock(t *testing.T) {
	t.Parallel()
	dir, state := bellProject(t), t.TempDir()
	flags := []string{"--clock", "frozen", "--at", "2026-01-02T03:04:05Z", "--seed", "1"}
	r, stop := runDev(t, dir, state, flags...)
	if r.PID != os.Getpid() || r.Project != "bells" || r.Version != version || r.StartedAt == "" {
		t.Errorf("doemu.json: got %+v", r)
	}
	first := get(t, r.URL)
	if !strings.HasPrefix(first, `["2026-01-02T03:04:05.000Z",0.`) {
		t.Errorf("got %s", first)
	}
	for _, test := range []struct {
		args string
		want []string
	}{
		{"clock", []string{"2026-01-02 03:04:05.000  the clock stands\n", "next: evict of bells-Bell/a in 10s\n"}},
		{"clock advance 11s", []string{"2026-01-02 03:04:15.000 evict of bells-Bell/a\n", "2026-01-02 03:04:16.000  the clock stands\n", "next: alarm of bells-Bell/a in 49s\n"}},
		{"clock next", []string{"2026-01-02 03:05:05.000 alarm of bells-Bell/a\n", "2026-01-02 03:05:05.000  the clock stands\n"}},
		{"clock set 2027-01-01", []string{"2027-01-01 00:00:00.000  the clock stands\n"}},
		{"clock advance 1500 --json", []string{`"now":"2027-01-01T00:00:01.500Z","mode":"frozen"`, `"count":0,"ran":[],"pending":[]}`}},
		{"clock resume", []string{"the clock runs\n"}},
		{"clock freeze", []string{"the clock stands\n"}},
	} {
		args := append(strings.Fields(test.args), "--persist-to", state)
		code, out, errors := doemu(t, args...)
		for _, want := range test.want {
			if code != exitDone || !strings.Contains(out, want) {
				t.Errorf("doemu %s: got %d:\n%s%s\nwant %q in it", test.args, code, out, errors, want)
			}
		}
	}
	if code, _, errors := doemu(t, "clock", "advance", "soon", "--persist-to", state); code != exitUsage || !strings.Contains(errors, `"soon" is no duration`) {
		t.Errorf("clock advance soon: got %d %s", code, errors)
	}
	if code, out := stop(); code != exitDone || !strings.Contains(out, "rang at 2026-01-02T03:05:05.000Z") {
		t.Errorf("doemu dev: got %d, %s", code, out)
	}

	// Nobody runs any more, and a file that a killed one left does not count.
	if _, err := os.Stat(filepath.Join(state, runningName)); !os.IsNotExist(err) {
		t.Errorf("doemu.json after the end: got %v, want that there is none", err)
	}
	dead, err := json.Marshal(running{PID: 1 << 30, AdminURL: r.AdminURL})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, runningName), dead, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--persist-to", state}, {"--admin-url", r.AdminURL}} {
		if code, _, errors := doemu(t, append([]string{"clock"}, args...)...); code != exitNotRunning || !strings.HasPrefix(errors, "Error: no doemu ") {
			t.Errorf("doemu clock %q when none runs: got %d %s", args, code, errors)
		}
	}
}

// With a clock that stands and a seed, two runs of the same requests have the same journal, byte for byte.
func TestClock_seed(t *testing.T) {
	t.Parallel()
	dir := bellProject(t)
	record := func(seed string) (answers, journal string) {
		state := t.TempDir()
		r, _ := runDev(t, dir, state, "--clock", "frozen", "--at", "2026-01-02", "--seed", seed)
		for range 3 {
			answers += get(t, r.URL)
			for _, args := range [][]string{{"advance", "50s"}, {"next"}} {
				if code, _, errors := doemu(t, append([]string{"clock", "--persist-to", state}, args...)...); code != exitDone {
					t.Fatalf("doemu clock %q: got %d %s", args, code, errors)
				}
			}
		}
		return answers, get(t, r.AdminURL+"/api/v1/journal")
	}
	answers, journal := record("1")
	if n := strings.Count(journal, `"kind":"alarm"`); n != 3 || strings.Count(journal, `"seq"`) < 15 {
		t.Errorf("got %d alarms, want 3, in %s", n, journal)
	}
	again, same := record("1")
	if again != answers || same != journal {
		t.Errorf("the same seed: got\n%s\n%s\nand\n%s\n%s", answers, journal, again, same)
	}
	if other, _ := record("2"); other == answers {
		t.Errorf("another seed: got the same, %s", other)
	}
}

func TestClock_flags(t *testing.T) {
	t.Parallel()
	dir := bellProject(t)
	for args, want := range map[string]string{
		"--clock slow": `--clock is real or frozen, not "slow"`,
		"--at soon":    `--at: "soon" is no time`,
		"--seed x":     `--seed is a whole number from 0, not "x"`,
		"--eviction x": `--eviction: eviction is prod, fast, never or a duration`,
	} {
		code, _, errors := doemu(t, append([]string{"dev", dir, "--ephemeral"}, strings.Fields(args)...)...)
		if code != exitUsage || !strings.Contains(errors, want) {
			t.Errorf("doemu dev %s: got %d %s, want %q", args, code, errors, want)
		}
	}
	// A clock that runs can begin at any time.
	r, _ := runDev(t, dir, t.TempDir(), "--at", "2030-01-01")
	if got := get(t, r.URL); !strings.HasPrefix(got, `["2030-01-01T00:0`) {
		t.Errorf("got %s", got)
	}
	if got := get(t, fmt.Sprint(r.AdminURL, "/readyz")); !strings.Contains(got, `"ready"`) {
		t.Errorf("readyz: got %s", got)
	}
}
