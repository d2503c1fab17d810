package durable

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

func kvOps() []isolate.Op {
	return []isolate.Op{
		{Name: "kv.get", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			value, ok, err := o.db.Get(c.String(0))
			if err != nil || !ok {
				return isolate.Undefined(), toJS(err)
			}
			if text, ok := serialized.AppendJSON(o.rows[:0], value); ok {
				o.rows = text
				return isolate.JSON(text), nil
			}
			return isolate.Bytes(value), nil
		}},
		{Name: "kv.put", Run: func(c *isolate.Call) (isolate.Value, error) {
			value, _ := c.View(1)
			return isolate.Undefined(), toJS(objectOf(c).db.Put(c.String(0), value))
		}},
		{Name: "kv.delete", Run: func(c *isolate.Call) (isolate.Value, error) {
			there, err := objectOf(c).db.Delete(c.String(0))
			return isolate.Bool(there), toJS(err)
		}},
		{Name: "kv.keys", Run: func(c *isolate.Call) (isolate.Value, error) {
			entries, err := objectOf(c).db.List(listOptions(c))
			keys := make([]string, len(entries))
			for n, e := range entries {
				keys[n] = e.Key
			}
			return jsonList(keys, err)
		}},
		{Name: "kv.entries", Run: func(c *isolate.Call) (isolate.Value, error) {
			entries, err := objectOf(c).db.List(listOptions(c))
			if err != nil {
				return isolate.Value{}, toJS(err)
			}
			return isolate.JSON(entriesJSON(entries)), nil
		}},
		{Name: "kv.deleteAll", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), toJS(objectOf(c).deleteAll(c.Turn()))
		}},
	}
}

// listOptions are the arguments of the ops that list.
func listOptions(c *isolate.Call) storage.ListOptions {
	bound := func(n int) *string {
		if c.IsUndefined(n) {
			return nil
		}
		s := c.String(n)
		return &s
	}
	options := storage.ListOptions{Start: bound(0), StartAfter: bound(1), End: bound(2), Prefix: c.String(3), Reverse: c.Bool(4)}
	if limit := c.Int(5); limit > 0 {
		options.Limit = &limit
	}
	return options
}

// entriesJSON is a list as listing.ts reads it: the keys, their values, and the places of those values
// that JSON cannot say.
func entriesJSON(entries []storage.Entry) []byte {
	out, rest := []byte(`[[`), []byte(`],[`)
	for n, e := range entries {
		if n > 0 {
			out = append(out, ',')
		}
		out = storage.AppendJSONString(out, []byte(e.Key))
	}
	out = append(out, `],[`...)
	for n, e := range entries {
		if n > 0 {
			out = append(out, ',')
		}
		text, ok := serialized.AppendJSON(out, e.Value)
		if ok {
			out = text
			continue
		}
		out = append(out, '0')
		if len(rest) > len(`],[`) {
			rest = append(rest, ',')
		}
		rest = strconv.AppendInt(rest, int64(n), 10)
	}
	return append(append(out, rest...), `]]`...)
}

// jsonList is a list as JavaScript gets it, or the error.
func jsonList[T any](list T, err error) (isolate.Value, error) {
	if err != nil {
		return isolate.Value{}, toJS(err)
	}
	text, err := json.Marshal(list)
	return isolate.JSON(text), err
}

func transactionOps() []isolate.Op {
	plain := func(name string, do func(*storage.DB) error) isolate.Op {
		return isolate.Op{Name: name, Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), toJS(do(objectOf(c).db))
		}}
	}
	return []isolate.Op{
		plain("storage.savepoint", func(db *storage.DB) error {
			_, err := db.Savepoint()
			return err
		}),
		plain("storage.begin", func(db *storage.DB) error {
			if err := db.Commit(); err != nil {
				return err
			}
			_, err := db.Savepoint()
			return err
		}),
		plain("storage.release", func(db *storage.DB) error { return db.Release(db.Depth() - 1) }),
		plain("storage.rollback", func(db *storage.DB) error { return db.Undo(db.Depth() - 1) }),
		{Name: "storage.sync", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			resolver := c.Resolver("storage", "sync")
			c.Turn().Send(func() { resolver.Resolve(isolate.Undefined()) })
			return isolate.Undefined(), nil
		}},
		{Name: "storage.bookmark", Run: func(c *isolate.Call) (isolate.Value, error) {
			db := objectOf(c).db
			if !db.KeepsHistory() {
				n, err := db.Bookmark()
				return isolate.String(storage.FormatCounter(n)), toJS(err)
			}
			mark, err := db.CurrentBookmark()
			return isolate.String(mark), toJS(err)
		}},
		{Name: "storage.bookmarkForTime", Run: func(c *isolate.Call) (isolate.Value, error) {
			mark, err := objectOf(c).db.BookmarkForTime(time.UnixMilli(int64(c.Number(0))))
			return isolate.String(mark), toJS(err)
		}},
		{Name: "storage.restore", Run: func(c *isolate.Call) (isolate.Value, error) {
			undo, err := objectOf(c).db.RestoreOnNextOpen(c.String(0))
			return isolate.String(undo), toJS(err)
		}},
	}
}

func (o *Object) cursor(c *isolate.Call) (*storage.Cursor, error) {
	cur := o.cursors[c.Int(0)]
	if cur == nil {
		return nil, isolate.Errorf("Error", "SQL cursor is closed")
	}
	return cur, nil
}

func sqlOps() []isolate.Op {
	return []isolate.Op{
		{Name: "sql.exec", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			var bindings []any
			for n := 1; n < c.Len(); n++ {
				bindings = append(bindings, binding(c, n))
			}
			cur, err := o.db.Exec(c.String(0), bindings...)
			if err != nil {
				return isolate.Value{}, toJS(err)
			}
			if read, wrote, _ := cur.Counts(); cur.Done() && len(cur.Columns()) == 0 && read < packed && wrote < packed {
				return isolate.Number(float64(-(1 + read + wrote*packed))), nil
			}
			o.lastCursor++
			o.cursors[o.lastCursor] = cur
			return isolate.Int(o.lastCursor), nil
		}},
		{Name: "sql.columns", Run: func(c *isolate.Call) (isolate.Value, error) {
			cur, err := objectOf(c).cursor(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return jsonList(cur.Columns(), nil)
		}},
		{Name: "sql.rows", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			cur, err := o.cursor(c)
			if err != nil {
				return isolate.Value{}, err
			}
			o.taken.Reset()
			taken, err := cur.Take(&o.taken, math.MaxInt, true)
			if err != nil || taken == 0 {
				return isolate.Undefined(), toJS(err)
			}
			return o.taken.Objects(o.form(c, cur)), nil
		}},
		{Name: "sql.next", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			cur, err := o.cursor(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return o.next(c, cur, c.Bool(1))
		}},
		{Name: "sql.one", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			cur, err := o.cursor(c)
			if err != nil {
				return isolate.Value{}, err
			}
			row, err := o.next(c, cur, false)
			if err == nil && !cur.Done() {
				cur.Close()
				err = isolate.Errorf("Error", "Expected exactly one result from SQL query, but got multiple results.")
			}
			return row, err
		}},
		{Name: "sql.counts", Run: func(c *isolate.Call) (isolate.Value, error) {
			cur, err := objectOf(c).cursor(c)
			if err != nil {
				return isolate.Value{}, err
			}
			read, wrote, err := cur.Counts()
			return jsonList([2]int64{read, wrote}, err)
		}},
		{Name: "sql.close", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			if cur := o.cursors[c.Int(0)]; cur != nil {
				cur.Close()
				delete(o.cursors, c.Int(0))
			}
			return isolate.Undefined(), nil
		}},
		{Name: "sql.databaseSize", Run: func(c *isolate.Call) (isolate.Value, error) {
			size, err := objectOf(c).db.Size()
			return isolate.Number(float64(size)), toJS(err)
		}},
	}
}

// packed is the factor by which a statement without rows puts its counts into one number.
const packed = 1 << 24

func binding(c *isolate.Call, n int) any {
	switch {
	case c.IsNull(n) || c.IsUndefined(n):
		return nil
	case c.IsString(n):
		return c.String(n)
	}
	if b, ok := c.View(n); ok {
		return b
	}
	return c.Number(n)
}

// next is a cursor's next row, as an array or as an object; undefined at the end.
func (o *Object) next(c *isolate.Call, cur *storage.Cursor, raw bool) (isolate.Value, error) {
	o.taken.Reset()
	taken, err := cur.Take(&o.taken, 1, !raw)
	switch {
	case err != nil || taken == 0:
		return isolate.Undefined(), toJS(err)
	case raw:
		return o.taken.Array(), nil
	}
	return o.taken.Object(o.form(c, cur)), nil
}

// maxForms is how many forms of rows an object keeps: programs have few, unless they make up the names
// of columns.
const maxForms = 200

// form is that of a cursor's rows in the object's heap.
func (o *Object) form(c *isolate.Call, cur *storage.Cursor) isolate.Form {
	fields := cur.Fields()
	form, ok := o.forms[fields]
	if !ok {
		if len(o.forms) == maxForms {
			for _, f := range o.forms {
				c.Isolate().ReleaseForm(f)
			}
			clear(o.forms)
		}
		form = c.Isolate().Form(fields.Names)
		o.forms[fields] = form
	}
	return form
}
