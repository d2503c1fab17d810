package check

import (
	"cmp"
	"slices"

	"github.com/doemu/doemu/emulator/config"
)

// Project checks a project and its code, which is nil if it has none or if that could not be parsed. The
// configuration's own faults are [config.Load]'s to find, and what the code does not export [config.CheckExports]'.
func Project(p *config.Project, s *Source) []Finding {
	found := append(checkMigrated(p), checkAssets(p)...)
	if s == nil {
		return found
	}
	found = slices.Concat(found, s.checkSQL(p), s.checkEnv(p), s.checkConstructors(p), s.checkCalls(p))
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Text, b.Text))
	})
	return found
}
