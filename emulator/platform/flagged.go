package platform

import (
	"fmt"
	"strings"
)

// Some built-in modules are only for Workers with a compatibility flag. Every heap has them, but
// under another name than their own: who imports that reaches the loader of the Worker's modules, and
// it asks FlaggedModule.
const flaggedPrefix = "doemu:"

// heapName is what a built-in module is called in the heap.
func heapName(name string) string {
	if flagsOf(name) == nil {
		return name
	}
	return flaggedPrefix + name
}

// flagsOf is the compatibility flags of which a Worker needs one to import a built-in module; nil for
// those that all can import.
//
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/
func flagsOf(name string) []string {
	switch {
	case name == "node:async_hooks":
		return []string{"nodejs_als", "nodejs_compat", "nodejs_compat_v2"}
	case strings.HasPrefix(name, "node:"):
		return []string{"nodejs_compat", "nodejs_compat_v2"}
	case name == "workerd:unsafe":
		return []string{"unsafe_module"}
	}
	return nil
}

// FlaggedModule is the source of a built-in module that a Worker's compatibility flags let it import, and of one that
// such a source imports. With nodejs_compat_v2 the names of Node's modules need no prefix. A module whose name is not
// Node's it does not know: the loader is asked once more, and finds its name with MissingFlagged.
func FlaggedModule(name string, enabled func(flag string) bool) (source string, ok bool, err error) {
	if lazy, ok := strings.CutPrefix(name, flaggedPrefix+"node:"); ok {
		return lazySource(lazy)
	}
	if !strings.Contains(name, ":") && enabled("nodejs_compat_v2") {
		name = "node:" + name
	}
	for _, flag := range flagsOf(name) {
		if !enabled(flag) && name != "node:process" {
			continue
		}
		if node, ok := strings.CutPrefix(name, "node:"); ok {
			source, ok := nodeSource(node)
			return source, ok && hasNode(node, enabled), nil
		}
		return fmt.Sprintf("export * from %[1]q;\nexport { default } from %[1]q;", flaggedPrefix+name), true, nil
	}
	return "", false, nil
}

// MissingFlagged tells whether a module is asked for by a source of FlaggedModule.
func MissingFlagged(name string) bool { return strings.HasPrefix(name, flaggedPrefix) }
