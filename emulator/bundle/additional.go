package bundle

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"

	"github.com/doemu/doemu/emulator/config"
	"github.com/evanw/esbuild/pkg/api"
)

// additionalModules returns the files under the project's base directory that
// module rules name, but not the entry point and the configuration.
//
// https://developers.cloudflare.com/workers/wrangler/bundling/#including-non-javascript-modules
func additionalModules(p *config.Project, rules ruleSet) ([]Module, error) {
	type matcher struct {
		pattern *regexp.Regexp
		kind    Kind
	}
	var matchers []matcher
	for _, rule := range rules.rules {
		for _, glob := range rule.Globs {
			pattern, err := regexp.Compile(globPattern(glob, true))
			if err != nil {
				return nil, &config.Error{Text: fmt.Sprintf("The module rule has a glob that cannot be used: %s", glob)}
			}
			matchers = append(matchers, matcher{pattern, kindOf(rule.Type)})
		}
	}
	hidden := filepath.Join(p.Root, ".wrangler")
	var modules []Module
	err := filepath.WalkDir(p.BaseDir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if path == hidden || path != p.BaseDir && (entry.Name() == ".git" || entry.Name() == "node_modules" && !p.Bundle.NoBundle) {
				return fs.SkipDir
			}
			return nil
		case path == p.ConfigPath || path == p.Main:
			return nil
		}
		name := short(p.BaseDir, path)
		for _, m := range matchers {
			if !m.pattern.MatchString(name) {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			modules = append(modules, Module{Name: name, Kind: m.kind, Source: source, File: path})
			return nil
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for additional modules in %s: %w", p.BaseDir, err)
	}
	for i := range modules {
		if err := lower(p, &modules[i]); err != nil {
			return nil, err
		}
	}
	sort.Slice(modules, func(i, j int) bool { return modules[i].Name < modules[j].Name })
	return modules, nil
}

// lower rewrites syntax that the engine cannot read in a JavaScript module that
// is not bundled. Nothing else in it changes.
func lower(p *config.Project, m *Module) error {
	if m.Kind != ESModule && m.Kind != CommonJS {
		return nil
	}
	name := short(p.Root, m.File)
	result := api.Transform(string(m.Source), api.TransformOptions{
		Loader:     api.LoaderJS,
		Target:     engineTarget,
		Supported:  engineSupport(),
		Sourcemap:  api.SourceMapExternal,
		Sourcefile: name,
		LogLevel:   api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return &BuildError{Messages: fromAPI(result.Errors), Inputs: []string{m.File}}
	}
	m.Source, m.SourceMap = result.Code, result.Map
	return nil
}

// collect makes the bundle of a project that does its own bundling: the entry
// point and the additional modules, as they are.
func collect(p *config.Project, rules ruleSet, options Options) (*Bundle, error) {
	source, err := os.ReadFile(p.Main)
	if err != nil {
		return nil, fmt.Errorf("read the entry point: %w", err)
	}
	exports, format, err := inspect(p, options)
	if err != nil {
		return nil, err
	}
	entry := Module{Name: short(p.BaseDir, p.Main), Kind: ESModule, Source: source, File: p.Main}
	if err := checkFormat(p, format); err != nil {
		return nil, err
	}
	if format == ServiceWorker {
		entry.Kind = Script
	} else if err := lower(p, &entry); err != nil {
		return nil, err
	}
	b := &Bundle{Format: format, Entry: entry.Name, Modules: []Module{entry}, Exports: exports, Inputs: []string{p.Main}, Root: p.Root, Warnings: rules.warnings}
	if p.Bundle.FindAdditionalModules {
		modules, err := additionalModules(p, rules)
		if err != nil {
			return nil, err
		}
		for _, m := range modules {
			b.Inputs = append(b.Inputs, m.File)
		}
		b.Modules = append(b.Modules, modules...)
	}
	sort.Strings(b.Inputs)
	b.seal()
	return b, nil
}

// Inspect returns what the entry point of a project exports, and its format, without bundling it: what it exports
// with a star is not seen. The names are sorted.
func Inspect(p *config.Project) (exports []string, format Format, err error) {
	return inspect(p, Options{})
}

// inspect returns what the entry point exports, and with that its format.
func inspect(p *config.Project, options Options) ([]string, Format, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{p.Main}, AbsWorkingDir: p.Root, Outdir: p.Root, Metafile: true,
		Target: engineTarget, Supported: engineSupport(), Loader: loaders(), LogLevel: api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return nil, "", &BuildError{Messages: fromAPI(result.Errors), Inputs: []string{p.Main}}
	}
	meta, err := readMetafile(result.Metafile)
	if err != nil {
		return nil, "", err
	}
	entry := meta.entry()
	sort.Strings(entry.Exports)
	return entry.Exports, options.guessFormat(meta, entry), nil
}
