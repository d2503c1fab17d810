package durable

import "github.com/doemu/doemu/emulator/isolate"

// experimentalOps are behind what workerd offers with the compatibility flag experimental.
func experimentalOps() []isolate.Op {
	return []isolate.Op{
		{Name: "sql.ingest", Run: func(c *isolate.Call) (isolate.Value, error) {
			sum, err := objectOf(c).db.Ingest(c.String(0))
			return jsonList([]any{sum.Remainder, sum.RowsRead, sum.RowsWritten, sum.Statements}, err)
		}},
		{Name: "sql.reused", Run: func(c *isolate.Call) (isolate.Value, error) {
			cur, err := objectOf(c).cursors.of(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return isolate.Bool(cur.Reused()), nil
		}},
		{Name: "sql.limitPages", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), toJS(objectOf(c).db.LimitPages(c.Int(0)))
		}},
	}
}
