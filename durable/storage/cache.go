package storage

import (
	"container/list"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// cacheBytes is how much SQL text the compiled statements of an object may
// have in total.
const cacheBytes = 1 << 20

// cacheEntry is a compiled text: the last statement, and those before it.
type cacheEntry struct {
	text    string
	stmt    *sqlite.Stmt
	prelude []preludeStatement
	// change is what running the last statement outdates.
	change change
	// schema is the state of the schema that the text was compiled for.
	schema int
	// fields are those of the rows, once they have been asked for.
	fields *Fields
	// busy says that a cursor uses the statement.
	busy bool
	// cached says that the entry stays when its cursor ends.
	cached  bool
	element *list.Element
}

type preludeStatement struct {
	stmt   *sqlite.Stmt
	change change
}

// close destroys the statements.
func (e *cacheEntry) close() {
	if e.stmt != nil {
		e.stmt.Close()
		e.stmt = nil
	}
	for _, p := range e.prelude {
		p.stmt.Close()
	}
	e.prelude = nil
}

// statementCache keeps compiled statements by their exact text, and lets go of
// those that have not been used for longest.
type statementCache struct {
	entries map[string]*cacheEntry
	order   list.List
	bytes   int
}

// get returns the entry of a text, now the most recently used one, or nil.
func (c *statementCache) get(text string) *cacheEntry {
	entry := c.entries[text]
	if entry != nil {
		c.order.MoveToBack(entry.element)
	}
	return entry
}

func (c *statementCache) add(entry *cacheEntry) {
	if c.entries == nil {
		c.entries = map[string]*cacheEntry{}
	}
	c.entries[entry.text] = entry
	entry.element = c.order.PushBack(entry)
	entry.cached = true
	c.bytes += len(entry.text)
}

// remove forgets an entry. If a cursor uses it, it is closed at its end.
func (c *statementCache) remove(entry *cacheEntry) {
	delete(c.entries, entry.text)
	c.order.Remove(entry.element)
	c.bytes -= len(entry.text)
	entry.cached = false
	if !entry.busy {
		entry.close()
	}
}

func (c *statementCache) trim() {
	for c.bytes > cacheBytes {
		c.remove(c.order.Front().Value.(*cacheEntry))
	}
}

func (c *statementCache) clear() {
	for c.order.Len() > 0 {
		c.remove(c.order.Front().Value.(*cacheEntry))
	}
}
