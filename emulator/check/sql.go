package check

import (
	"fmt"

	"github.com/tdewolff/parse/v2/js"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/mistake"
)

// checkSQL finds classes with key-value storage whose code uses SQL.
func (s *Source) checkSQL(p *config.Project) (found []Finding) {
	for _, class := range p.Classes {
		if class.SQLite || !class.Declared {
			continue
		}
		for _, c := range s.lineage(s.class(class.Name)) {
			if pos, ok := s.sqlUse(c); ok {
				found = append(found, Finding{
					Severity: Warning, Mistake: mistake.SQLDisabled, Pos: pos,
					Text: fmt.Sprintf("%s uses SQL, but its storage is not SQLite: storage.sql throws.", class.Name),
					Fix: fmt.Sprintf("%s creates the class with new_classes: write it to new_sqlite_classes. That is possible only until the class is deployed.",
						shown(p, class.Pos)),
				})
				break
			}
		}
	}
	return found
}

// sqlUse is the first place in a class where it uses the sql of a storage. There is none if the class asks whether
// there is one.
func (s *Source) sqlUse(c *js.ClassDecl) (pos config.Position, ok bool) {
	careful := false
	walk(c, func(n js.INode, around []js.INode) bool {
		if inner, is := n.(*js.ClassDecl); is && inner != c {
			return false
		}
		storage, name, _ := member(n)
		if string(name) != "sql" {
			return true
		}
		if _, name, _ := member(storage); string(name) != "storage" {
			return true
		}
		careful = careful || useOf(n, around) == guards
		if at, own := s.position(name); own && (!ok || before(at, pos)) {
			pos, ok = at, true
		}
		return true
	})
	return pos, ok && !careful
}

func before(a, b config.Position) bool {
	return a.File == b.File && (a.Line < b.Line || a.Line == b.Line && a.Column < b.Column)
}
