package bundle

import (
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"github.com/doemu/doemu/emulator/config"
	"github.com/evanw/esbuild/pkg/api"
)

// buildState is what the plugins collect during one build. esbuild calls them
// from many goroutines.
type buildState struct {
	project *config.Project
	rules   ruleSet
	format  Format

	mu        sync.Mutex
	files     map[string]bool     // read by this build
	found     map[string]bool     // additional modules, by absolute path
	collected []Module            // modules that stay outside the bundle
	node      map[string][]string // unresolved node: imports and their importers
	internal  map[string]bool     // cloudflare: and workerd: imports
}

// begin forgets the last build.
func (s *buildState) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.found = map[string]bool{}, map[string]bool{}
	s.node, s.internal = map[string][]string{}, map[string]bool{}
	s.collected = nil
	if s.project.Bundle.TSConfig != "" {
		s.files[s.project.Bundle.TSConfig] = true
	} else if path := filepath.Join(s.project.Root, "tsconfig.json"); exists(path) {
		s.files[path] = true
	}
}

// recorderPlugin notes every file that esbuild reads, so that they are known
// also where the build fails.
func (s *buildState) recorderPlugin() api.Plugin {
	return api.Plugin{Name: "doemu-recorder", Setup: func(build api.PluginBuild) {
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "file"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			s.saw(args.Path)
			return api.OnLoadResult{}, nil
		})
	}}
}

func (s *buildState) saw(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = true
}

func (s *buildState) inputs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]string, 0, len(s.files))
	for path := range s.files {
		list = append(list, path)
	}
	sort.Strings(list)
	return list
}

// add keeps a module outside the bundle; one with the same name is kept once.
func (s *buildState) add(m Module) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.collected {
		if known.Name == m.Name {
			return
		}
	}
	s.collected = append(s.collected, m)
}

// modules returns the modules outside the bundle, sorted by name: the order in
// which esbuild came across them is not the same each time.
func (s *buildState) modules() []Module {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append([]Module(nil), s.collected...)
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// warnings returns the doubts that are wrangler's own.
func (s *buildState) warnings() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append([]Message(nil), s.rules.warnings...)
	if nodeMode(s.project.Flags) == nodeV1 {
		return list
	}
	var names []string
	for name := range s.node {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		importers := s.node[name]
		sort.Strings(importers)
		text := "The package \"" + name + "\" wasn't found on the file system but is built into node.\n" +
			"Your Worker may throw errors at runtime unless you enable the \"nodejs_compat\" compatibility flag. " +
			"Refer to https://developers.cloudflare.com/workers/runtime-apis/nodejs/ for more details. Imported from:"
		for _, importer := range importers {
			text += "\n - " + short(s.project.Root, importer)
		}
		list = append(list, Message{Text: text})
	}
	return list
}

// quote returns a text as a JavaScript string.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}
