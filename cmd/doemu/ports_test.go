package main

import (
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator/config"
)

func TestPortFlag(t *testing.T) {
	t.Parallel()
	project := func(name string, port int) *config.Project {
		return &config.Project{Name: name, ConfigPath: "/" + name + "/wrangler.json", Dev: config.Dev{Port: port}}
	}
	two := []*config.Project{project("a", 0), project("b", 0)}
	for _, test := range []struct {
		args     string
		projects []*config.Project
		want     string // worker:port, with an exclamation mark if it must be this one; or the error
	}{
		{"", two, "0:8787"},
		{"3000", two, "0:3000!"},
		{"0", two, "0:0!"},
		{"b=3001", two, "0:8787 1:3001!"},
		{"3000 b=3001", two, "0:3000! 1:3001!"},
		{"a=3000 b=0", two, "0:3000! 1:0!"},
		{"3000 3001", two, "0:3001!"},
		{"b=1 b=2", two, "0:8787 1:2!"},
		{"", []*config.Project{project("a", 4000), project("b", 4001)}, "0:4000! 1:4001!"},
		{"3000 b=3001", []*config.Project{project("a", 4000), project("b", 4001)}, "0:3000! 1:3001!"},
		{"", []*config.Project{project("a", 0), project("b", 8787)}, "0:8787 1:8787!"},
		{"c=1", []*config.Project{{}, project("b", 0)}, "0:8787"},

		{"c=1", two, `--port c=1: no Worker with the name "c" runs here, only: a, b`},
		{"3000 a=3001", two, "--port 3000 and --port a=3001 are both for the first Worker: leave one of them out"},
		{"3000 b=3000", two, "two Workers are to answer on port 3000: a (--port 3000) and b (--port b=3000). Give one of them another port with --port NAME=PORT"},
		{"b=4000", []*config.Project{project("a", 4000), project("b", 0)}, `two Workers are to answer on port 4000: a ("dev": { "port": 4000 } in /a/wrangler.json) and b (--port b=4000). Give one of them another port with --port NAME=PORT`},
		{"x", two, `"x" is not a port: give a number from 0 to 65535, 0 for any`},
		{"b=70000", two, `"70000" is not a port: give a number from 0 to 65535, 0 for any`},
		{"=1", two, "the name of a Worker is missing before the ="},
	} {
		var f portFlag
		got, err := "", error(nil)
		for _, arg := range strings.Fields(test.args) {
			if err == nil {
				err = f.Set(arg)
			}
		}
		if err == nil {
			var wanted []wantedPort
			if wanted, err = f.assign(test.projects); err == nil {
				got = describePorts(wanted)
			}
		}
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("--port %s:\ngot  %s\nwant %s", test.args, got, test.want)
		}
	}
}
