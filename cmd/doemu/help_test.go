package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Each command shows how it is used, and what it shows is right.
func TestHelp_examples(t *testing.T) {
	t.Parallel()
	root := rootCommand(&console{strings.NewReader(""), io.Discard, io.Discard})
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, below := range cmd.Commands() {
			walk(below)
		}
		if cmd.Runnable() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			checkExample(t, root, cmd.CommandPath(), line)
			if !strings.HasPrefix(line, "   ") && !strings.Contains(line, cmd.CommandPath()) {
				t.Errorf("%s: the example %q is not about it", cmd.CommandPath(), line)
			}
		}
	}
	walk(root)
}

// checkExample sees that an example's commands and flags are there. What is indented more goes on with the line before.
func checkExample(t *testing.T, root *cobra.Command, of, line string) {
	t.Helper()
	words := strings.Fields(line)
	if strings.HasPrefix(line, "   ") {
		return
	}
	if !strings.HasPrefix(line, "  ") || len(words) == 0 {
		t.Errorf("%s: the example %q is not indented by two spaces", of, line)
		return
	}
	for n, word := range words {
		if word != "doemu" || n > 0 && words[n-1] != "&&" && words[n-1] != "|" {
			continue
		}
		var args []string
		for _, arg := range words[n+1:] {
			if arg == "&&" || arg == "|" || arg == "--" || arg == "<" {
				break
			}
			args = append(args, arg)
		}
		cmd, _, err := root.Find(args)
		if err != nil {
			t.Errorf("%s: %q: %v", of, line, err)
			continue
		}
		for _, arg := range args {
			name, long := strings.CutPrefix(arg, "--")
			name, _, _ = strings.Cut(name, "=")
			if long && name != "help" && cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
				t.Errorf("%s: %q: %s has no flag --%s", of, line, cmd.CommandPath(), name)
			}
		}
	}
}
