package platform

import (
	"errors"
	"fmt"

	"github.com/doemu/doemu/emulator/isolate"
)

// CommonJS is the CommonJS modules of a Worker, which load each other and other modules while they run.
type CommonJS interface {
	// Resolve finds what a module means by the argument of require().
	Resolve(importer, specifier string) (name string, commonJS bool, err error)
	// Source is the code of a CommonJS module.
	Source(name string) string
}

// CommonJSModule is the ES module in the place of a CommonJS module.
func CommonJSModule(name string) string {
	return fmt.Sprintf("import { load } from \"doemu:commonjs\";\nexport default load(%q);", name)
}

// errRequireWaits is what require() of a module with a top-level await gets.
var errRequireWaits = isolate.Errorf("Error", "Top-level await in module is not permitted at this time.")

func commonJSOps() []isolate.Op {
	return []isolate.Op{
		{Name: "commonjs.resolve", Run: func(c *isolate.Call) (isolate.Value, error) {
			name, commonJS, err := realmOf(c).CommonJS.Resolve(c.String(0), c.String(1))
			if commonJS {
				name = "commonjs " + name
			}
			return isolate.String(name), err
		}},
		{Name: "commonjs.compile", Run: func(c *isolate.Call) (isolate.Value, error) {
			name := c.String(0)
			// The module's own lines keep their numbers.
			return c.Script(name, "(function (exports, require, module, __filename, __dirname) {"+realmOf(c).CommonJS.Source(name)+"\n})")
		}},
		{Name: "commonjs.import", Run: func(c *isolate.Call) (isolate.Value, error) {
			source := fmt.Sprintf("import * as namespace from %q;\nimport { deliver } from \"doemu:commonjs\";\ndeliver(namespace);", c.String(0))
			thrown, _, err := c.Module("doemu:require", source)
			if errors.Is(err, isolate.ErrPending) {
				err = errRequireWaits
			}
			return thrown, err
		}},
	}
}
