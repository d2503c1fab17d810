package bundle

import (
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// engineTarget is the language level of QuickJS-ng as it is built in. ES2023 is
// the newest level that it reads completely.
const engineTarget = api.ES2023

// engineSupport corrects the level where QuickJS-ng cannot parse a syntax. What
// esbuild can lower it lowers; for the rest it reports the place, which is
// better than a syntax error in generated code. wrangler's target is es2024,
// since V8 reads all of that.
func engineSupport() map[string]bool {
	return map[string]bool{
		"using":             false,
		"decorators":        false,
		"import-attributes": false,
		"import-assertions": false,
		"import-source":     false,
		"import-defer":      false,
		// export { x as "some text" }
		"arbitrary-module-namespace-names": false,
		// The "v" flag. esbuild makes it new RegExp(), which fails only where
		// it is reached.
		"regexp-set-notation": false,
	}
}

func loaders() map[string]api.Loader {
	return map[string]api.Loader{".js": api.LoaderJSX, ".mjs": api.LoaderJSX, ".cjs": api.LoaderJSX}
}

// options returns wrangler's options for esbuild.
func (s *buildState) options() api.BuildOptions {
	p := s.project
	b := p.Bundle
	o := api.BuildOptions{
		EntryPoints:   []string{p.Main},
		Bundle:        true,
		AbsWorkingDir: p.Root,
		Outdir:        p.Root,
		EntryNames:    strings.TrimSuffix(s.entryName(), ".js"),
		Write:         false,
		Format:        api.FormatESModule,
		Target:        engineTarget,
		Supported:     engineSupport(),
		Loader:        loaders(),
		Sourcemap:     api.SourceMapExternal,
		Metafile:      true,
		KeepNames:     b.KeepNames,
		Conditions:    []string{"workerd", "worker", "browser"},
		Platform:      api.PlatformBrowser,
		External:      []string{"__STATIC_CONTENT_MANIFEST"},
		Define:        s.define(),
		JSXFactory:    b.JSXFactory,
		JSXFragment:   b.JSXFragment,
		Tsconfig:      b.TSConfig,
		LogLevel:      api.LogLevelSilent,
		Plugins: []api.Plugin{
			s.recorderPlugin(), s.aliasPlugin(), s.modulePlugin(), s.nodePlugin(), s.cloudflarePlugin(),
		},
	}
	if s.format == ServiceWorker {
		o.Format = api.FormatIIFE
	}
	if b.Minify {
		o.MinifySyntax, o.MinifyWhitespace, o.MinifyIdentifiers = true, true, true
	}
	if b.Conditions != nil {
		o.Conditions = b.Conditions
	}
	switch b.Platform {
	case "node":
		o.Platform = api.PlatformNode
	case "neutral":
		o.Platform = api.PlatformNeutral
	}
	return o
}

func (s *buildState) define() map[string]string {
	env := quote(s.project.Bundle.NodeEnv)
	define := map[string]string{
		"process.env.NODE_ENV":            env,
		"global.process.env.NODE_ENV":     env,
		"globalThis.process.env.NODE_ENV": env,
	}
	if s.project.Flags.Enabled("global_navigator") {
		define["navigator.userAgent"] = `"Cloudflare-Workers"`
	}
	for name, text := range s.project.Bundle.Define {
		define[name] = text
	}
	return define
}

// entryName is the name of the entry module: that of the source file, as
// JavaScript.
func (s *buildState) entryName() string {
	base := filepath.Base(s.project.Main)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".js"
}
