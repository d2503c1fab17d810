package envtypes

import (
	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
)

// worker is a Worker whose classes and entrypoints can be named by importing its entry point.
type worker struct {
	file    string // the path of the entry point, or ""
	exports []string
}

// input is what was read of the projects.
type input struct {
	Options
	// project is in the environment that was chosen, or at the top level; then environments has it in each.
	project      *config.Project
	environments []*config.Project
	main         worker
	format       bundle.Format
	others       map[string]worker // by name
	diagnostics  []*config.Diagnostics
}

func read(o Options) (*input, error) {
	in := &input{Options: o, others: map[string]worker{}}
	var err error
	if in.project, err = in.load(o.Workers[0]); err != nil {
		return in, err
	}
	if in.main, in.format, err = inspect(in.project); err != nil {
		return in, err
	}
	if in.project.Env == "" {
		for _, env := range in.project.Environments {
			options := o.Workers[0]
			options.Env = env
			p, _, err := config.Load(options) // what may be wrong was said of the whole file
			if err != nil {
				return in, err
			}
			in.environments = append(in.environments, p)
		}
	}
	for _, other := range o.Workers[1:] {
		p, err := in.load(other)
		if err != nil {
			return in, err
		}
		if in.others[p.Name], _, err = inspect(p); err != nil {
			return in, err
		}
	}
	return in, nil
}

func (in *input) load(options config.Options) (*config.Project, error) {
	p, d, err := config.Load(options)
	in.diagnostics = append(in.diagnostics, d)
	return p, err
}

// inspect looks at the entry point of a project.
func inspect(p *config.Project) (w worker, format bundle.Format, err error) {
	if p.Main == "" {
		return w, bundle.Modules, nil // assets alone
	}
	exports, format, err := bundle.Inspect(p)
	return worker{p.Main, exports}, format, err
}
