package storage

import (
	"container/list"

	"github.com/ncruces/go-sqlite3"
)

// cacheBytes is how much SQL text the cache of prepared statements holds, as in workerd.
const cacheBytes = 1 << 20

// cache keeps prepared statements by their text, the latest used first. A statement that is in use
// is not in it.
type cache struct {
	order *list.List
	items map[string]*list.Element
	size  int
}

type cached struct {
	query string
	stmt  *sqlite3.Stmt
}

// take takes a statement out.
func (c *cache) take(query string) *sqlite3.Stmt {
	e := c.items[query]
	if e == nil {
		return nil
	}
	c.order.Remove(e)
	delete(c.items, query)
	c.size -= len(query)
	return e.Value.(cached).stmt
}

// put brings a statement back. Errors of its last run are not those of the next.
func (c *cache) put(query string, stmt *sqlite3.Stmt) {
	if c.items[query] != nil || stmt.Reset() != nil || stmt.ClearBindings() != nil {
		stmt.Close()
		return
	}
	if c.items == nil {
		c.items, c.order = map[string]*list.Element{}, list.New()
	}
	c.items[query] = c.order.PushFront(cached{query, stmt})
	c.size += len(query)
	for c.size > cacheBytes {
		oldest := c.order.Back().Value.(cached)
		c.take(oldest.query).Close()
	}
}

func (c *cache) clear() {
	for query := range c.items {
		c.take(query).Close()
	}
}
