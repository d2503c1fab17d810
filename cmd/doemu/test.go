package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/journal"
)

func testCommand(c *console) *cobra.Command {
	f := &projectFlags{}
	var reporter string
	cmd := &cobra.Command{
		Use:   "test [filter]",
		Short: "Run the exported test handlers of Workers, as workerd test does",
		Long: `Runs every export that has a method test(controller, env, ctx), one after the other.
A filter takes only those whose worker:export contains it.`,
		Example: `  doemu test                              the project in this directory
  doemu test -c a/wrangler.jsonc -c b/wrangler.jsonc
  doemu test counter --reporter tap`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			report, ok := reporters[reporter]
			if !ok {
				return usageError{fmt.Errorf("--reporter is spec, tap or json, not %q", reporter)}
			}
			return runTests(ctx, c, f, append(args, "")[0], report(c.out))
		},
	}
	f.add(cmd.Flags(), string(emulator.WorkerdLimits))
	cmd.Flags().StringVar(&reporter, "reporter", "spec", "form of the report: spec, tap or json")
	return cmd
}

// result is the outcome of one test; Failure is "" if it passed.
type result struct {
	Name    string `json:"name"`
	Passed  bool   `json:"passed"`
	Failure string `json:"failure,omitempty"`
}

// reporter shows results as they come, and the end.
type reporter struct {
	show func(r result)
	end  func(all []result)
}

var reporters = map[string]func(w io.Writer) reporter{
	"spec": func(w io.Writer) reporter {
		return reporter{
			show: func(r result) {
				if r.Passed {
					fmt.Fprintf(w, "[ PASS ] %s\n", r.Name)
					return
				}
				fmt.Fprintf(w, "[ FAIL ] %s\n%s\n", r.Name, indented(r.Failure))
			},
			end: func(all []result) { fmt.Fprintf(w, "%d passed, %d failed\n", passed(all), len(all)-passed(all)) },
		}
	},
	"tap": func(w io.Writer) reporter {
		n := 0
		fmt.Fprintln(w, "TAP version 14")
		return reporter{
			show: func(r result) {
				n++
				if r.Passed {
					fmt.Fprintf(w, "ok %d - %s\n", n, r.Name)
					return
				}
				fmt.Fprintf(w, "not ok %d - %s\n  ---\n  message: |\n%s\n  ...\n", n, r.Name, indented(r.Failure))
			},
			end: func(all []result) { fmt.Fprintf(w, "1..%d\n", len(all)) },
		}
	},
	"json": func(w io.Writer) reporter {
		return reporter{show: func(result) {}, end: func(all []result) {
			encoder := json.NewEncoder(w)
			encoder.SetIndent("", "  ")
			// A writer that fails has nobody who could be told.
			_ = encoder.Encode(map[string]any{"passed": passed(all), "failed": len(all) - passed(all), "tests": all})
		}}
	},
}

func passed(all []result) (n int) {
	for _, r := range all {
		if r.Passed {
			n++
		}
	}
	return n
}

func indented(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

func runTests(ctx context.Context, c *console, f *projectFlags, filter string, report reporter) error {
	options, err := f.options("")
	if err != nil {
		return err
	}
	options.Test = true
	e, diagnostics, err := emulator.New(ctx, options)
	for _, d := range diagnostics {
		for _, text := range d.WarningTexts() {
			fmt.Fprintln(c.err, config.Render(config.SeverityWarning, text, false))
		}
	}
	if err != nil {
		fmt.Fprintln(c.err, errorText(err, false))
		return shownError{err}
	}
	e.Journal().Listen(func(ev journal.Event) {
		switch ev.Kind {
		case journal.Console:
			fmt.Fprintln(c.err, ev.Detail)
		case journal.Uncaught:
			fmt.Fprintln(c.err, "Uncaught "+ev.Error)
		}
	})
	all := []result{}
	add := func(name, failure string) {
		r := result{name, failure == "", failure}
		all = append(all, r)
		report.show(r)
	}
	for _, s := range e.Services() {
		if err := s.Failed(); err != nil {
			add(s.Project().Name, errorText(err, false))
			continue
		}
		for _, export := range s.Tests() {
			name := s.Project().Name
			if export != "default" {
				name += ":" + export
			}
			if !strings.Contains(name, filter) {
				continue
			}
			failure, err := s.Test(ctx, export)
			if err != nil {
				return errors.Join(err, e.Close())
			}
			add(name, failure)
		}
	}
	report.end(all)
	if err := e.Close(); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	switch {
	case len(all) == 0:
		return fmt.Errorf("there is no test: %s has no exported test(controller, env, ctx)%s", strings.Join(names(e), ", "), filtered(filter))
	case passed(all) < len(all):
		return shownError{fmt.Errorf("%d tests failed", len(all)-passed(all))}
	}
	return nil
}

func names(e *emulator.Emulator) []string {
	var all []string
	for _, s := range e.Services() {
		all = append(all, s.Project().Name)
	}
	slices.Sort(all)
	return all
}

func filtered(filter string) string {
	if filter == "" {
		return ""
	}
	return fmt.Sprintf(" with %q in its name", filter)
}
