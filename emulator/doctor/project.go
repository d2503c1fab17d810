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
		f := warned(fmt.Sprintf("env.%s is a %s, which doemu does not have: using it throws.", b.Name, b.Noun), "docs/compatibility.md says what there is.")
		f.Pos = b.Pos
		found = append(found, f)
	}
	for _, b := range p.Unserved {
		f := warned(fmt.Sprintf("doemu does not have %s: %s has no effect.", b.Noun, strings.TrimSpace(b.Kind+" "+b.Name)), "docs/compatibility.md says what there is.")
		f.Pos = b.Pos
		found = append(found, f)
	}
	return found
}

// build bundles the projects.
func (e *exam) build(ctx context.Context) (found []check.Finding) {
	for _, p := range e.projects {
		builder := bundle.NewBuilder(p, bundle.Options{})
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
			found = append(found, ofError(err))
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

// ofError is an error about a project.
func ofError(err error) check.Finding {
	var user *config.Error
	if !errors.As(err, &user) {
		return failed(err.Error(), "")
	}
	return check.Finding{Severity: check.Error, Pos: user.Pos, Text: strings.TrimSpace(user.Text), Fix: strings.TrimSpace(user.Hint)}
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
