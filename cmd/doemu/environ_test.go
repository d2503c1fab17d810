package main

import (
	"strings"
	"testing"
)

func TestEnviron(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"index.js":      `export default { fetch: (_, env) => new Response(env.A + " " + env.B) }; export const a = { test(_, env) { console.log(env.A + " " + env.B) } };`,
		"wrangler.json": `{ "name": "vars", "main": "index.js", "compatibility_date": "2026-01-01", "vars": { "A": "none", "B": "none" } }`,
	})
	for _, test := range []struct {
		name    string
		environ []string
		args    []string
		code    int
		want    string
	}{
		{"a flag that may be given more than once", []string{"DOEMU_VAR=A:1,5\nB:2"}, []string{"test"}, exitDone, "1,5 2\n"},
		{"the flag goes before", []string{"DOEMU_VAR=A:1"}, []string{"test", "--var", "B:2"}, exitDone, "none 2\n"},
		{"an empty one", []string{"DOEMU_REPORTER="}, []string{"test"}, exitDone, "[ PASS ]"},
		{"a switch and a choice", []string{"DOEMU_REPORTER=tap", "DOEMU_EPHEMERAL=true"}, []string{"test"}, exitDone, "ok 1 - vars:a"},
		{"a flag that excludes it", nil, []string{"test", "--ephemeral"}, exitDone, "[ PASS ]"},
		{"two that exclude each other", []string{"DOEMU_EPHEMERAL=1"}, []string{"test"}, exitUsage, "--persist-to and --ephemeral exclude each other"},
		{"a wrong value", []string{"DOEMU_ADMIN_PORT=x"}, []string{"serve"}, exitUsage, "Error: the environment variable DOEMU_ADMIN_PORT: "},
		{"a wrong port", []string{"DOEMU_PORT=api=x"}, []string{"serve"}, exitUsage, `DOEMU_PORT: invalid argument "api=x" for "--port" flag: "x" is not a port`},
		{"a port of nobody", []string{"DOEMU_PORT=0\nnobody=0"}, []string{"serve"}, exitUsage, `no Worker with the name "nobody"`},
		{"the URL of a command that asks", []string{"DOEMU_ADMIN_URL=http://127.0.0.1:1"}, []string{"health"}, exitNotRunning, "no doemu answers at http://127.0.0.1:1"},
		{"a secret in the help", []string{"DOEMU_ADMIN_TOKEN=hidden"}, []string{"dev", "--help"}, exitDone, "DOEMU_ADMIN_PORT is --admin-port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cmd := process(t, append(test.environ, "DOEMU_PERSIST_TO="+t.TempDir()), test.args...)
			if strings.Contains(test.name, "switch") {
				cmd.Env = append(cmd.Env, "DOEMU_PERSIST_TO=") // --ephemeral excludes it
			}
			cmd.Dir = dir
			out, _ := cmd.CombinedOutput() // the exit code tells
			if code := cmd.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(out), test.want) {
				t.Errorf("got exit code %d, want %d, and\n%s\nwant %q in it", code, test.code, out, test.want)
			}
			if strings.Contains(string(out), "hidden") {
				t.Errorf("got the token in:\n%s", out)
			}
		})
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for shell, want := range map[string]string{"bash": "complete -o default", "zsh": "#compdef doemu", "fish": "complete -c doemu", "powershell": "Register-ArgumentCompleter"} {
		if code, out, errors := doemu(t, "completion", shell); code != exitDone || !strings.Contains(out, want) {
			t.Errorf("doemu completion %s: got exit code %d and %.300s%s, want %q", shell, code, out, errors, want)
		}
	}
	if code, out, _ := doemu(t, "__complete", "ser"); code != exitDone || !strings.Contains(out, "serve\t") {
		t.Errorf("completing ser: got %q, want serve", out)
	}
}
