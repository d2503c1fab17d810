package bundle

import (
	"regexp"
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// resolving marks imports that a plugin resolves itself, so that it leaves them
// alone when esbuild asks it again.
type resolving struct{}

// aliasPlugin replaces imports that the configuration has aliases for. It comes
// before the plugins for Node.js, so that the user's aliases win.
func (s *buildState) aliasPlugin() api.Plugin {
	return api.Plugin{Name: "alias", Setup: func(build api.PluginBuild) {
		alias := s.project.Bundle.Alias
		if len(alias) == 0 {
			return
		}
		names := make([]string, 0, len(alias))
		for name := range alias {
			names = append(names, regexp.QuoteMeta(name))
		}
		sort.Strings(names)
		filter := "^(?:" + strings.Join(names, "|") + ")$"
		build.OnResolve(api.OnResolveOptions{Filter: filter}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			target := alias[args.Path]
			if target == "" || target == args.Path {
				return api.OnResolveResult{}, nil
			}
			found := build.Resolve(target, api.ResolveOptions{
				Importer: args.Importer, ResolveDir: s.project.Root, Kind: args.Kind,
			})
			return api.OnResolveResult{
				Path: found.Path, External: found.External, Namespace: found.Namespace,
				Suffix: found.Suffix, PluginData: found.PluginData,
				Errors: found.Errors, Warnings: found.Warnings,
			}, nil
		})
	}}
}
