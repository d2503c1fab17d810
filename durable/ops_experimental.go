package durable

import (
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
)

// experimentalOps are behind what workerd offers with the compatibility flag experimental.
func experimentalOps() []isolate.Op {
	return []isolate.Op{
		storageOp("sql.ingest", func(c *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			sum, err := db.Ingest(c.String(0))
			return jsonList([]any{sum.Remainder, sum.RowsRead, sum.RowsWritten, sum.Statements}, err)
		}),
		{Name: "sql.reused", Run: func(c *isolate.Call) (isolate.Value, error) {
			cur, err := objectOf(c).cursors.of(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return isolate.Bool(cur.Reused()), nil
		}},
		storageOp("sql.limitPages", func(c *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			return isolate.Undefined(), toJS(db.LimitPages(c.Int(0)))
		}),
	}
}
