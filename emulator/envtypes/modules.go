package envtypes

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
)

// modules declare what imports of files that are no code give.
// https://developers.cloudflare.com/workers/wrangler/bundling/#including-non-javascript-modules
func (in *input) modules() (declarations []string) {
	var names []string
	for _, p := range append([]*config.Project{in.project}, in.environments...) {
		for _, rule := range bundle.ModuleRules(p) {
			typ := map[config.ModuleType]string{config.Text: "string", config.Data: "ArrayBuffer", config.CompiledWasm: "WebAssembly.Module"}[rule.Type]
			for _, glob := range rule.Globs {
				// The first rule that fits counts, and the project's own come first.
				name := moduleName(glob)
				if typ == "" || name == "" || slices.Contains(names, name) {
					continue
				}
				names = append(names, name)
				declarations = append(declarations, fmt.Sprintf("declare module %q {\n\tconst value: %s;\n\texport default value;\n}", name, typ))
			}
		}
	}
	return declarations
}

// moduleName is what imports look like that a glob fits, with at most one asterisk, as TypeScript has it; or "" if
// that cannot be said.
func moduleName(glob string) string {
	if !strings.Contains(glob, "*") {
		return "*/" + path.Base(glob)
	}
	last := strings.LastIndex(glob, "*") + 1
	if glob[last:] == "" {
		return ""
	}
	return "*" + glob[last:]
}
