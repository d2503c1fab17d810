package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
)

// configuration reads the projects.
func (e *exam) configuration(context.Context) (found []check.Finding) {
	for _, options := range e.options.Emulator.Workers {
		options.Now = time.Now()
		project, diagnostics, err := config.Load(options)
		for _, text := range diagnostics.WarningTexts() {
			found = append(found, warned(text, ""))
		}
		switch {
		case err != nil:
			found = append(found, ofError(err))
			continue
		case project.ConfigPath == "":
			found = append(found, failed(fmt.Sprintf("There is no wrangler.jsonc, wrangler.json or wrangler.toml in %s or above.", project.Dir),
				"Name the project: doemu doctor PATH. Or make one: doemu init DIR."))
			continue
		}
		e.projects = append(e.projects, project)
		found = append(found, missing(project)...)
	}
	return found
}

// missing tells of what a project asks for and doemu does not have.
func missing(p *config.Project) (found []check.Finding) {
	for _, b := range p.Unsupported {
		f := warned(fmt.Sprintf("env.%s is %s binding, which doemu does not have: using it throws.", b.Name, b.WithArticle()), "docs/compatibility.md says what there is.")
		f.Pos = b.Pos
		found = append(found, f)
	}
	for _, b := range p.Unserved {
		f := warned(fmt.Sprintf("%s (%s) has no effect: doemu does not have that.", strings.TrimSpace(b.Kind+" "+b.Name), b.Noun), "docs/compatibility.md says what there is.")
		f.Pos = b.Pos
		found = append(found, f)
	}
	return found
}

// mostPrinted is how many lines of a build command that failed are shown.
const mostPrinted = 20

// build bundles the projects.
func (e *exam) build(ctx context.Context) (found []check.Finding) {
	for _, p := range e.projects {
		var printed []string
		builder := bundle.NewBuilder(p, bundle.Options{Log: func(line string) { printed = append(printed, line) }})
		b, err := builder.Build(ctx)
		builder.Close()
		e.bundles = append(e.bundles, b)
		var faults *bundle.BuildError
		switch {
		case errors.As(err, &faults):
			for _, m := range faults.Messages {
				found = append(found, ofMessage(check.Error, m))
			}
			for _, m := range faults.Warnings {
				found = append(found, ofMessage(check.Warning, m))
			}
			continue
		case err != nil:
			f := ofError(err)
			if len(printed) > 0 {
				f.Fix = strings.TrimSpace(f.Fix + "\nThe build command printed:\n" + strings.Join(printed[max(0, len(printed)-mostPrinted):], "\n"))
			}
			found = append(found, f)
			continue
		}
		for _, m := range b.Warnings {
			found = append(found, ofMessage(check.Warning, m))
		}
		if err := emulator.CheckBundle(p, b); err != nil {
			found = append(found, ofError(err))
		}
	}
	return found
}

// code checks the projects for the mistakes that people make.
func (e *exam) code(context.Context) (found []check.Finding) {
	for n, p := range e.projects {
		var source *check.Source
		if b := e.bundles[n]; b != nil && b.Format == bundle.Modules {
			var err error
			if source, err = check.Parse(p, b); err != nil {
				found = append(found, noted(fmt.Sprintf("The code of %s is not checked: the parser of the checks does not understand it: %v", p.Name, err), ""))
			}
		}
		found = append(found, check.Project(p, source)...)
	}
	return append(found, check.Together(e.projects)...)
}

// start starts the engine and, over it, each project that was built, without a state: code at module level and imports can
// fail.
func (e *exam) start(ctx context.Context) (found []check.Finding) {
	var projects []*config.Project
	var bundles []*bundle.Bundle
	for n, p := range e.projects {
		if b := e.bundles[n]; b != nil && emulator.CheckBundle(p, b) == nil {
			projects, bundles = append(projects, p), append(bundles, b)
		}
	}
	failures, err := emulator.TryStart(ctx, e.options.Emulator, projects, bundles)
	if err != nil {
		e.engine = err
		return nil
	}
	for n, err := range failures {
		switch {
		case err == nil:
		case len(projects) > 1:
			found = append(found, ofError(fmt.Errorf("%s: %w", projects[n].Name, err)))
		default:
			found = append(found, ofError(err))
		}
	}
	return found
}

// ofError is an error about a project.
func ofError(err error) check.Finding {
	var user *config.Error
	if !errors.As(err, &user) {
		return failed(err.Error(), "")
	}
	before, _, _ := strings.Cut(err.Error(), user.Error()) // what others have put around it
	return check.Finding{Severity: check.Error, Pos: user.Pos, Text: before + strings.TrimSpace(user.Text), Fix: strings.TrimSpace(user.Hint)}
}

// ofMessage is a message of a build. Columns of places count from 0.
func ofMessage(severity check.Severity, m bundle.Message) check.Finding {
	f := check.Finding{Severity: severity, Text: m.Text}
	if m.Place != nil {
		f.Pos = config.Position{File: m.Place.File, Line: m.Place.Line, Column: m.Place.Column + 1}
	}
	var notes []string
	for _, note := range m.Notes {
		notes = append(notes, note.Text)
	}
	f.Fix = strings.Join(notes, "\n")
	return f
}
