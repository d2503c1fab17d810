package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
)

// Findings are what the checks have to say of the Workers as they serve now, and of them together.
func (e *Emulator) Findings() []check.Finding {
	var found []check.Finding
	var projects []*config.Project
	for _, s := range e.services {
		found = append(found, s.Findings()...)
		projects = append(projects, s.running())
	}
	return append(found, check.Together(projects)...)
}

// Findings are what the checks have to say of the code that serves now.
func (s *Service) Findings() []check.Finding {
	g := s.current.Load()
	if g == nil {
		return nil
	}
	source, err := g.source()
	if err != nil {
		s.emulator.options.Log.Debug("the source is not checked: the parser of the checks does not understand it", "worker", g.project.Name, "err", err)
	}
	return append(g.migrated[:len(g.migrated):len(g.migrated)], check.Project(g.project, source)...)
}

// constructorOf is the place of a class's constructor, or "" if that is not plain to see.
func (g *Generation) constructorOf(class string) string {
	source, err := g.source()
	if err != nil || source == nil {
		return ""
	}
	pos, ok := source.Constructor(class)
	if !ok {
		return ""
	}
	return pos.String()
}

// migrationsName is the file in a state directory that has the migrations with which the state was used last, by the
// names of the Workers.
const migrationsName = "doemu-migrations.json"

// RecordedMigrations are the migrations with which a state directory was used last, by the names of the Workers.
// There are none if it never was.
func RecordedMigrations(stateDir string) (map[string][]config.Migration, error) {
	file := filepath.Join(stateDir, migrationsName)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the migrations of the state: %w", err)
	}
	var recorded map[string][]config.Migration
	if err := json.Unmarshal(text, &recorded); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return recorded, nil
}

// recordMigrations compares a project's migrations with those of the state, and puts them in their place: each change
// is told once.
func (e *Emulator) recordMigrations(p *config.Project) ([]check.Finding, error) {
	if e.stateDir == "" {
		return nil, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	dir := filepath.Dir(e.stateDir)
	recorded, err := RecordedMigrations(dir)
	if err != nil {
		return nil, err
	}
	found := check.Migrations(p, recorded[p.Name])
	if was, known := recorded[p.Name]; known && found == nil && len(was) == len(p.Migrations) {
		return nil, nil
	}
	if recorded == nil {
		recorded = map[string][]config.Migration{}
	}
	recorded[p.Name] = append([]config.Migration{}, p.Migrations...)
	text, err := json.MarshalIndent(recorded, "", "  ")
	if err != nil {
		return nil, err
	}
	half := filepath.Join(dir, migrationsName+".new")
	if err := errors.Join(os.WriteFile(half, append(text, '\n'), 0o666), os.Rename(half, filepath.Join(dir, migrationsName))); err != nil {
		return nil, fmt.Errorf("record the migrations of the state: %w", err)
	}
	return found, nil
}
