package emulator

import (
	"encoding/json"
	"strings"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// loadModule gives QuickJS the modules of a bundle, and the built-in ones that the Worker's
// compatibility flags add to those that every heap has.
func (g *Generation) loadModule(name string, path []string) (string, error) {
	m := g.modules.Module(name)
	if m == nil {
		if source, ok := platform.FlaggedModule(name, g.project.Flags.Enabled); ok {
			return source, nil
		}
		return "", noSuchModule(name, path)
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
		return "const module = { exports: {} };\n((module, exports) => {" + string(m.Source) +
			"\n})(module, module.exports);\nexport default module.exports;", nil
	}
	return "", isolate.Errorf("Error", "The module %q is of the kind %s, which doemu does not have: its JavaScript engine, QuickJS, runs no WebAssembly.", name, m.Kind)
}

// noSuchModule says it as workerd does: with the importing module, if an import statement asks.
func noSuchModule(name string, path []string) error {
	if platform.MissingFlagged(name) && len(path) > 0 {
		name, path = path[len(path)-1], path[:len(path)-1]
	}
	switch {
	case len(path) == 0:
		return isolate.Errorf("Error", "No such module %q.", name)
	case strings.HasPrefix(name, "../"):
		return isolate.Errorf("TypeError", "Invalid module specifier %q.\n  imported from %q.", name, path[len(path)-1])
	}
	return isolate.Errorf("Error", "No such module %q.\n  imported from %q", name, path[len(path)-1])
}

func toInts(b []byte) []int {
	out := make([]int, len(b))
	for n, c := range b {
		out[n] = int(c)
	}
	return out
}
