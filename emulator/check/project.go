package check

import (
	"cmp"
	"slices"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
)

// Project checks a project and its code. The configuration's own faults are [config.Load]'s to find, and what the
// code does not export [config.CheckExports]'. A source that cannot be parsed is not checked; the error tells why.
func Project(p *config.Project, b *bundle.Bundle) (found []Finding, err error) {
	found = checkMigrated(p)
	if p.Main == "" || b.Format != bundle.Modules {
		return found, nil
	}
	s, err := Parse(p, b)
	if err != nil {
		return found, err
	}
	found = slices.Concat(found, s.checkSQL(p), s.checkEnv(p), s.checkConstructors(p), s.checkCalls(p))
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Text, b.Text))
	})
	return found, nil
}
