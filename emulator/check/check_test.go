package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
)

const settings = `{
  "name": "shop", "main": "index.ts", "compatibility_date": "2026-03-01",
  "vars": { "GREETING": "hello" },
  "services": [{ "binding": "MAIL", "service": "mail" }],
  "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }, { "name": "OLD", "class_name": "Old" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"], "new_classes": ["Old"] }]
}`

// load reads and bundles a project of some files.
func load(t *testing.T, files map[string]string) (*config.Project, *bundle.Bundle) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, _, err := config.Load(config.Options{WorkDir: dir, Path: dir, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	builder := bundle.NewBuilder(p, bundle.Options{})
	t.Cleanup(builder.Close)
	b, err := builder.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p, b
}

// inCode checks a Worker whose classes Room and Old have the given members, and whose fetch handler the given body.
func inCode(t *testing.T, room, old, fetch, more string) (found []string) {
	t.Helper()
	source := `import { DurableObject, WorkerEntrypoint, env as globalEnv } from "cloudflare:workers";
export class Room extends DurableObject<Env> { ` + room + ` }
export class Old extends DurableObject<Env> { ` + old + ` }
export default { async fetch(request: Request, env: Env, ctx: any): Promise<any> { ` + fetch + ` } };
type Env = any;
` + more
	p, b := load(t, map[string]string{"wrangler.jsonc": settings, "index.ts": source})
	for _, f := range findings(t, p, b) {
		found = append(found, f.Mistake.Code()+" "+f.Pos.String()+" "+f.Text)
	}
	return found
}

func findings(t *testing.T, p *config.Project, b *bundle.Bundle) []check.Finding {
	t.Helper()
	source, err := check.Parse(p, b)
	if err != nil {
		t.Fatal(err)
	}
	return check.Project(p, source)
}

// What is wrong is found, in its place.
func TestProject_finds(t *testing.T) {
	t.Parallel()
	const undefined = " is undefined: the configuration has no binding and no variable of this name."
	for _, test := range []struct{ name, room, old, fetch, more, want string }{
		{"a member of env", "", "", "return env.ROM.getByName('a')", "", "unknown-binding index.ts:4:95 env.ROM" + undefined},
		{"by its string", "", "", "return env['ROM'].getByName('a')", "", "unknown-binding index.ts:4:95 env.ROM" + undefined},
		{"in parentheses", "", "", "return (env.ROM as any).getByName('a')", "", "unknown-binding index.ts:4:96 env.ROM" + undefined},
		{"of this", "go() { return this.env.CACHE.get('a') }", "", "", "", "unknown-binding index.ts:2:71 env.CACHE" + undefined},
		{"in a constructor", "constructor(ctx: any, e: Env) { super(ctx, e); e.CACHE.get('a') }", "", "", "", "unknown-binding index.ts:2:97 env.CACHE" + undefined},
		{"of the module", "", "", "return globalEnv.CACHE.get('a')", "", "unknown-binding index.ts:4:101 env.CACHE" + undefined},
		{"a slip that is handed on", "", "", "const room = env.ROOMS; return room.getByName('a')", "", "unknown-binding index.ts:4:101 env.ROOMS" + undefined},
		{"taken apart", "", "", "const { ROOMS } = env; return ROOMS.getByName('a')", "", "unknown-binding index.ts:4:92 env.ROOMS" + undefined},
		{"of an entrypoint", "", "", "", "export class Door extends WorkerEntrypoint<Env> { go() { return this.env.CACHE.get('a') } }", "unknown-binding index.ts:6:74 env.CACHE" + undefined},
		{"of a function handler", "", "", "", "export const other = { scheduled: (c: any, env: Env) => env.CACHE.get('a') }", "unknown-binding index.ts:6:61 env.CACHE" + undefined},
		{"SQL", "", "all() { return this.ctx.storage.sql.exec('SELECT 1').toArray() }", "", "",
			"sql-disabled index.ts:3:79 Old uses SQL, but its storage is not SQLite: storage.sql throws."},
		{"no super", "constructor(ctx: any, env: Env) { console.log(ctx, env) }", "", "", "",
			"super-call index.ts:2:48 The constructor of Room does not call super(ctx, env): no object of it can start."},
		{"an empty super", "constructor(ctx: any, env: Env) { super() }", "", "", "",
			"super-call index.ts:2:82 The constructor of Room does not give ctx and env to super(): no object of it can start."},
		{"this before super", "n = 0; constructor(ctx: any, env: Env) { this.n = 1; super(ctx, env) }", "", "", "",
			"super-call index.ts:2:89 The constructor of Room uses this before it calls super(ctx, env): no object of it can start."},
		{"a call of a stub", "", "", "env.ROOM.getByName('a').enter()", "",
			"floating-call index.ts:4:108 Nobody waits for the call of enter(): its errors are lost, and it may be broken off when the event ends."},
		{"a call of a constant stub", "", "", "const room = env.ROOM.get(env.ROOM.idFromName('a')); room.enter()", "",
			"floating-call index.ts:4:142 Nobody waits for the call of enter(): its errors are lost, and it may be broken off when the event ends."},
		{"a call of a service", "", "", "env.MAIL.send('a')", "",
			"floating-call index.ts:4:93 Nobody waits for the call of send(): its errors are lost, and it may be broken off when the event ends."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := inCode(t, test.room, test.old, test.fetch, test.more); !slices.Equal(got, []string{test.want}) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), test.want)
			}
		})
	}
}

// What is sound, or may be, is passed over.
func TestProject_silence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, room, old, fetch, more string }{
		{"what is there", "", "", "return [env.ROOM.getByName('a'), env.GREETING.length, env.OLD, await env.MAIL.send(1)]", ""},
		{"an option", "", "", "if (env.CACHE) env.CACHE.get('a'); return env.CACHE?.b", ""},
		{"an option in an expression", "", "", "return env.CACHE && env.CACHE.get('a')", ""},
		{"a default", "", "", "const ROOMS = env.ROOMS ?? env.ROOM; return ROOMS.getByName('a')", ""},
		{"a default of a pattern", "", "", "const { ROOMS = env.ROOM } = env; return ROOMS.getByName('a')", ""},
		{"a question by name", "", "", "if ('CACHE' in env) return env.CACHE.get('a')", ""},
		{"a plain read of what has no like", "", "", "return env.DEBUG", ""},
		{"a comparison", "", "", "return env.ROOMS === 'yes'", ""},
		{"another env", "", "", "const own: any = {}; return own.CACHE.get('a')", ""},
		{"env that is replaced", "", "", "env = { ...env, CACHE: new Map() }; return env.CACHE.get('a')", ""},
		{"a member that is set", "", "", "env.CACHE = new Map(); return env.CACHE.get('a')", ""},
		{"an env of its own in a class", "constructor(ctx: any, env: Env) { super(ctx, env); this.env = { CACHE: new Map() } } go() { return this.env.CACHE.get('a') }", "", "", ""},
		{"this of a function", "go() { return [1].map(function (this: any) { return this.env.CACHE.get('a') }, {}) }", "", "", ""},
		{"another class", "", "", "", "class Plain { env: any = {}; go() { return this.env.CACHE.get('a') } }; new Plain();"},
		{"a helper's parameter", "", "", "return help({})", "function help(env: any) { return env.CACHE?.get('a') ?? env.OTHER }"},
		{"SQL where it is", "all() { return this.ctx.storage.sql.exec('SELECT 1').toArray() }", "", "", ""},
		{"a question for SQL", "", "all() { return this.ctx.storage.sql ? this.ctx.storage.sql.exec('SELECT 1') : 0 }", "", ""},
		{"another sql", "", "all(storage: any) { return storage.query.sql }", "", ""},
		{"super with a spread", "constructor(...args: [any, any]) { super(...args) }", "", "", ""},
		{"super in a condition", "constructor(ctx: any, env: Env) { if (ctx) super(ctx, env); else super(ctx, env) }", "", "", ""},
		{"work before super", "constructor(ctx: any, env: Env) { const name = ctx.id.name; super(ctx, env); console.log(this, name) }", "", "", ""},
		{"this in a function before super", "constructor(ctx: any, env: Env) { const later = () => this; super(ctx, env); later() }", "", "", ""},
		{"no constructor", "", "", "", ""},
		{"a call that is awaited", "", "", "await env.ROOM.getByName('a').enter()", ""},
		{"a call that is void", "", "", "void env.ROOM.getByName('a').enter()", ""},
		{"a call that is caught", "", "", "env.ROOM.getByName('a').enter().catch(console.error)", ""},
		{"a call that is handed on", "", "", "ctx.waitUntil(env.ROOM.getByName('a').enter())", ""},
		{"a method of a namespace", "", "", "env.ROOM.idFromName('a')", ""},
		{"a method of something else", "", "", "const room = new Map(); room.set('a', env.ROOM.getByName('a')); room.get('a')", ""},
		{"a variable that may hold something else", "", "", "let room = env.ROOM.getByName('a'); room = { enter() {} }; room.enter()", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := inCode(t, test.room, test.old, test.fetch, test.more); len(got) > 0 {
				t.Errorf("got\n%s\nwant nothing", strings.Join(got, "\n"))
			}
		})
	}
}

// Code of packages is not the user's to mend.
func TestProject_packages(t *testing.T) {
	t.Parallel()
	p, b := load(t, map[string]string{
		"wrangler.jsonc": settings,
		"index.ts":       `import { Base, Store } from "base"; export class Room extends Base {} export class Old extends Store {}; export default { fetch() {} }`,
		"node_modules/base/index.js": `import { DurableObject } from "cloudflare:workers";
export class Base extends DurableObject { go() { return this.env.CACHE.get("a") } }
export class Store extends DurableObject { go() { return this.ctx.storage.sql.exec("SELECT 1") } }`,
	})
	if found := findings(t, p, b); len(found) > 0 {
		t.Errorf("got %v, want nothing", found)
	}
}

// Members of a base class are the user's own, and found once.
func TestProject_baseClass(t *testing.T) {
	t.Parallel()
	p, b := load(t, map[string]string{
		"wrangler.jsonc": settings,
		"base.ts": `import { DurableObject } from "cloudflare:workers";
export class Base extends DurableObject<any> {
  go() { return this.ctx.storage.sql.exec("SELECT 1"); }
  ask() { return this.env.CACHE.get("a"); }
}`,
		"index.ts": `import { Base } from "./base"; export class Room extends Base {} export class Old extends Base {}; export default { fetch() {} }`,
	})
	var got []string
	for _, f := range findings(t, p, b) {
		got = append(got, f.Mistake.Code()+" "+f.Pos.String())
	}
	if want := []string{"sql-disabled base.ts:3:34", "unknown-binding base.ts:4:27"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	v1, v2 := config.Migration{Tag: "v1", NewSQLiteClasses: []string{"Room"}}, config.Migration{Tag: "v2", DeletedClasses: []string{"Room"}}
	changed := config.Migration{Tag: "v1", NewClasses: []string{"Room"}}
	for _, test := range []struct {
		name          string
		recorded, now []config.Migration
		want          string
	}{
		{"never recorded", nil, []config.Migration{v1}, ""},
		{"as before", []config.Migration{v1}, []config.Migration{v1}, ""},
		{"longer", []config.Migration{v1}, []config.Migration{v1, v2}, `note: The migrations are longer than when this state was used last, by "v2".`},
		{"changed", []config.Migration{v1}, []config.Migration{changed, v2}, `warning: The migration "v1" is not what it was`},
		{"gone", []config.Migration{v1, v2}, []config.Migration{v1}, `warning: The migration "v2", which there was when this state was used last, is gone.`},
		{"none any more", []config.Migration{v1}, nil, `warning: The migration "v1", which there was when this state was used last, is gone.`},
	} {
		var got string
		for _, f := range check.Migrations(&config.Project{ConfigPath: "/p/wrangler.jsonc", Migrations: test.now}, test.recorded) {
			got += string(f.Severity) + ": " + f.Text
		}
		if !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}
