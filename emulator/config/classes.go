package config

import (
	"fmt"
	"slices"
	"strings"
)

// declaredClass is a class that migrations or exports declare.
type declaredClass struct {
	name   string
	sqlite bool
	pos    Position
}

// replayMigrations returns the classes that exist after all migrations and
// exports. Inside one migration deletions come first, then renames, then new
// classes. Tags are not remembered: locally there is no earlier deployment.
//
// https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
func replayMigrations(env environment) ([]declaredClass, error) {
	var classes []declaredClass
	find := func(name string) int {
		return slices.IndexFunc(classes, func(c declaredClass) bool { return c.name == name })
	}
	impossible := func(at *value, kind, state, class string) error {
		return &Error{Text: fmt.Sprintf("Cannot apply %s migration to %s class %s", kind, state, class), Pos: placeOf(at)}
	}
	var migrations []*value
	if env["migrations"].is(arrayKind) {
		migrations = env["migrations"].items
	}
	for _, migration := range migrations {
		for _, deleted := range items(migration.get("deleted_classes")) {
			i := find(deleted.text)
			if i < 0 {
				return nil, impossible(deleted, "deleted_classes", "non-existent", deleted.text)
			}
			classes = slices.Delete(classes, i, i+1)
		}
		for _, renamed := range items(migration.get("renamed_classes")) {
			from, to := renamed.get("from").str(), renamed.get("to").str()
			i := find(from)
			if i < 0 {
				return nil, impossible(renamed, "renamed_classes", "non-existent", from)
			}
			moved := declaredClass{to, classes[i].sqlite, renamed.pos}
			classes = slices.Delete(classes, i, i+1)
			if j := find(to); j >= 0 {
				classes = slices.Delete(classes, j, j+1)
			}
			classes = append(classes, moved)
		}
		for _, kind := range []struct {
			field  string
			sqlite bool
		}{{"new_classes", false}, {"new_sqlite_classes", true}} {
			for _, added := range items(migration.get(kind.field)) {
				if find(added.text) >= 0 {
					return nil, impossible(added, kind.field, "existing", added.text)
				}
				classes = append(classes, declaredClass{added.text, kind.sqlite, added.pos})
			}
		}
	}
	if exports := env["exports"]; exports.is(objectKind) {
		for _, f := range exports.fields {
			if !liveExport(f.value) {
				continue
			}
			class := declaredClass{f.name, f.value.get("storage").str() == "sqlite", f.pos}
			if i := find(f.name); i >= 0 {
				classes[i] = class
			} else {
				classes = append(classes, class)
			}
		}
	}
	return classes, nil
}

func items(v *value) []*value {
	if !v.is(arrayKind) {
		return nil
	}
	return v.items
}

// resolveClasses fills in the bindings to Durable Objects and the classes.
func resolveClasses(p *Project, env environment) error {
	declared, err := replayMigrations(env)
	if err != nil {
		return err
	}
	for _, d := range declared {
		p.Declared = append(p.Declared, d.name)
	}
	class := func(name string) *Class {
		for i := range p.Classes {
			if p.Classes[i].Name == name {
				return &p.Classes[i]
			}
		}
		p.Classes = append(p.Classes, Class{Name: name, UniqueKey: p.Name + "-" + name})
		return &p.Classes[len(p.Classes)-1]
	}
	for _, b := range durableBindings(env) {
		binding := DurableObject{
			Name:        b.get("name").str(),
			ClassName:   b.get("class_name").str(),
			ScriptName:  b.get("script_name").str(),
			Environment: b.get("environment").str(),
		}
		if binding.ScriptName == p.Name {
			binding.ScriptName = ""
		}
		if binding.ScriptName == "" {
			c := class(binding.ClassName)
			c.Bindings = append(c.Bindings, binding.Name)
			c.Pos = b.pos
			binding.UniqueKey = c.UniqueKey
		} else {
			binding.UniqueKey = binding.ScriptName + "-" + binding.ClassName
		}
		p.DurableObjects = append(p.DurableObjects, binding)
	}
	for _, c := range declared {
		known := class(c.name)
		known.SQLite, known.Declared, known.Pos = c.sqlite, true, c.pos
	}
	for i := range p.DurableObjects {
		if b := &p.DurableObjects[i]; b.ScriptName == "" {
			b.SQLite = class(b.ClassName).SQLite
		}
	}
	return nil
}

// CheckExports reports the Durable Object classes that the project needs and
// the entry point does not export. exports are the names that it exports. The
// error is an *Error; for bound classes its text is wrangler's.
func CheckExports(p *Project, exports []string) error {
	entry := relative(p.WorkDir, p.Main)
	var bound, declared []string
	var pos Position
	for _, c := range p.Classes {
		if slices.Contains(exports, c.Name) {
			continue
		}
		if pos.Line == 0 {
			pos = c.Pos
		}
		if len(c.Bindings) > 0 {
			// wrangler names a class once for each of its bindings.
			for range c.Bindings {
				bound = append(bound, c.Name)
			}
		} else {
			declared = append(declared, c.Name)
		}
	}
	if len(bound) > 0 {
		return &Error{Text: fmt.Sprintf("Your Worker depends on the following Durable Objects, which are not exported in your entrypoint file: %s.\n"+
			"You should export these objects from your entrypoint, %s.", joinComma(bound), entry), Hint: at(pos)}
	}
	if len(declared) > 0 {
		return &Error{Text: fmt.Sprintf("Your migrations create the following Durable Objects, which are not exported in your entrypoint file: %[1]s.\n"+
			"You should export these objects from your entrypoint, %[2]s, or delete their classes with a migration: {\"tag\":\"…\",\"deleted_classes\":%[3]s}.",
			joinComma(declared), entry, quotedList(declared)), Hint: at(pos)}
	}
	return nil
}

func at(pos Position) string {
	if pos.Line == 0 {
		return ""
	}
	return strings.TrimSpace("Configured at " + pos.String())
}
