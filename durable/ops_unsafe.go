package durable

import "github.com/doemu/doemu/emulator/isolate"

// unsafeOps are behind the module workerd:unsafe.
func unsafeOps() []isolate.Op {
	evict := func(c *isolate.Call, begin func(n *Namespace, done func(error))) (isolate.Value, error) {
		n, resolver := namespaceOf(c, 0), c.Resolver("evict", "")
		c.Turn().Send(func() {
			begin(n, func(err error) {
				if err != nil {
					resolver.Reject(err)
					return
				}
				resolver.Resolve(isolate.Undefined())
			})
		})
		return isolate.Undefined(), nil
	}
	return []isolate.Op{
		{Name: "unsafe.evict", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			hex, drop := c.String(1), c.Bool(2)
			return evict(c, func(n *Namespace, done func(error)) { n.Evict(hex, drop, done) })
		}},
		{Name: "unsafe.evictAll", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			drop := c.Bool(1)
			return evict(c, func(n *Namespace, done func(error)) { n.EvictAll(drop, done) })
		}},
		{Name: "unsafe.reset", Run: func(c *isolate.Call) (isolate.Value, error) {
			n, why := namespaceOf(c, 0), &isolate.Error{Message: c.String(1)}
			c.Turn().Send(func() { n.ResetAll(why) })
			return isolate.Undefined(), nil
		}},
	}
}
