package emulator

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// loadModule gives QuickJS the modules of a bundle, and the built-in ones that the Worker's
// compatibility flags add to those that every heap has.
func (g *Generation) loadModule(name string, from []string) (string, error) {
	m := g.modules.Module(name)
	if m == nil {
		if source, ok, err := platform.FlaggedModule(name, g.project.Flags.Enabled); ok || err != nil {
			return source, err
		}
		return "", noSuchModule(name, from)
	}
	switch m.Kind {
	case bundle.ESModule:
		return string(m.Source), nil
	case bundle.Text:
		text, err := json.Marshal(string(m.Source))
		return "export default " + string(text) + ";", err
	case bundle.JSON:
		return "export default " + string(m.Source) + ";", nil
	case bundle.Data:
		numbers, err := json.Marshal(toInts(m.Source))
		return "export default new Uint8Array(" + string(numbers) + ").buffer;", err
	case bundle.CommonJS:
		return platform.CommonJSModule(name), nil
	}
	return "", isolate.Errorf("Error", "The module %q is of the kind %s, which doemu does not have: its JavaScript engine, QuickJS, runs no WebAssembly.", name, m.Kind)
}

// commonJS finds the modules of a generation for its CommonJS modules. It implements platform.CommonJS.
type commonJS struct{ g *Generation }

// Source is the code of a CommonJS module.
func (c commonJS) Source(name string) string { return string(c.g.modules.Module(name).Source) }

// Resolve finds what require() in a module means: every name that is not a built-in module's is a path
// from the module, as in workerd.
func (c commonJS) Resolve(importer, specifier string) (name string, commonJS bool, err error) {
	name = path.Join(path.Dir(importer), specifier)
	if strings.HasPrefix(specifier, "/") {
		name = path.Clean(specifier)[1:]
	}
	if strings.HasPrefix(name, "../") {
		return "", false, isolate.Errorf("TypeError", "Invalid module specifier %q.", specifier)
	}
	if m := c.g.modules.Module(name); m != nil {
		return name, m.Kind == bundle.CommonJS, nil
	}
	if _, ok, _ := platform.FlaggedModule(specifier, c.g.project.Flags.Enabled); ok || strings.Contains(specifier, ":") {
		return specifier, false, nil
	}
	return "", false, noSuchModule(name, nil)
}

// noSuchModule says it as workerd does: with the importing module, if an import statement asks.
func noSuchModule(name string, from []string) error {
	if platform.MissingFlagged(name) && len(from) > 0 {
		name, from = from[len(from)-1], from[:len(from)-1]
	}
	switch {
	case len(from) == 0:
		return isolate.Errorf("Error", "No such module %q.", name)
	case strings.HasPrefix(name, "../"):
		return isolate.Errorf("TypeError", "Invalid module specifier %q.\n  imported from %q.", name, from[len(from)-1])
	}
	return isolate.Errorf("Error", "No such module %q.\n  imported from %q", name, from[len(from)-1])
}

func toInts(b []byte) []int {
	out := make([]int, len(b))
	for n, c := range b {
		out[n] = int(c)
	}
	return out
}
