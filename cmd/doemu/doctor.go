package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/doctor"
	"github.com/doemu/doemu/emulator/registry"
)

// doctorFlags say what doemu doctor examines: what doemu dev would run with the same flags.
type doctorFlags struct {
	projectFlags
	ip, registry string
	port         portFlag
	admin        adminListenFlags
	json         bool
}

func doctorCommand(c *console) *cobra.Command {
	f := &doctorFlags{}
	cmd := &cobra.Command{
		Use:   "doctor [path]",
		Short: "Say what is wrong with a project or with this installation, and what to do",
		Long: `Examines the project as doemu dev would run it: its configuration, its build, its code for the mistakes that
people make with Durable Objects, its state; then the machine: ports, files, memory, the JavaScript engine; and a
doemu that runs on the state. It changes nothing. It exits with 1 if there is an error, with 0 if there are but
warnings. docs/mistakes.md shows what it may say.`,
		Example: `  doemu doctor                  the project in this directory
  doemu doctor fixtures/chat    another one
  doemu doctor -c api/wrangler.jsonc -c auth/wrangler.jsonc --json`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: completeDirectory,
		RunE: func(cmd *cobra.Command, args []string) error {
			return examine(cmd.Context(), c, cmd, f, append(args, "")[0])
		},
	}
	flags := cmd.Flags()
	f.projectFlags.add(flags, string(emulator.ProductionLimits))
	flags.StringVar(&f.ip, "ip", "127.0.0.1", "address to listen on")
	flags.Var(&f.port, "port", "port of the Worker; 0 for any. With -c several times that of the first; NAME=PORT is for another one")
	flags.StringVar(&f.registry, "registry", registry.DefaultDir(), "directory by which running sessions find each other's Workers")
	f.admin.add(flags, 8788)
	flags.BoolVar(&f.json, "json", false, "print the result as JSON")
	return cmd
}

func examine(ctx context.Context, c *console, cmd *cobra.Command, f *doctorFlags, path string) error {
	options, err := f.options(path)
	if err != nil {
		return err
	}
	wanted, err := f.ports(cmd, options)
	if err != nil {
		return err
	}
	result := doctor.Examine(ctx, doctor.Options{Emulator: options, Ports: wanted, Running: runningOn, Session: f.session})
	if running := f.askRunning(ctx, result.StateDir); running != nil {
		result.Checks = append(result.Checks, *running)
	}
	report := newDoctorReport(result.Checks)
	if f.json {
		text, err := json.Marshal(report)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.out, string(text))
	} else {
		report.show(c)
	}
	if report.Errors > 0 {
		return shownError{errors.New("there are errors")}
	}
	return nil
}

// ports are those that doemu dev would listen on.
func (f *doctorFlags) ports(cmd *cobra.Command, options emulator.Options) (ports []doctor.Port, err error) {
	wanted, err := f.port.assign(readProjects(options.Workers))
	if err != nil {
		return nil, err
	}
	for _, w := range wanted {
		ports = append(ports, doctor.Port{Of: "the port of the Worker", Flag: "--port", IP: f.ip, Number: w.port, Asked: w.asked})
	}
	return append(ports, doctor.Port{Of: "the port of the admin API", Flag: "--admin-port", IP: f.admin.ip, Number: f.admin.port,
		Asked: cmd.Flags().Changed("admin-port")}), nil
}

// runningOn is the doemu that runs on a state directory, or nil.
func runningOn(stateDir string) (*doctor.Running, error) {
	r, err := whoRuns(stateDir)
	if err != nil || r == nil {
		return nil, err
	}
	return &doctor.Running{PID: r.PID, URL: r.URL, AdminURL: r.AdminURL}, nil
}

// session says what a process runs that is a doemu of this user, or "".
func (f *doctorFlags) session(pid int) string {
	if f.registry == "" {
		return ""
	}
	for _, s := range registry.Open(f.registry).Sessions() {
		if s.PID != pid {
			continue
		}
		var names []string
		for _, w := range s.Workers {
			names = append(names, w.Name)
		}
		return "the doemu that runs " + strings.Join(names, ", ")
	}
	return ""
}

// askRunning asks the doemu that runs on the state to check itself. It is nil if none does.
func (f *doctorFlags) askRunning(ctx context.Context, stateDir string) *doctor.Check {
	r, err := whoRuns(stateDir)
	if err != nil || r == nil {
		return nil // the check of the state has told why
	}
	began := time.Now()
	c := &doctor.Check{Name: "running"}
	var d struct {
		Checks []struct {
			Name, Detail string
			OK           bool
		}
	}
	a := (&adminFlags{token: f.admin.token}).remote(r.AdminURL)
	if err := a.call(ctx, http.MethodGet, "diagnose", nil, &d); err != nil {
		c.Findings = append(c.Findings, check.Finding{Severity: check.Warning,
			Text: fmt.Sprintf("The doemu that runs, process %d, does not answer: %v", r.PID, err), Fix: "If it has a token, give it with --admin-token. Otherwise stop it, and start it again."})
	}
	for _, part := range d.Checks {
		if !part.OK {
			c.Findings = append(c.Findings, check.Finding{Severity: check.Error, Text: fmt.Sprintf("The doemu that runs, process %d: %s: %s", r.PID, part.Name, part.Detail)})
		}
	}
	c.Took = time.Since(began)
	return c
}
