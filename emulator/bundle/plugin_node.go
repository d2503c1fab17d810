package bundle

import (
	"regexp"
	"strings"

	"github.com/doemu/doemu/emulator/config"
	"github.com/evanw/esbuild/pkg/api"
)

// nodeSupport is how far Node.js modules can be used.
type nodeSupport uint8

const (
	nodeNone nodeSupport = iota
	nodeALS              // only node:async_hooks
	nodeV1               // with the prefix "node:"
	nodeV2               // with and without it
)

// nodeMode returns what the compatibility flags allow.
//
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/
func nodeMode(flags config.Flags) nodeSupport {
	switch {
	case flags.Enabled("nodejs_compat_v2"):
		return nodeV2
	case flags.Enabled("nodejs_compat"):
		return nodeV1
	case flags.Enabled("nodejs_als"):
		return nodeALS
	}
	return nodeNone
}

// nodeBuiltins are the modules that are built into Node.js and can be named
// without "node:".
const nodeBuiltins = `assert|assert/strict|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|` +
	`diagnostics_channel|dns|dns/promises|domain|events|fs|fs/promises|http|http2|https|inspector|inspector/promises|` +
	`module|net|os|path|path/posix|path/win32|perf_hooks|process|punycode|querystring|readline|readline/promises|repl|` +
	`stream|stream/consumers|stream/promises|stream/web|string_decoder|sys|timers|timers/promises|tls|trace_events|` +
	`tty|url|util|util/types|v8|vm|wasi|worker_threads|zlib`

const requiredBuiltin = "node-built-in-modules"

// nodePlugin leaves Node.js modules to the runtime.
func (s *buildState) nodePlugin() api.Plugin {
	mode := nodeMode(s.project.Flags)
	return api.Plugin{Name: "nodejs_compat", Setup: func(build api.PluginBuild) {
		if mode == nodeV2 {
			s.allBuiltins(build)
		} else {
			s.prefixedBuiltins(build, mode)
		}
		// require() of a module outside the bundle fails in an ES module, so the
		// module is imported, and what require() returns is its default export.
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: requiredBuiltin}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			source := "import libDefault from " + quote(args.Path) + ";\nmodule.exports = libDefault;"
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS, ResolveDir: s.project.Root}, nil
		})
	}}
}

func (s *buildState) allBuiltins(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: "^(?:" + nodeBuiltins + "|node:.+)$"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		path := args.Path
		if !strings.HasPrefix(path, "node:") {
			path = "node:" + path
		}
		if s.format == ServiceWorker {
			s.unresolved(path, args.Importer)
		}
		if args.Kind == api.ResolveJSRequireCall {
			return api.OnResolveResult{Path: path, Namespace: requiredBuiltin}, nil
		}
		return api.OnResolveResult{Path: path, External: true, SideEffects: api.SideEffectsTrue}, nil
	})
}

func (s *buildState) prefixedBuiltins(build api.PluginBuild, mode nodeSupport) {
	build.OnResolve(api.OnResolveOptions{Filter: "^node:"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if _, again := args.PluginData.(resolving); again {
			return api.OnResolveResult{}, nil
		}
		if mode == nodeALS && (args.Path == "node:async_hooks" || strings.HasPrefix(args.Path, "node:async_hooks/")) {
			return api.OnResolveResult{Path: args.Path, External: true}, nil
		}
		found := build.Resolve(args.Path, api.ResolveOptions{
			Importer: args.Importer, ResolveDir: args.ResolveDir, Kind: args.Kind, PluginData: resolving{},
		})
		if len(found.Errors) == 0 && !found.External {
			return api.OnResolveResult{Path: found.Path, Namespace: found.Namespace, Suffix: found.Suffix}, nil
		}
		s.unresolved(args.Path, args.Importer)
		if mode == nodeV1 && args.Kind == api.ResolveJSRequireCall {
			return api.OnResolveResult{Path: args.Path, Namespace: requiredBuiltin}, nil
		}
		return api.OnResolveResult{Path: args.Path, External: true}, nil
	})
}

func (s *buildState) unresolved(name, importer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.node[name] {
		if known == importer {
			return
		}
	}
	s.node[name] = append(s.node[name], importer)
}

var (
	couldNotResolve = regexp.MustCompile(`^Could not resolve "(.+?)"$`)
	builtinName     = regexp.MustCompile(`^(?:node:)?(?:` + nodeBuiltins + `)$`)
)

// explain replaces esbuild's advice for imports that cannot be resolved with
// wrangler's.
func (s *buildState) explain(messages []Message) {
	mode := nodeMode(s.project.Flags)
	for i := range messages {
		match := couldNotResolve.FindStringSubmatch(messages[i].Text)
		if match == nil {
			continue
		}
		name := match[1]
		if builtinName.MatchString(name) {
			text := "The package \"" + name + "\" wasn't found on the file system but is built into node.\n"
			switch {
			case mode == nodeNone || mode == nodeALS:
				text += "- Add the \"nodejs_compat\" compatibility flag to your project.\n"
			case mode == nodeV1 && !strings.HasPrefix(name, "node:"):
				text += "- Make sure to prefix the module name with \"node:\" or update your compatibility_date to 2024-09-23 or later.\n"
			}
			messages[i].Notes = []Note{{Text: text}}
			continue
		}
		var notes []Note
		replaced := false
		for _, note := range messages[i].Notes {
			if strings.Contains(note.Text, "as external to exclude it from the bundle") {
				replaced = true
				continue
			}
			notes = append(notes, note)
		}
		if replaced {
			messages[i].Notes = append(notes, Note{Text: "To fix this, you can add an entry to \"alias\" in your Wrangler configuration.\n" +
				"For more guidance see: https://developers.cloudflare.com/workers/wrangler/configuration/#bundling-issues\n"})
		}
	}
}
