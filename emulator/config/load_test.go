package config

import (
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const everythingJSONC = `{
	"name": "app", // a comment
	"main": "src/index.ts",
	"compatibility_date": "2026-01-01",
	"compatibility_flags": ["nodejs_compat"],
	"vars": { "TEXT": "t", "LIST": [1, 2.5, true] },
	"durable_objects": { "bindings": [
		{ "name": "ROOM", "class_name": "Room" },
		{ "name": "FAR", "class_name": "Far", "script_name": "other" },
		{ "name": "SELF", "class_name": "Room", "script_name": "app" },
	] },
	"migrations": [
		{ "tag": "v1", "new_classes": ["Old"], "new_sqlite_classes": ["Room", "Gone"] },
		{ "tag": "v2", "renamed_classes": [{ "from": "Old", "to": "Hidden" }], "deleted_classes": ["Gone"] },
	],
	"services": [{ "binding": "SVC", "service": "other", "entrypoint": "Api", "props": { "a": 1 } }],
	"kv_namespaces": [{ "binding": "KV", "id": "1" }],
	"queues": { "producers": [{ "binding": "Q", "queue": "q" }], "consumers": [{ "queue": "q" }] },
	"ai": { "binding": "AI" },
	"version_metadata": { "binding": "VERSION" },
	"assets": { "directory": "./public", "binding": "ASSETS", "run_worker_first": ["/api/*"] },
	"rules": [{ "type": "Text", "globs": ["**/*.md"], "fallthrough": true }],
	"alias": { "a": "./b" },
	"define": { "X": "1" },
	"triggers": { "crons": ["* * * * *"] },
	"routes": ["example.com/*", { "pattern": "api.example.com", "custom_domain": true }],
	"limits": { "cpu_ms": 50 },
	"dev": { "port": 9000, "ip": "0.0.0.0" },
	"build": { "command": "make", "cwd": "tools", "watch_dir": ["src", "lib"] },
	"tsconfig": "tsconfig.app.json",
	"base_dir": "src",
	"find_additional_modules": true,
	"keep_names": false,
}`

const everythingTOML = `
name = "app" # a comment
main = "src/index.ts"
compatibility_date = "2026-01-01"
compatibility_flags = ["nodejs_compat"]
rules = [{ type = "Text", globs = ["**/*.md"], fallthrough = true }]
routes = ["example.com/*", { pattern = "api.example.com", custom_domain = true }]
tsconfig = "tsconfig.app.json"
base_dir = "src"
find_additional_modules = true
keep_names = false
vars.TEXT = "t"
vars.LIST = [1, 2.5, true]

[[durable_objects.bindings]]
name = "ROOM"
class_name = "Room"
[[durable_objects.bindings]]
name = "FAR"
class_name = "Far"
script_name = "other"
[[durable_objects.bindings]]
name = "SELF"
class_name = "Room"
script_name = "app"

[[migrations]]
tag = "v1"
new_classes = ["Old"]
new_sqlite_classes = ["Room", "Gone"]
[[migrations]]
tag = "v2"
renamed_classes = [{ from = "Old", to = "Hidden" }]
deleted_classes = ["Gone"]

[[services]]
binding = "SVC"
service = "other"
entrypoint = "Api"
props = { a = 1 }

[[kv_namespaces]]
binding = "KV"
id = "1"

[[queues.producers]]
binding = "Q"
queue = "q"
[[queues.consumers]]
queue = "q"

[ai]
binding = "AI"
[version_metadata]
binding = "VERSION"
[assets]
directory = "./public"
binding = "ASSETS"
run_worker_first = ["/api/*"]
[alias]
a = "./b"
[define]
X = "1"
[triggers]
crons = ["* * * * *"]
[limits]
cpu_ms = 50
[dev]
port = 9000
ip = "0.0.0.0"
[build]
command = "make"
cwd = "tools"
watch_dir = ["src", "lib"]
`

func TestLoad_everything(t *testing.T) {
	t.Parallel()
	yes := true
	for _, file := range []struct{ name, text string }{{"wrangler.jsonc", everythingJSONC}, {"wrangler.json", everythingJSONC}, {"wrangler.toml", everythingTOML}} {
		t.Run(file.name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, map[string]string{file.name: file.text})
			p, d, err := Load(Options{WorkDir: dir, Now: today(), Environ: []string{"PATH=/bin"}})
			if err != nil {
				t.Fatalf("Load: %v", err)
			}
			if texts := d.WarningTexts(); len(texts) > 0 {
				t.Errorf("warnings = %q", texts)
			}
			in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
			for i := range p.Classes {
				p.Classes[i].Pos = Position{}
			}
			for i := range p.Unsupported {
				p.Unsupported[i].Pos = Position{}
			}
			for i := range p.Unserved {
				p.Unserved[i].Pos = Position{}
			}
			p.Assets.Pos = Position{}
			flags := p.Flags
			p.Flags = Flags{}
			want := &Project{
				Name: "app", ConfigPath: in(file.name), UserConfigPath: in(file.name), Dir: dir, Root: dir, WorkDir: dir,
				StateDir: in(".wrangler/state"), Main: in("src/index.ts"), BaseDir: in("src"),
				CompatibilityDate: "2026-01-01", CompatibilityFlags: []string{"nodejs_compat"},
				Vars: []Var{{"TEXT", PlainText, "t", []byte(`"t"`)}, {"LIST", JSON, "", []byte(`[1,2.5,true]`)}},
				DurableObjects: []DurableObject{
					{Name: "ROOM", ClassName: "Room", UniqueKey: "app-Room", SQLite: true},
					{Name: "FAR", ClassName: "Far", ScriptName: "other", UniqueKey: "other-Far"},
					{Name: "SELF", ClassName: "Room", UniqueKey: "app-Room", SQLite: true},
				},
				Classes: []Class{
					{Name: "Room", UniqueKey: "app-Room", SQLite: true, Declared: true, Bindings: []string{"ROOM", "SELF"}},
					{Name: "Hidden", UniqueKey: "app-Hidden", Declared: true},
				},
				Declared: []string{"Room", "Hidden"},
				Migrations: []Migration{
					{Tag: "v1", NewClasses: []string{"Old"}, NewSQLiteClasses: []string{"Room", "Gone"}},
					{Tag: "v2", RenamedClasses: []Rename{{"Old", "Hidden"}}, DeletedClasses: []string{"Gone"}},
				},
				Services:        []Service{{Name: "SVC", Service: "other", Entrypoint: "Api", Props: []byte(`{"a":1}`)}},
				Assets:          &Assets{Directory: in("public"), Binding: "ASSETS", HTMLHandling: "auto-trailing-slash", NotFoundHandling: "none", RunWorkerFirstRules: []string{"/api/*"}},
				VersionMetadata: "VERSION",
				Unsupported:     []Binding{{Kind: "kv_namespaces", Noun: "KV Namespace", Name: "KV"}, {Kind: "queues", Noun: "Queue", Name: "Q"}, {Kind: "ai", Noun: "AI", Name: "AI"}},
				Unserved:        []Binding{{Kind: "queues.consumers", Noun: "Queue Consumer", Name: "q"}},
				Crons:           []string{"* * * * *"},
				Routes:          []Route{{Pattern: "example.com/*"}, {Pattern: "api.example.com", CustomDomain: true}},
				Limits:          Limits{CPUMillis: 50},
				Dev:             Dev{IP: "0.0.0.0", Port: 9000, InspectorIP: "127.0.0.1", LocalProtocol: "http", UpstreamProtocol: "http"},
				Bundle: Bundle{
					FindAdditionalModules: true, Rules: []Rule{{Type: Text, Globs: []string{"**/*.md"}, Fallthrough: &yes}},
					Alias: map[string]string{"a": "./b"}, Define: map[string]string{"X": "1"}, TSConfig: in("tsconfig.app.json"),
					JSXFactory: "React.createElement", JSXFragment: "React.Fragment", NodeEnv: "development",
					TextBlobs: map[string]string{}, DataBlobs: map[string]string{}, WasmModules: map[string]string{},
				},
				Build: Build{Command: "make", Dir: in("tools"), WatchDirs: []string{in("src"), in("lib")}, Environ: []string{"PATH=/bin", "WRANGLER_COMMAND=dev"}},
				Files: p.Files,
			}
			if !reflect.DeepEqual(p, want) {
				t.Errorf("Project =\n%+v\nwant\n%+v", p, want)
			}
			if !flags.Enabled("nodejs_compat_v2") || flags.Enabled("temporal") {
				t.Errorf("Flags = %q", flags.All())
			}
			for _, name := range []string{file.name, ".dev.vars", ".env", ".env.local", ".wrangler/deploy/config.json"} {
				if !slices.Contains(p.Files, in(name)) {
					t.Errorf("Files = %q lack %s", p.Files, name)
				}
			}
		})
	}
}

func TestLoad_discovery(t *testing.T) {
	t.Parallel()
	config := func(name string) string {
		return `{"name": "` + name + `", "main": "index.js", "compatibility_date": "2026-01-01"}`
	}
	tests := []struct {
		name  string
		files map[string]string
		opts  Options
		want  string // the name of the project and its entry point, or the error
	}{
		{"nearest above", map[string]string{"wrangler.toml": "name='top'\nmain='x.js'\ncompatibility_date='2026-01-01'", "a/b/c.txt": ""}, Options{Path: "a/b"}, "top x.js"},
		{"json before jsonc before toml", map[string]string{"wrangler.json": config("json"), "wrangler.jsonc": config("jsonc"), "wrangler.toml": ""}, Options{}, "json index.js"},
		{"kind before distance", map[string]string{"wrangler.json": config("far"), "a/wrangler.jsonc": config("near")}, Options{Path: "a"}, "far index.js"},
		{"given file", map[string]string{"wrangler.json": config("x"), "conf/other.json": config("other")}, Options{ConfigPath: "conf/other.json"}, "other conf/index.js"},
		{"file as path", map[string]string{"conf/wrangler.toml": "name='c'\nmain='x.js'\ncompatibility_date='2026-01-01'"}, Options{Path: "conf/wrangler.toml"}, "c conf/x.js"},
		{"script", map[string]string{"wrangler.json": config("x"), "src/s.ts": ""}, Options{Path: "src/s.ts"}, "x src/s.ts"},
		{"script without a file", map[string]string{"src/s.ts": ""}, Options{Path: "src/s.ts"}, "worker src/s.ts"},
		{"environment renames", map[string]string{"wrangler.json": `{"name": "x", "main": "i.js", "compatibility_date": "2026-01-01", "env": {"a": {}, "b": {"name": "own"}}}`}, Options{Env: "a"}, "x-a i.js"},
		{"environment has a name", map[string]string{"wrangler.json": `{"name": "x", "main": "i.js", "compatibility_date": "2026-01-01", "env": {"a": {}, "b": {"name": "own"}}}`}, Options{Env: "b"}, "own i.js"},
		{"name given", map[string]string{"wrangler.json": config("x")}, Options{Name: "y"}, "y index.js"},
		{
			"redirect", map[string]string{"wrangler.json": config("user"), ".wrangler/deploy/config.json": `{"configPath": "../../dist/wrangler.json"}`, "dist/wrangler.json": config("made")},
			Options{}, "made dist/index.js",
		},
		{
			"redirect to nothing", map[string]string{"wrangler.json": config("user"), ".wrangler/deploy/config.json": `{"configPath": "../../dist/wrangler.json"}`},
			Options{}, "There is a deploy configuration at \".wrangler/deploy/config.json\".\nBut the redirected configuration path it points to, \"dist/wrangler.json\", does not exist.",
		},
		{
			"redirect without path", map[string]string{"wrangler.json": config("user"), ".wrangler/deploy/config.json": `{}`},
			Options{}, "the required \"configPath\" property was not found",
		},
		{
			"redirect beside another file", map[string]string{"wrangler.json": config("user"), "a/.wrangler/deploy/config.json": `{"configPath": "x.json"}`, "a/.wrangler/deploy/x.json": config("made")},
			Options{Path: "a"}, "But these do not share the same base path so it is not clear which should be used.",
		},
		{"no such path", nil, Options{Path: "gone.ts"}, "The entry-point file at \"gone.ts\" was not found."},
		{"no such file", nil, Options{ConfigPath: "gone.json"}, "Could not read file: gone.json"},
		{"nothing to run", map[string]string{"wrangler.json": `{"compatibility_date": "2026-01-01"}`}, Options{}, "Missing entry-point to Worker script or to assets directory\n"},
		{"python", map[string]string{"wrangler.json": `{"main": "x.py", "compatibility_date": "2026-01-01"}`}, Options{}, "The Worker is written in Python"},
		{"UTF-16", map[string]string{"wrangler.json": "\xff\xfe{\x00}\x00"}, Options{}, "Configuration file contains UTF-16 LE byte order marker"},
		{"UTF-8 mark", map[string]string{"wrangler.json": "\ufeff" + config("x")}, Options{}, "x index.js"},
		{"assets without a directory", map[string]string{"wrangler.json": `{"main": "i.js", "compatibility_date": "2026-01-01", "assets": {"binding": "ASSETS"}}`}, Options{}, "worker i.js"},
		{
			"legacy_env where a tool wrote it", map[string]string{
				"wrangler.json": config("user"), ".wrangler/deploy/config.json": `{"configPath": "../../dist/wrangler.json"}`,
				"dist/wrangler.json": `{"name": "made", "main": "index.js", "compatibility_date": "2026-01-01", "legacy_env": true}`,
			},
			Options{}, "made dist/index.js",
		},
		{"legacy_env where a person wrote it", map[string]string{"wrangler.json": `{"main": "i.js", "legacy_env": true}`}, Options{}, "The \"legacy_env\" field is no longer supported"},
		{"assets given", map[string]string{"wrangler.json": `{"name": "a", "compatibility_date": "2026-01-01"}`}, Options{AssetsDir: "dist"}, "a "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.opts.WorkDir = files(t, test.files)
			test.opts.Now = today()
			p, _, err := Load(test.opts)
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("Load: %v, want %s", err, test.want)
				}
				return
			}
			main := ""
			if p.Main != "" {
				main = relative(p.WorkDir, p.Main)
			}
			if got := p.Name + " " + main; got != test.want {
				t.Errorf("loaded %s, want %s", got, test.want)
			}
		})
	}
}

func TestLoad_refused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"future date", `{"main": "x.js", "compatibility_date": "2026-08-02"}`, `Compatibility date "2026-08-02" is in the future and unsupported`},
		{"unknown flag", `{"main": "x.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["nope"]}`, "No such compatibility flag: nope"},
		{"flag twice", `{"main": "x.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_als", "nodejs_als"]}`, "Compatibility flag specified multiple times: nodejs_als"},
		{"flags that contradict", `{"main": "x.js", "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat", "no_nodejs_compat"]}`, "Compatibility flags are mutually contradictory: nodejs_compat vs no_nodejs_compat"},
		{"deleted class unknown", `{"main": "x.js", "compatibility_date": "2026-01-01", "migrations": [{"tag": "1", "deleted_classes": ["X"]}]}`, "Cannot apply deleted_classes migration to non-existent class X"},
		{"renamed class unknown", `{"main": "x.js", "compatibility_date": "2026-01-01", "migrations": [{"tag": "1", "renamed_classes": [{"from": "X", "to": "Y"}]}]}`, "Cannot apply renamed_classes migration to non-existent class X"},
		{"new class known", `{"main": "x.js", "compatibility_date": "2026-01-01", "migrations": [{"tag": "1", "new_classes": ["X", "X"]}]}`, "Cannot apply new_classes migration to existing class X"},
		{"new SQLite class known", `{"main": "x.js", "compatibility_date": "2026-01-01", "migrations": [{"tag": "1", "new_classes": ["X"], "new_sqlite_classes": ["X"]}]}`, "Cannot apply new_sqlite_classes migration to existing class X"},
		{"not an object", `[]`, "Expected the configuration to be an object but got []."},
		{"deep", strings.Repeat("[", 20000), "CloseBracketExpected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := files(t, map[string]string{"wrangler.jsonc": test.text})
			_, _, err := Load(Options{WorkDir: dir, Now: today()})
			var user *Error
			if !errors.As(err, &user) || !strings.Contains(user.Text, test.want) {
				t.Fatalf("Load: %v, want %s", err, test.want)
			}
			if user.Pos.Line != 1 || user.LineText == "" {
				t.Errorf("error stands at %v with the line %q, want a place", user.Pos, user.LineText)
			}
		})
	}
}

func TestLoad_defaultDate(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"wrangler.toml": "main = 'x.js'"})
	p, d, err := Load(Options{WorkDir: dir, Now: today()})
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if p.CompatibilityDate != "2026-08-01" {
		t.Errorf("CompatibilityDate = %s, want today, which is before the latest known", p.CompatibilityDate)
	}
	texts := d.WarningTexts()
	if len(texts) != 1 || !strings.Contains(texts[0], `❯❯ Add one to your wrangler.toml file: compatibility_date = "2026-08-01", or`) {
		t.Errorf("warnings = %q", texts)
	}
}

func TestCheckExports(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"wrangler.json": `{"main": "src/index.ts", "compatibility_date": "2026-01-01",
		"durable_objects": {"bindings": [{"name": "ROOM", "class_name": "Room"}, {"name": "FAR", "class_name": "Far", "script_name": "other"}]},
		"migrations": [{"tag": "v1", "new_sqlite_classes": ["Room", "Hidden"]}]}`})
	p, _, err := Load(Options{WorkDir: dir, Now: today()})
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	tests := []struct {
		exports []string
		want    string
	}{
		{[]string{"Room", "Hidden", "default"}, ""},
		{[]string{"default"}, "Your Worker depends on the following Durable Objects, which are not exported in your entrypoint file: Room.\nYou should export these objects from your entrypoint, src/index.ts."},
		{[]string{"Room"}, "Your migrations create the following Durable Objects, which are not exported in your entrypoint file: Hidden.\n"},
	}
	for _, test := range tests {
		got := ""
		var user *Error
		if err := CheckExports(p, test.exports); errors.As(err, &user) {
			got = user.Text
		}
		if (got == "") != (test.want == "") || !strings.HasPrefix(got, test.want) {
			t.Errorf("CheckExports(%q) = %q, want %q", test.exports, got, test.want)
		}
	}
}

func TestCompatFlags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		date  string
		flags []string
		flag  string
		want  bool
	}{
		{"2021-11-02", nil, "formdata_parser_supports_files", false},
		{"2021-11-03", nil, "formdata_parser_supports_files", true},
		{"2021-11-03", []string{"formdata_parser_converts_files_to_strings"}, "formdata_parser_supports_files", false},
		{"2021-01-01", []string{"formdata_parser_supports_files"}, "formdata_parser_supports_files", true},
		{"2024-09-22", []string{"nodejs_compat"}, "nodejs_compat_v2", false},
		{"2024-09-23", []string{"nodejs_compat"}, "nodejs_compat_v2", true},
		{"2024-09-23", []string{"nodejs_compat", "no_nodejs_compat_v2"}, "nodejs_compat_v2", false},
		{"2026-08-03", nil, "nodejs_compat", false},
		{"2026-08-04", nil, "nodejs_compat", true},
		{"2026-08-04", nil, "nodejs_compat_v2", true},
	}
	for _, test := range tests {
		flags, wrong := CompatFlags(test.date, test.flags)
		if len(wrong) > 0 {
			t.Errorf("CompatFlags(%s, %q): %q", test.date, test.flags, wrong)
		}
		if got := flags.Enabled(test.flag); got != test.want || slices.Contains(flags.All(), test.flag) != test.want {
			t.Errorf("CompatFlags(%s, %q): %s = %v, want %v", test.date, test.flags, test.flag, got, test.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(everythingJSONC, false, "")
	f.Add(everythingTOML, true, "a")
	f.Add(`{"env": {"a": {"vars": null}}, "queues": {"consumers": [null]}, "assets": []}`, false, "a")
	f.Add("[[migrations]]\n[env.a]\nvars.x=1\n", true, "a")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, isTOML bool, env string) {
		name := "wrangler.jsonc"
		if isTOML {
			name = "wrangler.toml"
		}
		l := &loader{Options: Options{WorkDir: dir, Env: env, Now: today()}, process: map[string]string{}, leaf: dir}
		l.configPath = filepath.Join(dir, name)
		l.userConfigPath = l.configPath
		l.src = newSource(name, []byte(text))
		d := &Diagnostics{}
		raw, err := parseFile(l.src)
		var p *Project
		if err == nil {
			p, err = l.resolve(d, raw)
			err = l.quote(err)
		}
		var user *Error
		switch {
		case errors.As(err, &user):
			user.Render(false)
		case err != nil:
			t.Errorf("error is not for the user: %v", err)
		case p == nil || p.Name == "":
			t.Errorf("no project and no error")
		}
		d.WarningTexts()
	})
}
