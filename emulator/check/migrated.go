package check

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/mistake"
)

// checkMigrated finds classes that are bound and that no migration creates. A project without any migration gets
// wrangler's own warning when it is read.
func checkMigrated(p *config.Project) (found []Finding) {
	if len(p.Migrations) == 0 {
		return nil
	}
	var missing []string
	var first config.Position
	for _, c := range p.Classes {
		if c.Declared || len(c.Bindings) == 0 {
			continue
		}
		if missing == nil {
			first = c.Pos
		}
		missing = append(missing, c.Name)
	}
	if missing == nil {
		return nil
	}
	subject := fmt.Sprintf("The class %s is bound, but no migration creates it", missing[0])
	if len(missing) > 1 {
		subject = fmt.Sprintf("The classes %s are bound, but no migration creates them", strings.Join(missing, ", "))
	}
	return []Finding{{
		Severity: Warning, Mistake: mistake.NotMigrated, Pos: seen(p, first),
		Text: fmt.Sprintf("%s: Cloudflare refuses to deploy that. Without one, storage here is key-value storage.", subject),
		Fix:  fmt.Sprintf("Add to the migrations in %s:\n%s", configName(p), nextMigration(p, missing)),
	}}
}

var countedTag = regexp.MustCompile(`^(.*?)(\d+)$`)

// nextMigration is a migration that creates classes, in the language of the configuration.
func nextMigration(p *config.Project, classes []string) string {
	last := p.Migrations[len(p.Migrations)-1].Tag
	tag := last + "-next"
	if part := countedTag.FindStringSubmatch(last); part != nil {
		if n, err := strconv.Atoi(part[2]); err == nil {
			tag = part[1] + strconv.Itoa(n+1)
		}
	}
	names := quoted(classes)
	if filepath.Ext(p.ConfigPath) == ".toml" {
		return fmt.Sprintf("[[migrations]]\ntag = %q\nnew_sqlite_classes = [%s]", tag, names)
	}
	return fmt.Sprintf("{ \"tag\": %q, \"new_sqlite_classes\": [%s] }", tag, names)
}

func quoted(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, strconv.Quote(name))
	}
	return strings.Join(list, ", ")
}

// Migrations compares the migrations of a project with those that it had when its state was used last. Cloudflare
// applies each migration once, by its tag, and does not look at it again.
func Migrations(p *config.Project, recorded []config.Migration) []Finding {
	same := 0
	for same < len(recorded) && same < len(p.Migrations) && equal(recorded[same], p.Migrations[same]) {
		same++
	}
	switch {
	case recorded == nil || same == len(recorded) && same == len(p.Migrations):
		return nil
	case same == len(recorded):
		var tags []string
		for _, m := range p.Migrations[same:] {
			tags = append(tags, strconv.Quote(m.Tag))
		}
		return []Finding{{
			Severity: Note, Mistake: mistake.MigrationsChanged, Pos: config.Position{File: configName(p)},
			Text: fmt.Sprintf("The migrations are longer than when this state was used last, by %s. A version with a new migration cannot be rolled out gradually.", strings.Join(tags, ", ")),
			Fix:  "Deploy it with wrangler deploy, which puts it in place at once; code that old and new versions share can follow in gradual deployments.",
		}}
	}
	was := recorded[same]
	what := fmt.Sprintf("The migration %q is not what it was when this state was used last", was.Tag)
	if !slices.ContainsFunc(p.Migrations, func(m config.Migration) bool { return m.Tag == was.Tag }) {
		what = fmt.Sprintf("The migration %q, which there was when this state was used last, is gone", was.Tag)
	}
	return []Finding{{
		Severity: Warning, Mistake: mistake.MigrationsChanged, Pos: config.Position{File: configName(p)},
		Text: what + ". Cloudflare applies each migration once and then goes by its tag: where this one is deployed, the change has no effect.",
		Fix:  fmt.Sprintf("Leave it as it was, %s, and add one with a new tag. If it was never deployed, all is well.", compact(was)),
	}}
}

func equal(a, b config.Migration) bool { return compact(a) == compact(b) }

// compact is a migration as it stands in a configuration.
func compact(m config.Migration) string {
	type rename struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	type transfer struct {
		From       string `json:"from"`
		FromScript string `json:"from_script"`
		To         string `json:"to"`
	}
	view := struct {
		Tag         string     `json:"tag"`
		New         []string   `json:"new_classes,omitempty"`
		NewSQLite   []string   `json:"new_sqlite_classes,omitempty"`
		Renamed     []rename   `json:"renamed_classes,omitempty"`
		Deleted     []string   `json:"deleted_classes,omitempty"`
		Transferred []transfer `json:"transferred_classes,omitempty"`
	}{Tag: m.Tag, New: m.NewClasses, NewSQLite: m.NewSQLiteClasses, Deleted: m.DeletedClasses}
	for _, r := range m.RenamedClasses {
		view.Renamed = append(view.Renamed, rename(r))
	}
	for _, t := range m.TransferredClasses {
		view.Transferred = append(view.Transferred, transfer(t))
	}
	text, err := json.Marshal(view)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(text)
}
