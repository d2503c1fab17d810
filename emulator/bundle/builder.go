package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/doemu/doemu/emulator/config"
	"github.com/evanw/esbuild/pkg/api"
)

// Options are the settings of a Builder that the project does not have.
type Options struct {
	// Log gets what a custom build command prints, line by line, after one that tells the command. It may be nil.
	Log func(line string)
	// AnyExport makes a Worker whose entry point has exports, but no default one, a module Worker,
	// as workerd does; for wrangler it is a service worker.
	AnyExport bool
}

// Builder builds one project again and again; what has not changed is not read
// or parsed again. It is safe for concurrent use: builds follow each other.
type Builder struct {
	project *config.Project
	options Options
	rules   ruleSet

	mu     sync.Mutex
	format Format
	build  api.BuildContext // nil before the first build, and after Close
	state  *buildState
	// exports are those of the last build in the modules format.
	exports []string
	closed  bool
}

// NewBuilder returns a Builder for a project. Call Close when it is no longer
// needed.
func NewBuilder(project *config.Project, options Options) *Builder {
	return &Builder{project: project, options: options, rules: parseRules(project.Bundle.Rules)}
}

// Close frees what the Builder keeps. Later builds fail.
func (b *Builder) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.dispose()
}

func (b *Builder) dispose() {
	if b.build != nil {
		b.build.Dispose()
		b.build = nil
	}
}

// Build runs the project's build command, if it has one, and bundles. The error
// is a *BuildError for faults in the sources, a *config.Error for others that
// are the user's.
func (b *Builder) Build(ctx context.Context) (*Bundle, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errors.New("build project: the builder is closed")
	}
	if b.project.Main == "" {
		return assetsOnly(b.project), nil
	}
	if err := runCustomBuild(ctx, b.project, b.options.Log); err != nil {
		return nil, err
	}
	if err := checkEntry(b.project); err != nil {
		return nil, err
	}
	if b.project.Bundle.NoBundle {
		return collect(b.project, b.rules, b.options)
	}
	if b.format == "" {
		b.format = Modules
	}
	if b.format == ServiceWorker {
		// esbuild does not say what a script exports, so ask before.
		_, format, err := inspect(b.project, b.options)
		if err == nil && format != b.format {
			b.use(format)
		}
	}
	bundle, format, err := b.run(ctx)
	if err == nil && format != b.format {
		b.use(format)
		bundle, _, err = b.run(ctx)
	}
	return bundle, err
}

// use makes the next run build in the given format.
func (b *Builder) use(format Format) {
	b.format = format
	b.dispose()
}

// run builds in the current format. It also returns the format in which the
// entry point is written.
func (b *Builder) run(ctx context.Context) (*Bundle, Format, error) {
	if b.build == nil {
		b.state = &buildState{project: b.project, rules: b.rules, format: b.format}
		build, err := api.Context(b.state.options())
		if err != nil {
			return nil, "", &BuildError{Messages: fromAPI(err.Errors)}
		}
		b.build = build
	}
	stop := context.AfterFunc(ctx, b.build.Cancel)
	b.state.begin()
	result := b.build.Rebuild()
	stop()
	if err := ctx.Err(); err != nil {
		return nil, "", fmt.Errorf("build project: %w", err)
	}
	if len(result.Errors) > 0 {
		messages := fromAPI(result.Errors)
		b.state.explain(messages)
		return nil, "", &BuildError{Messages: messages, Warnings: fromAPI(result.Warnings), Inputs: b.state.inputs()}
	}
	meta, err := readMetafile(result.Metafile)
	if err != nil {
		return nil, "", err
	}
	entry := meta.entry()
	format := b.options.guessFormat(meta, entry)
	if b.format == ServiceWorker {
		format = ServiceWorker
	}
	bundle := &Bundle{
		Format:   b.format,
		Entry:    b.state.entryName(),
		Exports:  entry.Exports,
		Warnings: append(fromAPI(result.Warnings), b.state.warnings()...),
		Inputs:   b.state.inputs(),
		Root:     b.project.Root,
	}
	sort.Strings(bundle.Exports)
	module := Module{Name: bundle.Entry, Kind: ESModule}
	if b.format == ServiceWorker {
		module.Kind = Script
		// Those of the build as modules, which came before.
		if len(b.exports) > 0 {
			bundle.Warnings = append(bundle.Warnings, Message{Text: fmt.Sprintf("The entrypoint %s has exports like an ES Module, "+
				"but hasn't defined a default export like a module worker normally would. Building the worker using \"service-worker\" format...",
				short(b.project.WorkDir, b.project.Main))})
		}
	}
	for _, file := range result.OutputFiles {
		switch {
		case strings.HasSuffix(file.Path, ".map"):
			module.SourceMap = file.Contents
		case filepath.Base(file.Path) == bundle.Entry:
			module.Source = file.Contents
		}
	}
	bundle.Modules = append([]Module{module}, b.state.modules()...)
	if err := checkFormat(b.project, format); err != nil {
		return nil, "", err
	}
	if b.format == ServiceWorker {
		blobs, err := blobGlobals(b.project)
		if err != nil {
			return nil, "", err
		}
		bundle.Globals = append(bundle.Modules[1:len(bundle.Modules):len(bundle.Modules)], blobs...)
		bundle.Modules = bundle.Modules[:1]
	}
	b.exports = nil
	if meta.Inputs[entry.EntryPoint].Format == "esm" {
		b.exports = bundle.Exports
	}
	bundle.seal()
	return bundle, format, nil
}

// checkFormat refuses settings that the Worker's format does not have.
func checkFormat(p *config.Project, format Format) error {
	if format == ServiceWorker {
		return checkServiceWorker(p)
	}
	return checkModules(p)
}

// blobGlobals returns the files of text_blobs, data_blobs and wasm_modules.
func blobGlobals(p *config.Project) ([]Module, error) {
	var list []Module
	for _, blobs := range []struct {
		kind  Kind
		paths map[string]string
	}{{Text, p.Bundle.TextBlobs}, {Data, p.Bundle.DataBlobs}, {CompiledWasm, p.Bundle.WasmModules}} {
		for _, name := range keys(blobs.paths) {
			path := blobs.paths[name]
			source, err := os.ReadFile(path)
			if err != nil {
				return nil, &config.Error{Text: fmt.Sprintf("Could not read file: %s", short(p.WorkDir, path))}
			}
			list = append(list, Module{Name: name, Kind: blobs.kind, Source: source, File: path})
		}
	}
	return list, nil
}

// guessFormat returns how the entry point is written: as wrangler does, by
// whether it has a default export.
func (o Options) guessFormat(meta *metafile, entry output) Format {
	exported := slices.Contains(entry.Exports, "default") || o.AnyExport && len(entry.Exports) > 0
	if exported && meta.Inputs[entry.EntryPoint].Format != "cjs" {
		return Modules
	}
	return ServiceWorker
}

// checkModules refuses what only the service-worker format can have.
func checkModules(p *config.Project) error {
	for _, blobs := range []struct {
		field string
		paths map[string]string
		text  string
	}{
		{"wasm_modules", p.Bundle.WasmModules, "Instead, import the .wasm module directly in your code"},
		{"text_blobs", p.Bundle.TextBlobs, "Instead, import the file directly in your code, and optionally configure `[rules]` in your " + configName(p) + " file"},
		{"data_blobs", p.Bundle.DataBlobs, "Instead, import the file directly in your code, and optionally configure `[rules]` in your " + configName(p) + " file"},
	} {
		if len(blobs.paths) > 0 {
			return &config.Error{Text: fmt.Sprintf("You cannot configure [%s] with an ES module worker. %s", blobs.field, blobs.text)}
		}
	}
	return nil
}

// checkServiceWorker refuses what only the modules format can have.
func checkServiceWorker(p *config.Project) error {
	var local []string
	for _, binding := range p.DurableObjects {
		if binding.ScriptName == "" {
			script := strings.ReplaceAll(strings.ToLower(binding.Name), "_", "-") + "-worker"
			local = append(local, fmt.Sprintf("{ name = %[1]s, class_name = %[2]s } ==> { name = %[1]s, class_name = %[2]s, script_name = %[3]s }",
				binding.Name, binding.ClassName, script))
		}
	}
	const guide = "https://developers.cloudflare.com/workers/learning/migrating-to-module-workers/"
	if len(local) > 0 {
		return &config.Error{Text: "You seem to be trying to use Durable Objects in a Worker written as a service-worker.\n" +
			"You can use Durable Objects defined in other Workers by specifying a `script_name` in your " + configName(p) +
			" file, where `script_name` is the name of the Worker that implements that Durable Object. For example:\n" +
			strings.Join(local, "\n") + "\n" +
			"Alternatively, migrate your worker to ES Module syntax to implement a Durable Object in this Worker:\n" + guide}
	}
	if len(p.Migrations) > 0 {
		return &config.Error{Text: "Durable Object migrations require ES Module format Workers, but yours is being built as service-worker format. " +
			"Migrations cannot be applied to service-worker format Workers.\n" +
			"To use Durable Object migrations, deploy in ES Module format by adding a default export handler (e.g. \"export default { fetch() {} }\"), " +
			"or remove \"migrations\" from your config if you don't need them. See:\n" + guide}
	}
	return nil
}

func configName(p *config.Project) string {
	if p.ConfigPath == "" {
		return "Wrangler configuration"
	}
	return "wrangler" + filepath.Ext(p.ConfigPath)
}

// assetsOnly returns the Worker of a project without code: one that is never
// asked, because its assets answer.
func assetsOnly(p *config.Project) *Bundle {
	source := "export default { fetch() { return new Response(\"Not found\", { status: 404 }) } };\n"
	b := &Bundle{
		Format: Modules, Entry: "index.js", Exports: []string{"default"}, Root: p.Root,
		Modules: []Module{{Name: "index.js", Kind: ESModule, Source: []byte(source)}},
	}
	b.seal()
	return b
}

// short returns a path as seen from dir.
func short(dir, path string) string {
	if relative, err := filepath.Rel(dir, path); err == nil {
		return filepath.ToSlash(relative)
	}
	return path
}

func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
