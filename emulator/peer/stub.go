package peer

import (
	"sync"

	"github.com/doemu/doemu/emulator/platform"
)

// borrowed is a value of the other session that stubs here lead to. The other side hears once, when the
// last of them is gone.
type borrowed struct {
	conn   *conn
	number uint64

	mu      sync.Mutex
	holders int
}

// holder is one stub's share of it. It implements platform.Distant.
type holder struct {
	to   *borrowed
	once sync.Once
}

// borrow makes the first holder of a value of the other side.
func (c *conn) borrow(number uint64) (platform.Distant, error) {
	c.mu.Lock()
	c.borrowed++
	many := c.borrowed > c.network.limits.borrowed
	c.mu.Unlock()
	if many {
		return nil, protocolError("it gives more than %d stubs", c.network.limits.borrowed)
	}
	return &holder{to: &borrowed{conn: c, number: number, holders: 1}}, nil
}

// Share implements platform.Distant.
func (h *holder) Share() platform.Distant {
	h.to.mu.Lock()
	defer h.to.mu.Unlock()
	h.to.holders++
	return &holder{to: h.to}
}

// Release implements platform.Distant.
func (h *holder) Release() {
	h.once.Do(func() {
		h.to.mu.Lock()
		h.to.holders--
		last := h.to.holders == 0
		h.to.mu.Unlock()
		if last {
			h.to.conn.mu.Lock()
			h.to.conn.borrowed--
			h.to.conn.mu.Unlock()
			// So small a message has always a form.
			_ = h.to.conn.send(&message{Kind: kindRelease, Stub: h.to.number})
		}
	})
}

// Call implements platform.Callable.
func (h *holder) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	h.to.conn.call(message{Stub: h.to.number}, inv, reply)
}
