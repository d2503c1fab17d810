package check

import (
	"fmt"
	"slices"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/mistake"
)

// Together checks Workers that run together.
func Together(projects []*config.Project) (found []Finding) {
	first := map[string]*config.Project{} // those that implement a class, by its name
	for _, p := range projects {
		for _, c := range p.Classes {
			other := first[c.Name]
			if other == nil {
				first[c.Name] = p
				continue
			}
			found = append(found, Finding{
				Severity: Warning, Mistake: mistake.SharedClassName, Pos: c.Pos,
				Text: fmt.Sprintf("The Workers %s and %s have a class %s each. These are two namespaces: an object of one is never that of the other.", other.Name, p.Name, c.Name),
				Fix: fmt.Sprintf("If %[2]s is to use the objects of %[1]s, add \"script_name\": %[1]q to its binding and take the class out of its migrations. "+
					"Otherwise another name keeps them apart, also in Cloudflare's dashboard.", other.Name, p.Name),
			})
		}
		found = append(found, checkElsewhere(p, projects)...)
	}
	return found
}

// checkElsewhere finds bindings to classes that the Worker which they name does not have.
func checkElsewhere(p *config.Project, projects []*config.Project) (found []Finding) {
	for _, b := range p.DurableObjects {
		n := slices.IndexFunc(projects, func(other *config.Project) bool { return other.Name == b.ScriptName })
		if b.ScriptName == "" || n < 0 {
			continue
		}
		var names []string
		for _, c := range projects[n].Classes {
			names = append(names, c.Name)
		}
		if slices.Contains(names, b.ClassName) {
			continue
		}
		f := Finding{
			Severity: Warning, Mistake: mistake.SharedClassName, Pos: config.Position{File: relativeTo(p.WorkDir, p.ConfigPath)},
			Text: fmt.Sprintf("The binding %s of %s is to the class %s of %s, which has no such class: calls fail.", b.Name, p.Name, b.ClassName, b.ScriptName),
			Fix:  fmt.Sprintf("Export it from %s, with a migration that creates it.", b.ScriptName),
		}
		if near, _ := nearest(b.ClassName, names); near != "" {
			f.Fix = fmt.Sprintf("Did you mean %s?", near)
		}
		found = append(found, f)
	}
	return found
}
