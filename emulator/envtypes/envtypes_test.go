package envtypes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/envtypes"
)

// What wrangler writes is in testdata/golden; testdata/generate.sh has asked it.
func TestGenerate(t *testing.T) {
	t.Parallel()
	type project struct {
		dir     string
		options envtypes.Options
		configs []string
		env     string
	}
	projects := map[string]project{
		"everything":         {dir: "everything"},
		"everything-staging": {dir: "everything", env: "staging"},
		"everything-loose":   {dir: "everything", options: envtypes.Options{Interface: "MyEnv", Loose: true, NoMainModule: true}},
		"pair":               {dir: "pair", configs: []string{"wrangler.jsonc", "back.jsonc"}},
		"pair-alone":         {dir: "pair", options: envtypes.Options{Loose: true}},
		"old":                {dir: "old"},
	}
	for name, p := range projects {
		p.dir = filepath.Join("testdata", "projects", p.dir)
		projects[name] = p
	}
	fixtures, err := filepath.Glob("../../fixtures/*/wrangler.jsonc")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("got no fixtures, %v", err)
	}
	for _, path := range fixtures {
		projects["fixture-"+filepath.Base(filepath.Dir(path))] = project{dir: filepath.Dir(path)}
	}
	for name, p := range projects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden, err := os.ReadFile(filepath.Join("testdata", "golden", name+".d.ts"))
			if err != nil {
				t.Fatalf("%v: testdata/generate.sh makes it", err)
			}
			dir, err := filepath.Abs(p.dir)
			if err != nil {
				t.Fatal(err)
			}
			o := p.options
			o.Output = filepath.Join(dir, "golden.d.ts")
			if o.Interface == "" {
				o.Interface = "Env"
			}
			for _, file := range append(p.configs, "")[:max(1, len(p.configs))] {
				o.Workers = append(o.Workers, config.Options{WorkDir: dir, ConfigPath: file, Env: p.env, Now: time.Now()})
			}
			d, err := envtypes.Generate(o)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := d.Text, strings.TrimPrefix(strings.TrimSuffix(string(golden), "\n"), "/* eslint-disable */\n"); got != want {
				t.Errorf("got\n%s\nwant what wrangler writes\n%s", got, want)
			}
		})
	}
}
