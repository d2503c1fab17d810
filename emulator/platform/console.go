package platform

import "github.com/doemu/doemu/emulator/isolate"

func consoleOps() []isolate.Op {
	return []isolate.Op{
		{Name: "console.write", Run: func(c *isolate.Call) (isolate.Value, error) {
			realmOf(c).Console(c.String(0), c.String(1))
			traceOf(c).log(c.String(0), c.String(2), c.String(3))
			return isolate.Undefined(), nil
		}},
		{Name: "console.uncaught", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			r.Uncaught(c.String(0))
			traceOf(c).Throw(c.String(1), c.String(2), c.String(3))
			return isolate.Undefined(), nil
		}},
	}
}
