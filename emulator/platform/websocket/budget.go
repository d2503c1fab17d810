package websocket

import "sync/atomic"

// Budget bounds what waits for the peers of many connections together: each may be slow, and there may be thousands. It is
// safe for use by many goroutines; nil has no bound.
type Budget struct {
	most int64
	used atomic.Int64
}

// NewBudget makes a budget of so many bytes.
func NewBudget(most int64) *Budget { return &Budget{most: most} }

// Used is how many bytes wait.
func (b *Budget) Used() int64 { return b.used.Load() }

func (b *Budget) add(n int) {
	if b != nil {
		b.used.Add(int64(n))
	}
}

// short tells whether there is no room for so many bytes more.
func (b *Budget) short(n int) bool { return b != nil && b.used.Load()+int64(n) > b.most }

// ShareOf makes the connection one of those that share a budget. Call it before anything is sent.
func (c *Conn) ShareOf(b *Budget) { c.budget = b }
