package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/machine"
	"github.com/doemu/doemu/emulator/platform"
)

// Diagnosis is what one part of a self-check found.
type Diagnosis struct {
	Name string
	// Detail says what was seen; Err is why the part is not well, or nil.
	Detail string
	Err    error
	// Took is how long it took, by the machine's clock.
	Took time.Duration
}

// diagnosisTime is how long one part of a self-check may take: one that hangs must not keep the others from people.
const diagnosisTime = 2 * time.Second

// Diagnose checks whether all that the emulator needs works. It goes on after a failure, changes nothing that
// programs or people see, and wakes no object.
func (e *Emulator) Diagnose(ctx context.Context) []Diagnosis {
	var all []Diagnosis
	for _, part := range []struct {
		name  string
		check func() (detail string, err error)
	}{
		{"workers", e.diagnoseWorkers},
		{"storage", e.diagnoseStorage},
		{"engine", func() (string, error) { return tryEngine(e.platform()) }},
		{"clock", e.diagnoseClock},
		{"journal", e.diagnoseJournal},
		{"open files", machine.OpenFiles},
		{"memory", machine.Memory},
	} {
		all = append(all, Diagnosed(ctx, part.name, part.check))
	}
	return all
}

// Diagnosed makes one part of a self-check. One that does not end in time has failed.
func Diagnosed(ctx context.Context, name string, check func() (detail string, err error)) Diagnosis {
	ctx, cancel := context.WithTimeout(ctx, diagnosisTime)
	defer cancel()
	began := time.Now()
	done := make(chan Diagnosis, 1)
	go func() {
		detail, err := check()
		done <- Diagnosis{Name: name, Detail: detail, Err: err}
	}()
	var d Diagnosis
	select {
	case d = <-done:
	case <-ctx.Done():
		d = Diagnosis{Name: name, Err: fmt.Errorf("the check did not end: %w", context.Cause(ctx))}
	}
	d.Took = time.Since(began)
	return d
}

// diagnoseWorkers tells of builds that do not serve.
func (e *Emulator) diagnoseWorkers() (string, error) {
	var errs []error
	serve := 0
	for _, s := range e.services {
		if err := s.Failed(); err != nil {
			errs = append(errs, fmt.Errorf("the newest build of %s does not serve: %w", s.running().Name, err))
		}
		if s.Generation() != nil {
			serve++
		}
	}
	return fmt.Sprintf("%d of %d serve", serve, len(e.services)), errors.Join(errs...)
}

// diagnoseStorage writes a file where objects keep theirs.
func (e *Emulator) diagnoseStorage() (string, error) {
	if e.stateDir == "" {
		return "in memory", nil
	}
	f, err := os.CreateTemp(e.stateDir, "doemu-diagnose-")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString("written by GET /api/v1/diagnose")
	return filepath.Dir(f.Name()), errors.Join(err, f.Sync(), f.Close())
}

// platform is the image of the platform, which a world has of the emulator that made it.
func (e *Emulator) platform() *isolate.Image {
	if e.of != nil {
		return e.of.base
	}
	return e.base
}

// tryEngine makes an isolate from the platform's image, lets it compute, and ends a loop that has no end.
func tryEngine(base *isolate.Image) (detail string, err error) {
	if base == nil {
		return "not started: no code runs on a state at rest", nil
	}
	began := time.Now()
	i, err := base.Fork(isolate.Options{Owner: platform.NewBuilder(&platform.Realm{})})
	if err != nil {
		return "", err
	}
	defer i.Close()
	took := time.Since(began)
	if err := i.EvalScript("doemu:diagnose", `if ([1, 2, 3].reduce((a, b) => a + b) !== 6) throw new Error("1 + 2 + 3 is not 6")`); err != nil {
		return "", err
	}
	i.Interrupt()
	var stopped *isolate.Exception
	if err := i.EvalScript("doemu:diagnose", "for (;;) {}"); !errors.As(err, &stopped) || !stopped.Interrupted {
		return "", fmt.Errorf("a loop without an end was not ended: %w", err)
	}
	return fmt.Sprintf("an isolate in %d µs", took.Microseconds()), nil
}

// late is how long something may be overdue.
const late = 5 * time.Second

// diagnoseClock tells of what was due and has not begun.
func (e *Emulator) diagnoseClock() (string, error) {
	s := e.options.Clock.Status()
	detail := "runs"
	if s.Frozen {
		detail = "stands"
	}
	detail = fmt.Sprintf("%s at %s, %d things wait", detail, s.Now.UTC().Format(time.RFC3339), s.Waiting)
	if s.Next != nil && s.Now.Sub(s.Next.At) > late {
		return detail, fmt.Errorf("%s %s was due at %s and has not begun", s.Next.Kind, s.Next.Detail, s.Next.At.UTC().Format(time.RFC3339))
	}
	return detail, nil
}

// diagnoseJournal reads the newest event.
func (e *Emulator) diagnoseJournal() (string, error) {
	last := e.journal.Last()
	if last > 0 && len(e.journal.Since(last-1)) == 0 {
		return "", fmt.Errorf("the newest event, %d, cannot be read", last)
	}
	return fmt.Sprintf("%d events", last), nil
}

// TryStart starts the JavaScript engine as an emulator does, tries it, and starts projects on it that were bundled, with no
// state and on their own: for people who ask what is wrong. The failures are those of the projects, in their order, nil for
// one that starts; the error is the engine's.
func TryStart(ctx context.Context, options Options, projects []*config.Project, bundles []*bundle.Bundle) (failures []error, err error) {
	options.Ephemeral, options.Registry, options.Log = true, "", slog.New(slog.DiscardHandler)
	options.defaults()
	e := newEmulator(options)
	if e.engine, e.base, err = newPlatform(options, e.net); err != nil {
		e.net.Close()
		return nil, err
	}
	if err = e.open(nil, nil); err != nil {
		return nil, err // in memory nothing is opened
	}
	if _, err = tryEngine(e.base); err == nil {
		for n, p := range projects {
			e.services = append(e.services, &Service{emulator: e, options: options.Workers[min(n, len(options.Workers)-1)], project: p, first: p})
		}
		for n, s := range e.services {
			failures = append(failures, s.swap(build{projects[n], bundles[n]}))
		}
	}
	return failures, errors.Join(err, e.Close())
}
