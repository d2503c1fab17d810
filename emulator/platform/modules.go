package platform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

// Builder is the owner of the isolate in which the platform's image is made.
type Builder struct {
	realm   *Realm
	modules map[string][]string
}

// NewBuilder makes the owner of such an isolate.
func NewBuilder(realm *Realm) *Builder { return &Builder{realm: realm, modules: map[string][]string{}} }

// Realm is what ops find while the image is made.
func (b *Builder) Realm() *Realm { return b.realm }

func moduleOps() []isolate.Op {
	return []isolate.Op{{Name: "modules.define", Run: func(c *isolate.Call) (isolate.Value, error) {
		b, ok := c.Owner().(*Builder)
		if !ok {
			return isolate.Value{}, isolate.Errorf("Error", "modules can only be defined while an image is made")
		}
		return isolate.Undefined(), json.Unmarshal([]byte(c.String(0)), &b.modules)
	}}}
}

// Modules lists the built-in modules that the platform defined.
func (b *Builder) Modules() []string {
	names := make([]string, 0, len(b.modules))
	for name := range b.modules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ScriptName is the name of the platform's script in an isolate.
const ScriptName = "doemu:platform"

// Install defines the built-in modules in an isolate that has evaluated the platform's script, and takes the way to the
// kernel away: afterwards a user's code may run.
func (b *Builder) Install(i *isolate.Isolate) error {
	var all strings.Builder
	for _, name := range b.Modules() {
		if err := i.DefineModule(heapName(name), moduleSource(name, b.modules[name])); err != nil {
			return fmt.Errorf("define module %s: %w", name, err)
		}
		fmt.Fprintf(&all, "import %q;\n", heapName(name))
	}
	if err := i.EvalModule("doemu:modules", all.String(), -1); err != nil {
		return fmt.Errorf("evaluate the built-in modules: %w", err)
	}
	return i.Seal()
}

// moduleSource is a module whose exports come from the registry in src/modules.ts.
func moduleSource(name string, exports []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "const m = globalThis.%s.module(%q);\n", isolate.KernelGlobal, name)
	for n, export := range exports {
		fmt.Fprintf(&b, "const e%d = m[%q];\nexport { e%d as %s };\n", n, export, n, export)
	}
	return b.String()
}
