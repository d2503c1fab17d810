package platform

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/doemu/doemu/emulator/isolate"
)

// nodeNames is what the Node modules of workerd export, written by vendored/names.sh: a line for each module.
//
//go:embed node/names.json
var nodeNames string

// nodeModule gives the names of one of Node's modules with what they are, as JSON.
func nodeModule(name string) (names string, ok bool) {
	_, rest, ok := strings.Cut(nodeNames, "\n"+quoteJSON(name)+": ")
	if !ok {
		return "", false
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, ","), true
}

func quoteJSON(text string) string {
	b, _ := json.Marshal(text) // a string has JSON
	return string(b)
}

// sinceFlag is, for the Node modules that came later, the flag that brought them to workerd. Without
// nodejs_compat_v2, whose bundler has something in their place, they are not there before.
var sinceFlag = map[string]string{
	"console": "console", "fs": "fs", "fs/promises": "fs", "http2": "http2", "os": "os", "punycode": "punycode", "cluster": "cluster",
	"domain": "domain", "trace_events": "trace_events", "vm": "vm", "wasi": "wasi", "_stream_wrap": "stream_wrap", "dgram": "dgram",
	"inspector": "inspector", "inspector/promises": "inspector", "sqlite": "sqlite", "child_process": "child_process", "perf_hooks": "perf_hooks",
	"readline": "readline", "readline/promises": "readline", "repl": "repl", "tty": "tty", "v8": "v8", "worker_threads": "worker_threads",
}

// hasNode tells whether a Worker with these flags finds one of Node's modules.
func hasNode(name string, enabled func(flag string) bool) bool {
	switch {
	case enabled("nodejs_compat_v2"):
		return true
	case strings.HasPrefix(name, "http") || strings.HasPrefix(name, "_http"):
		return enabled("enable_nodejs_http_modules")
	}
	flag, later := sinceFlag[name]
	return !later || enabled("enable_nodejs_"+flag+"_module")
}

// nodeSource is the module that a program imports: what is here, and for all other names of it what throws when it
// is used.
func nodeSource(name string) (source string, ok bool) {
	kinds, ok := nodeModule(name)
	if !ok {
		return "", false
	}
	var names map[string]json.RawMessage
	if json.Unmarshal([]byte(kinds), &names) != nil {
		return "", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "import * as here from %q;\nimport { fill } from \"doemu:absent\";\nconst m = fill(%q, here, %s);\n", flaggedPrefix+"node:"+name, name, kinds)
	n := 0
	for _, export := range slices.Sorted(maps.Keys(names)) {
		if export != "default" {
			n++
			fmt.Fprintf(&b, "const e%d = m[%q];\nexport { e%d as %s };\n", n, export, n, export)
		}
	}
	b.WriteString("export default m.default;\n")
	return b.String(), true
}

// lazySource is the code of a Node module that is not in every heap; empty if nothing of it is here.
func lazySource(name string) (code string, ok bool, err error) {
	if _, known := nodeModule(name); !known {
		return "", false, nil
	}
	files, err := fs.Sub(source, "src")
	if err != nil {
		return "", false, err
	}
	file := "lazy/node/" + name + ".ts"
	if _, err := fs.Stat(files, file); errors.Is(err, fs.ErrNotExist) {
		return "export default undefined;", true, nil
	}
	result := api.Build(api.BuildOptions{
		Stdin:    &api.StdinOptions{Contents: fmt.Sprintf("export * from %[1]q;", internalPrefix+"platform/"+file), Sourcefile: "doemu:node:" + name, Loader: api.LoaderTS},
		Bundle:   true,
		Format:   api.FormatESModule,
		Target:   api.ES2023,
		Plugins:  []api.Plugin{internalFiles(map[string]fs.FS{"platform": files})},
		LogLevel: api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return "", false, fmt.Errorf("bundle node:%s: %s", name, result.Errors[0].Text)
	}
	return string(result.OutputFiles[0].Contents), true, nil
}

// Absences takes the names of Node's modules that a Worker imports and that throw when they are used.
type Absences interface {
	SetAbsent(module string, names []string)
}

func nodeOps() []isolate.Op {
	return []isolate.Op{{Name: "modules.absent", Run: func(c *isolate.Call) (isolate.Value, error) {
		to, ok := c.Owner().(Absences)
		if !ok {
			return isolate.Undefined(), nil // imported later: nobody waits to hear of it
		}
		var names []string
		if err := json.Unmarshal([]byte(c.String(1)), &names); err != nil {
			return isolate.Value{}, err
		}
		slices.Sort(names)
		to.SetAbsent(c.String(0), names)
		return isolate.Undefined(), nil
	}}}
}
