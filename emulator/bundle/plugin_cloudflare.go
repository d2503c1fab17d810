package bundle

import (
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// cloudflarePlugin leaves the modules of the runtime, such as
// "cloudflare:workers", outside the bundle.
func (s *buildState) cloudflarePlugin() api.Plugin {
	return api.Plugin{Name: "cloudflare-internal-imports", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `^(?:cloudflare|workerd):`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			s.mu.Lock()
			s.internal[args.Path] = true
			s.mu.Unlock()
			return api.OnResolveResult{Path: args.Path, External: true}, nil
		})
		build.OnEnd(func(*api.BuildResult) (api.OnEndResult, error) {
			var result api.OnEndResult
			if s.format != ServiceWorker {
				return result, nil
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.internal) > 0 {
				result.Errors = append(result.Errors, unexpectedExternal(keys(s.internal)))
			}
			if len(s.node) > 0 {
				result.Errors = append(result.Errors, unexpectedExternal(keys(s.node)))
			}
			return result, nil
		})
	}}
}

// unexpectedExternal is wrangler's refusal of imports in a script.
func unexpectedExternal(names []string) api.Message {
	for i, name := range names {
		names[i] = `"` + name + `"`
	}
	list := strings.Join(names, " and ")
	if last := len(names) - 1; last > 1 {
		list = strings.Join(names[:last], ", ") + ", and " + names[last]
	}
	return api.Message{Text: "Unexpected external import of " + list + ".\n" +
		"Your worker has no default export, which means it is assumed to be a Service Worker format Worker.\n" +
		"Did you mean to create a ES Module format Worker?\n" +
		"If so, try adding `export default { ... }` in your entry-point.\n" +
		"See https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/"}
}

func keys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for key := range m {
		list = append(list, key)
	}
	sort.Strings(list)
	return list
}
