package check_test

import (
	"testing"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
)

// Whatever the code is, the checks come to an end; what they find has a place in it.
func FuzzProject(f *testing.F) {
	for _, seed := range []string{
		"export default { fetch(r, env) { return env.CACHE.get(1) } }",
		"import { DurableObject as D, env } from 'cloudflare:workers'; class Room extends D { constructor(a, b) { this.x = 1; super(a) } go() { this.env.A.b; const { C, D: { e } = {} } = this.env } }; export { Room, Room as Old }",
		"class A extends B {} class B extends A {} export { A as Room, B as Old }",
		"var Room = /* @__PURE__ */ __name(class extends Room { all() { return this.ctx.storage.sql?.exec`a${1}` } }, 'Room'); export { Room }",
		"export default async function (x) { for await (const y of x) y?.[z]?.(); label: do { continue label } while (0) }",
		"const s = env.ROOM.get(1); s.a(); (s).b(); s?.c(); new s.d(); export const t = `${s.e()}`",
		"export class Old { static { super.x } #p = this.env.X.y; get [a]() {} set 'b'(v) {} async *c() {} }",
	} {
		f.Add(seed)
	}
	p := &config.Project{
		Name: "shop", Dir: "/shop", WorkDir: "/shop", ConfigPath: "/shop/wrangler.jsonc", Main: "/shop/index.js",
		DurableObjects: []config.DurableObject{{Name: "ROOM", ClassName: "Room"}}, Services: []config.Service{{Name: "MAIL", Service: "mail"}},
		Classes: []config.Class{{Name: "Room", SQLite: true, Declared: true}, {Name: "Old", Declared: true}},
	}
	f.Fuzz(func(t *testing.T, code string) {
		source, err := check.Parse(p, &bundle.Bundle{
			Format: bundle.Modules, Entry: "index.js", Root: "/shop", Modules: []bundle.Module{{Name: "index.js", Kind: bundle.ESModule, Source: []byte(code), File: "/shop/index.js"}},
		})
		if err != nil {
			return
		}
		for _, found := range check.Project(p, source) {
			if found.Pos.Line < 1 || found.Pos.Column < 1 || found.Text == "" {
				t.Errorf("of %q: %+v has no place", code, found)
			}
		}
		source.Constructor("Room")
	})
}
