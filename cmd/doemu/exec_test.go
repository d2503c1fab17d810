//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestExec(t *testing.T) {
	t.Parallel()
	dir := patientProject(t)
	broken := files(t, map[string]string{
		"index.js":      `export default { fetch( }`,
		"wrangler.json": `{ "name": "broken", "main": "index.js", "compatibility_date": "2026-01-01" }`,
	})
	for _, test := range []struct {
		name string
		args []string
		code int
		want string // in what it says
	}{
		{"the environment", []string{dir, "--ephemeral", "--", "sh", "-c", "echo at $DOEMU_URL and $DOEMU_ADMIN_URL; exit 7"}, 7, "at http://127.0.0.1:"},
		{"only what the command says", []string{dir, "--ephemeral", "--", "echo", "hello"}, exitDone, "hello\n"},
		{"a command that kills itself", []string{dir, "--ephemeral", "--", "sh", "-c", "kill -KILL $$"}, 128 + 9, ""},
		{"no such command", []string{dir, "--ephemeral", "--", "no-such-command"}, exitFailed, "run no-such-command: executable file not found"},
		{"no command", []string{dir}, exitUsage, "needs the command to run after --"},
		{"an empty command", []string{dir, "--"}, exitUsage, "needs the command to run after --"},
		{"two projects", []string{dir, dir, "--", "true"}, exitUsage, "takes one project before --"},
		{"a project that does not build", []string{broken, "--ephemeral", "--", "echo", "never"}, exitFailed, "index.js:1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			code, out, errors := doemu(t, append([]string{"exec"}, test.args...)...)
			if code != test.code {
				t.Errorf("got exit code %d, want %d; it said:\n%s%s", code, test.code, out, errors)
			}
			if !strings.Contains(out+errors, test.want) || strings.Contains(out, "never") || code == exitDone && errors != "" {
				t.Errorf("got %q %q, want %q", out, errors, test.want)
			}
		})
	}
}

// execHelper is what TestExec_url runs beside the project.
const execHelper = "TEST_BINARY_ASKS"

// The command reaches the Worker and the admin API, and what it did is on disk.
func TestExec_url(t *testing.T) {
	t.Parallel()
	if os.Getenv(execHelper) != "" {
		t.Logf("counted to %s; %s", get(t, os.Getenv("DOEMU_URL")+"/add"), get(t, os.Getenv("DOEMU_ADMIN_URL")+"/readyz"))
		return
	}
	dir, state := patientProject(t), t.TempDir()
	for _, want := range []string{"counted to 1", "counted to 2"} {
		cmd := process(t, nil, "exec", dir, "--persist-to", state, "--", "env", "-u", asDoemu, execHelper+"=1", os.Args[0], "-test.run=^TestExec_url$", "-test.v")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) || !strings.Contains(string(out), `"ready"`) {
			t.Errorf("got %s, %v, want %q and ready", out, err, want)
		}
	}
}

// Signals reach the command and what it started, and doemu ends with it.
func TestExec_signals(t *testing.T) {
	t.Parallel()
	dir := patientProject(t)
	for _, test := range []struct {
		name, script string
		signal       syscall.Signal
		code         int
	}{
		{"a command that ends by it", `echo up $$; sleep 1000`, syscall.SIGTERM, 128 + int(syscall.SIGTERM)},
		{"an interruption", `trap 'exit 5' INT; echo up $$; sleep 1000 & wait`, syscall.SIGINT, 5},
		{"a command that cleans up", `trap 'exit 3' TERM; sleep 1000 & echo up $!; wait`, syscall.SIGTERM, 3},
		{"a command that leaves something behind", `sleep 1000 & echo up $!; read line; exit 4`, 0, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			cmd := process(t, nil, "exec", dir, "--persist-to", state, "--", "sh", "-c", test.script)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(out)
			line, err := lines.ReadString('\n')
			pid, numberErr := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "up ")))
			if err != nil || numberErr != nil {
				t.Fatalf("got %q, %v, want that the command is up", line, err)
			}
			if test.signal != 0 {
				err = cmd.Process.Signal(test.signal)
			} else {
				_, err = io.WriteString(in, "go on\n")
			}
			if err != nil {
				t.Fatal(err)
			}
			// The output ends when nobody is left who could write to it.
			if _, err := io.Copy(io.Discard, lines); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the exit code tells
			if got := cmd.ProcessState.ExitCode(); got != test.code {
				t.Errorf("got exit code %d, want %d", got, test.code)
			}
			if gone(pid) != nil {
				t.Errorf("process %d still runs", pid)
			}
			if _, err := os.Stat(filepath.Join(state, runningName)); !os.IsNotExist(err) {
				t.Errorf("got %v, want that %s is gone", err, runningName)
			}
		})
	}
}

// gone waits until a process has ended, as Linux tells it: who killed it need not have waited for that.
func gone(pid int) error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if _, after, _ := strings.Cut(string(stat), ") "); err != nil || strings.HasPrefix(after, "Z") {
			return nil
		}
	}
	return os.ErrDeadlineExceeded
}
