// Package doctor examines a project and the installation of doemu before anything runs, and says what is wrong and
// what to do. It changes nothing: no state is made, no object is woken, no port is kept.
package doctor

import (
	"context"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
)

// Options say what to examine.
type Options struct {
	// Emulator is what would run: its Workers, its state directory or none.
	Emulator emulator.Options
	// Ports are those that would be listened on.
	Ports []Port
	// Running is the doemu that runs on a state directory, as its file there tells; nil if none does. It may be nil.
	Running func(stateDir string) (*Running, error)
	// Session says what a process runs that is a doemu, or "". It may be nil.
	Session func(pid int) string
}

// Running is a doemu that runs.
type Running struct {
	PID           int
	URL, AdminURL string
}

// Port is a port that would be listened on.
type Port struct {
	// Of says what listens there; Flag chooses another.
	Of, Flag string
	IP       string
	// Number is 0 for any.
	Number int
	// Asked tells that no other one will do.
	Asked bool
}

// Check is one thing that was examined.
type Check struct {
	Name     string
	Findings []check.Finding
	Took     time.Duration
}

// Result is what was found.
type Result struct {
	Checks []Check
	// StateDir is the directory of the state, or "" if there is none.
	StateDir string
}

// exam is an examination under way.
type exam struct {
	options  Options
	projects []*config.Project // those that could be read
	bundles  []*bundle.Bundle  // of the projects; nil for one that could not be built
	engine   error             // why the JavaScript engine does not work, or nil
}

// Examine examines everything. It goes on after a failure.
func Examine(ctx context.Context, options Options) (r Result) {
	e := &exam{options: options}
	for _, part := range []struct {
		name  string
		check func(ctx context.Context) []check.Finding
	}{
		{"configuration", e.configuration},
		{"build", e.build},
		{"code", e.code},
		{"start", e.start},
		{"state", e.state},
		{"ports", e.ports},
		{"machine", e.machine},
		{"engine", e.javascript},
	} {
		began := time.Now()
		found := part.check(ctx)
		r.Checks = append(r.Checks, Check{part.name, found, time.Since(began)})
	}
	r.StateDir = e.stateDir()
	return r
}

// failed is an error that has no place.
func failed(text, fix string) check.Finding {
	return check.Finding{Severity: check.Error, Text: text, Fix: fix}
}

func warned(text, fix string) check.Finding {
	return check.Finding{Severity: check.Warning, Text: text, Fix: fix}
}

func noted(text, fix string) check.Finding {
	return check.Finding{Severity: check.Note, Text: text, Fix: fix}
}
