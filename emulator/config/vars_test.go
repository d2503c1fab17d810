package config

import (
	"slices"
	"strings"
	"testing"
)

func TestLoad_vars(t *testing.T) {
	t.Parallel()
	const base = `{"name": "w", "main": "x.js", "compatibility_date": "2026-01-01", "vars": {"A": "config", "J": {"n": [1, null]}}, "env": {"prod": {"vars": {"A": "prod", "J": 1}}}}`
	tests := []struct {
		name  string
		files map[string]string
		opts  Options
		want  []string // NAME=JSON, "!" after the name of a secret
		notes []string
	}{
		{"config only", nil, Options{}, []string{`A="config"`, `J={"n":[1,null]}`}, nil},
		{
			".dev.vars over config and .env", map[string]string{".dev.vars": "A=dev\nS=$x", ".env": "E=env"}, Options{},
			[]string{`A!="dev"`, `J={"n":[1,null]}`, `S!="$x"`}, []string{"Using secrets defined in .dev.vars"},
		},
		{
			".dev.vars of the environment, not merged", map[string]string{".dev.vars": "S=base", ".dev.vars.prod": "P=1"}, Options{Env: "prod"},
			[]string{`A="prod"`, `J=1`, `P!="1"`}, []string{"Using secrets defined in .dev.vars.prod"},
		},
		{
			".dev.vars where the environment has none", map[string]string{".dev.vars": "S=base"}, Options{Env: "prod"},
			[]string{`A="prod"`, `J=1`, `S!="base"`}, []string{"Using secrets defined in .dev.vars"},
		},
		{
			".env files in order", map[string]string{".env": "X=1\nY=1\nZ=1\nW=1", ".env.local": "Y=2\nZ=2\nW=2", ".env.prod": "Z=3\nW=3", ".env.prod.local": "W=4"}, Options{Env: "prod"},
			[]string{`A="prod"`, `J=1`, `X!="1"`, `Y!="2"`, `Z!="3"`, `W!="4"`},
			[]string{"Using secrets defined in .env", "Using secrets defined in .env.local", "Using secrets defined in .env.prod", "Using secrets defined in .env.prod.local"},
		},
		{
			".env switched off", map[string]string{".env": "X=1"}, Options{Environ: []string{"CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV=false"}},
			[]string{`A="config"`, `J={"n":[1,null]}`}, nil,
		},
		{
			"env files given", map[string]string{".dev.vars": "D=1", ".env": "E=1", "a.env": "X=a\nY=a", "b.env": "Y=b-$X"}, Options{EnvFiles: []string{"a.env", "b.env"}},
			[]string{`A="config"`, `J={"n":[1,null]}`, `X!="a"`, `Y!="b-a"`}, []string{"Using secrets defined in a.env", "Using secrets defined in b.env"},
		},
		{
			"process included", map[string]string{".env": "X=$HOST"}, Options{Environ: []string{"CLOUDFLARE_INCLUDE_PROCESS_ENV=true", "HOST=h"}},
			[]string{`A="config"`, `J={"n":[1,null]}`, `X!="h"`, `CLOUDFLARE_INCLUDE_PROCESS_ENV!="true"`, `HOST!="h"`},
			[]string{"Using secrets defined in .env", "Using secrets defined in process.env"},
		},
		{
			"command line over all", map[string]string{".dev.vars": "A=dev"}, Options{Vars: []string{"A:line:1", "N:new"}},
			[]string{`A="line:1"`, `J={"n":[1,null]}`, `N="new"`}, []string{"Using secrets defined in .dev.vars"},
		},
		{
			"environment of the process", nil, Options{Environ: []string{"CLOUDFLARE_ENV=prod"}}, []string{`A="prod"`, `J=1`}, nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.opts.WorkDir = files(t, test.files)
			write(t, test.opts.WorkDir, map[string]string{"wrangler.jsonc": base})
			test.opts.Now = today()
			p, d, err := Load(test.opts)
			if err != nil {
				t.Fatalf("Load: %v", err)
			}
			var got []string
			for _, v := range p.Vars {
				mark := "="
				if v.Kind == Secret {
					mark = "!="
				}
				got = append(got, v.Name+mark+string(v.Value))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("Vars = %q, want %q", got, test.want)
			}
			if !slices.Equal(d.Notes, test.notes) {
				t.Errorf("Notes = %q, want %q", d.Notes, test.notes)
			}
		})
	}
}

func TestLoad_requiredSecrets(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"wrangler.jsonc": `{"main": "x.js", "compatibility_date": "2026-01-01", "vars": {"A": "config"}, "secrets": {"required": ["S", "T"]}}`,
		".dev.vars":      "A=dev\nS=secret\nOTHER=left out",
	})
	p, d, err := Load(Options{WorkDir: dir, Now: today()})
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if len(p.Vars) != 2 || p.Vars[0].Text != "dev" || p.Vars[1].Text != "secret" || p.Vars[1].Kind != Secret {
		t.Errorf("Vars = %+v", p.Vars)
	}
	const want = "Missing required secrets: T. Add them to .dev.vars, .env, or set as environment variables."
	if texts := d.WarningTexts(); len(texts) != 1 || texts[0] != want {
		t.Errorf("warnings = %q, want %q", texts, want)
	}
}

func TestLoad_missingEnvFile(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"wrangler.jsonc": `{"main": "x.js", "compatibility_date": "2026-01-01"}`})
	_, d, err := Load(Options{WorkDir: dir, Now: today(), EnvFiles: []string{"gone.env"}})
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if texts := d.WarningTexts(); len(texts) != 1 || !strings.HasPrefix(texts[0], `The env file "gone.env" was not read: `) {
		t.Errorf("warnings = %q, want one about gone.env", texts)
	}
}
