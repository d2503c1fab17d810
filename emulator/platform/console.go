package platform

import "github.com/doemu/doemu/emulator/isolate"

func consoleOps() []isolate.Op {
	return []isolate.Op{
		{Name: "console.write", Run: func(c *isolate.Call) (isolate.Value, error) {
			realmOf(c).Console(c.String(0), c.String(1))
			return isolate.Undefined(), nil
		}},
		{Name: "console.uncaught", Run: func(c *isolate.Call) (isolate.Value, error) {
			realmOf(c).Uncaught(c.String(0))
			return isolate.Undefined(), nil
		}},
	}
}
