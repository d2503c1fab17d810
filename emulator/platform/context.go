package platform

import "github.com/doemu/doemu/emulator/isolate"

// contextOps let the platform's TypeScript decide how the context of AsyncLocalStorage follows promises.
func contextOps() []isolate.Op {
	return []isolate.Op{
		{Name: "context.carry", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), c.CarryContext()
		}},
	}
}
