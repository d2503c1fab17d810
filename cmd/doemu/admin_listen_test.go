package main

import (
	"strings"
	"testing"
)

func TestDev_adminListen(t *testing.T) {
	t.Parallel()
	dir, state := counterProject(t), t.TempDir()
	for args, want := range map[string]string{
		"--admin-ip 0.0.0.0": "--admin-ip 0.0.0.0 lets the network see and change all state: protect it with --admin-token",
		"--admin-ip ::":      "protect it with --admin-token",
		"--admin-ip home":    "--admin-ip is home, but must be an address",
	} {
		code, _, errors := doemu(t, append([]string{"dev", dir, "--ephemeral"}, strings.Fields(args)...)...)
		if code != exitUsage || !strings.Contains(errors, want) {
			t.Errorf("doemu dev %s: got %d %s, want %q", args, code, errors, want)
		}
	}
	runDev(t, dir, state, "--admin-ip", "0.0.0.0", "--admin-token", "secret")
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"health", 0, "ready"},
		{"objects ls", 1, "The admin API takes a token here"},
		{"objects ls --admin-token wrong", 1, "The admin API takes a token here"},
		{"objects ls --admin-token secret", 0, "NAMESPACE"},
	} {
		code, out, errors := doemu(t, append(strings.Fields(test.args), "--persist-to", state)...)
		if code != test.code || !strings.Contains(out+errors, test.want) {
			t.Errorf("doemu %s: got %d %s%s, want %d and %q", test.args, code, out, errors, test.code, test.want)
		}
	}
}
