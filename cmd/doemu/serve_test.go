package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"
)

const patientWorker = `import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  add() {
    const n = (this.ctx.storage.kv.get("n") ?? 0) + 1;
    this.ctx.storage.kv.put("n", n);
    console.warn("counted", n);
    return n;
  }
  async hang() { this.ctx.storage.kv.put("hung", true); console.log("hanging"); await scheduler.wait(3_600_000); }
  spin() { console.log("spinning"); for (;;); }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const method = pathname.slice(1);
    return new Response(String(await env.COUNTER.getByName(pathname)[method]()));
  },
};`

func patientProject(t *testing.T) string {
	t.Helper()
	return files(t, map[string]string{
		"index.js": patientWorker,
		"wrangler.json": `{ "name": "patient", "main": "index.js", "compatibility_date": "2026-01-01",
			"durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
			"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }] }`,
	})
}

// logLine is what the tests look at in a line of the log.
type logLine struct {
	Time                                        time.Time
	Level, Msg, Kind, Worker, Object, Name, URL string
	Status                                      int
}

// served is a doemu serve of its own.
type served struct {
	url   string
	lines chan logLine
	end   func() (took time.Duration, code int)
}

func startServe(t *testing.T, args ...string) *served {
	t.Helper()
	cmd := process(t, nil, append([]string{"serve", "--port", "0", "--admin-port", "0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &served{lines: make(chan logLine, 100)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(s.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var line logLine
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Time.IsZero() || line.Level == "" || line.Msg == "" {
				t.Errorf("got the line %s, want JSON with time, level and msg", lines.Text())
			}
			s.lines <- line
		}
	}()
	s.end = func() (time.Duration, int) {
		began := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-read
		_ = cmd.Wait() // the exit code tells
		return time.Since(began), cmd.ProcessState.ExitCode()
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			<-read
			_ = cmd.Wait()
		}
	})
	s.url = s.wait(t, "ready").URL
	return s
}

// wait reads the log up to a message.
func (s *served) wait(t *testing.T, message string) logLine {
	t.Helper()
	for line := range s.lines {
		if line.Msg == message {
			return line
		}
	}
	t.Fatalf("the log ended without %q", message)
	return logLine{}
}

func TestServe(t *testing.T) {
	t.Parallel()
	dir, state := patientProject(t), t.TempDir()
	s := startServe(t, dir, "--persist-to", state)
	if got := get(t, s.url+"/add"); got != "1" {
		t.Errorf("got %s, want 1", got)
	}
	if got := s.wait(t, "counted 1"); got.Level != "WARN" || got.Kind != "console" || got.Worker != "patient" || got.Name != "/add" || len(got.Object) != 64 {
		t.Errorf("got %+v, want a warning of the object", got)
	}
	if got := s.wait(t, "GET /add"); got.Level != "INFO" || got.Kind != "request" || got.Status != http.StatusOK {
		t.Errorf("got %+v, want a request that was answered with 200", got)
	}
	// Neither one that waits nor one that loops keeps it from ending.
	for path, message := range map[string]string{"/hang": "hanging", "/spin": "spinning"} {
		go func() {
			if res, err := http.Get(s.url + path); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		}()
		s.wait(t, message)
	}
	took, code := s.end()
	// A call may take 30 s, and a container gets 10 to end.
	if took > 10*time.Second || code != exitDone {
		t.Errorf("SIGTERM: got exit code %d after %s, want %d before the calls would end", code, took, exitDone)
	}
	t.Logf("ended in %s", took)
	if r, err := whoRuns(state); r != nil || err != nil {
		t.Errorf("got %v %v after the end, want that nobody runs", r, err)
	}
	again := startServe(t, dir, "--persist-to", state)
	if got := get(t, again.url+"/add"); got != "2" {
		t.Errorf("got %s after a restart, want 2", got)
	}
	again.end()
}

// The program that started doemu may end in any way: standard input ends with it.
func TestServe_stopWithStdin(t *testing.T) {
	t.Parallel()
	in, parent := io.Pipe()
	out, lines := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(t.Context(), []string{"serve", patientProject(t), "--ephemeral", "--port", "0", "--admin-port", "0", "--stop-with-stdin"}, in, lines, io.Discard)
		lines.Close()
	}()
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		var line logLine
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.Kind == "start" {
			parent.Close()
		}
	}
	if code := <-done; code != exitDone {
		t.Errorf("got exit code %d, want %d", code, exitDone)
	}
}
