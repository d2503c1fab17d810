package durable

import (
	"context"

	"github.com/doemu/doemu/emulator/isolate"
)

// unsafeOps are behind the module workerd:unsafe.
func unsafeOps() []isolate.Op {
	evict := func(c *isolate.Call, drop bool, begin func(n *Namespace, sockets SocketMode) error) (isolate.Value, error) {
		n, resolver, sockets := namespaceOf(c, 0), c.Resolver("evict", ""), HibernateSockets
		if drop {
			sockets = CloseSockets
		}
		c.Turn().Send(func() {
			done := n.around.Clock.Work().Outside("evicting an object")
			go func() {
				defer done()
				if err := begin(n, sockets); err != nil {
					resolver.Reject(err)
					return
				}
				resolver.Resolve(isolate.Undefined())
			}()
		})
		return isolate.Undefined(), nil
	}
	return []isolate.Op{
		{Name: "unsafe.evict", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			hex := c.String(1)
			return evict(c, c.Bool(2), func(n *Namespace, sockets SocketMode) error {
				return n.Evict(context.Background(), hex, sockets)
			})
		}},
		{Name: "unsafe.evictAll", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			return evict(c, c.Bool(1), func(n *Namespace, sockets SocketMode) error {
				return n.EvictAll(context.Background(), sockets)
			})
		}},
		{Name: "unsafe.reset", Run: func(c *isolate.Call) (isolate.Value, error) {
			n, why := namespaceOf(c, 0), &isolate.Error{Message: c.String(1)}
			c.Turn().Send(func() { n.ResetAll(why) })
			return isolate.Undefined(), nil
		}},
	}
}
