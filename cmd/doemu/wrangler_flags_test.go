package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// What scripts that run wrangler dev carry is accepted, with a line for what does nothing.
func TestWranglerFlags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--port", "1234"}, ""},
		{[]string{"--local"}, "--local does nothing: projects always run on this machine.\n"},
		{[]string{"-l", "--local=true"}, "--local does nothing: projects always run on this machine.\n"},
		{[]string{"--local=false", "--show-interactive-dev-session=false"}, ""},
		{[]string{"--x-dev-env", "--experimental-vectorize-bind-to-prod", "--x-registry=false"}, "--experimental-… does nothing: flags for wrangler's experiments change nothing here.\n"},
		{[]string{"--assets", "./public", "--upstream-protocol", "https"},
			"--assets does nothing: static files are not served yet.\n--upstream-protocol does nothing: a Worker sees the address that was asked for, whatever its routes.\n"},
		{[]string{"--define", "A:1", "--define", "B:2"}, "--define does nothing: set \"define\" in the configuration instead.\n"},
	} {
		cmd := devCommand(&console{strings.NewReader(""), io.Discard, io.Discard})
		if err := cmd.ParseFlags(append(test.args, "dir")); err != nil {
			t.Errorf("%q: %v", test.args, err)
			continue
		}
		if got := cmd.Flags().Args(); len(got) != 1 || got[0] != "dir" {
			t.Errorf("%q: got the arguments %q, want the path alone", test.args, got)
		}
		var out bytes.Buffer
		tellWranglerFlags(&out, cmd.Flags(), wranglerDevFlags)
		if out.String() != test.want {
			t.Errorf("%q: got %q, want %q", test.args, out.String(), test.want)
		}
	}
}

// Each of wrangler's own flags, as its help for dev lists them, is there.
func TestWranglerFlags_all(t *testing.T) {
	t.Parallel()
	const list = `name compatibility-date compatibility-flags compatibility-flag latest assets no-bundle ip port inspector-port inspector-ip routes
		route host local-protocol https-key-path https-cert-path local-upstream infer-origin-from-routes upstream-protocol var define alias
		jsx-factory jsx-fragment tsconfig remote local minify persist-to live-reload test-scheduled log-level show-interactive-dev-session
		types tunnel tunnel-name tunnel-allowed-mail config env env-file experimental-anything x-anything`
	for _, command := range []string{"dev", "types"} {
		root := rootCommand(&console{strings.NewReader(""), io.Discard, io.Discard})
		cmd, _, err := root.Find([]string{command})
		if err != nil {
			t.Fatal(err)
		}
		names := strings.Fields(list)
		if command == "types" {
			names = strings.Fields("env-interface include-runtime include-env strict-vars include-main-module check config env env-file x-anything")
		}
		for _, name := range names {
			if cmd.Flags().Lookup(name) == nil {
				t.Errorf("doemu %s has no flag --%s, which wrangler %s has", command, name, command)
			}
		}
	}
	seen := map[string]bool{}
	for _, f := range wranglerDevFlags {
		if seen[f.name] || f.why == "" || strings.HasSuffix(f.why, ".") {
			t.Errorf("--%s is there twice, or says %q", f.name, f.why)
		}
		seen[f.name] = true
	}
}
