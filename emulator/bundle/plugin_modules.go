package bundle

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/doemu/doemu/emulator/config"
	"github.com/evanw/esbuild/pkg/api"
)

// modulePlugin leaves files that a module rule names outside the bundle, as
// modules of their own: text, data, WebAssembly, and the additional modules
// that were found in the project.
func (s *buildState) modulePlugin() api.Plugin {
	return api.Plugin{Name: "wrangler-module-collector", Setup: func(build api.PluginBuild) {
		if s.project.Bundle.FindAdditionalModules {
			build.OnStart(func() (api.OnStartResult, error) { return s.findAdditional() })
		}
		for _, rule := range s.rules.rules {
			if isJavaScript(rule.Type) && !s.project.Bundle.FindAdditionalModules {
				continue
			}
			for _, glob := range rule.Globs {
				s.collectMatches(build, rule, globPattern(glob, false))
			}
		}
		for _, rule := range s.rules.removed {
			for _, glob := range rule.Globs {
				build.OnResolve(api.OnResolveOptions{Filter: globPattern(glob, false)}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
					return api.OnResolveResult{Errors: []api.Message{{Text: fmt.Sprintf("The file %s matched a module rule in your configuration (%s), "+
						"but was ignored because a previous rule with the same type was not marked as `fallthrough = true`.", args.Path, ruleJSON(rule))}}}, nil
				})
			}
		}
	}}
}

func (s *buildState) findAdditional() (api.OnStartResult, error) {
	if s.format != Modules {
		return api.OnStartResult{Errors: []api.Message{{Text: "`find_additional_modules` can only be used with an ES module entrypoint.\n" +
			"Remove `find_additional_modules = true` from your configuration, " +
			"or migrate to the ES module Worker format: " +
			"https://developers.cloudflare.com/workers/learning/migrate-to-module-workers/"}}}, nil
	}
	modules, err := additionalModules(s.project, s.rules)
	var failed *BuildError
	if errors.As(err, &failed) {
		return api.OnStartResult{Errors: toAPI(failed.Messages)}, nil
	}
	if err != nil {
		return api.OnStartResult{Errors: []api.Message{{Text: err.Error()}}}, nil
	}
	for _, m := range modules {
		s.mu.Lock()
		s.files[m.File], s.found[m.File] = true, true
		s.mu.Unlock()
		s.add(m)
	}
	return api.OnStartResult{}, nil
}

func (s *buildState) collectMatches(build api.PluginBuild, rule config.Rule, filter string) {
	build.OnResolve(api.OnResolveOptions{Filter: filter}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if _, again := args.PluginData.(resolving); again {
			return api.OnResolveResult{}, nil
		}
		// Bundlers append "?module" to imports of WebAssembly.
		specifier, _, _ := strings.Cut(args.Path, "?")
		file := filepath.Join(args.ResolveDir, filepath.FromSlash(specifier))
		s.mu.Lock()
		additional := s.found[file]
		s.mu.Unlock()
		if additional {
			return api.OnResolveResult{Path: specifier, External: true}, nil
		}
		if isJavaScript(rule.Type) {
			return api.OnResolveResult{}, nil
		}
		found := build.Resolve(specifier, api.ResolveOptions{
			Importer: args.Importer, ResolveDir: args.ResolveDir, Kind: args.Kind, PluginData: resolving{},
		})
		if found.Path != "" && len(found.Errors) == 0 && !found.External {
			file = found.Path
		}
		contents, err := os.ReadFile(file)
		if err != nil {
			return api.OnResolveResult{Errors: []api.Message{{
				Text:  fmt.Sprintf("Could not resolve %q", args.Path),
				Notes: []api.Note{{Text: fmt.Sprintf("The module rule for %s files expects %q to be a file.", rule.Type, short(s.project.Root, file))}},
			}}}, nil
		}
		s.saw(file)
		name := specifier
		if !s.project.Bundle.PreserveFileNames {
			sum := sha1.Sum(contents)
			name = "./" + hex.EncodeToString(sum[:]) + "-" + path.Base(specifier)
		}
		if s.format == ServiceWorker {
			s.add(Module{Name: globalName(name), Kind: kindOf(rule.Type), Source: contents, File: file})
			return api.OnResolveResult{Path: name, Namespace: globalNamespace}, nil
		}
		s.add(Module{Name: strings.TrimPrefix(name, "./"), Kind: kindOf(rule.Type), Source: contents, File: file})
		return api.OnResolveResult{Path: name, External: true}, nil
	})
	if s.format == ServiceWorker {
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: globalNamespace}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			source := "export default " + globalName(args.Path) + ";"
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
		})
	}
}

const globalNamespace = "wrangler-global"

var notIdentifier = regexp.MustCompile(`[^a-zA-Z0-9_$]`)

// globalName is the variable that stands for an imported file in a script.
func globalName(name string) string { return notIdentifier.ReplaceAllString(name, "_") }
