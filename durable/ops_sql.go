package durable

import (
	"strings"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
)

func sqlOps() []isolate.Op {
	return []isolate.Op{
		// The op is the method exec itself: programs call it, with whatever arguments.
		{Name: "sql.exec", Run: func(c *isolate.Call) (isolate.Value, error) {
			instance, ok := c.Owner().(*Instance)
			if !ok || instance.object.cursors.isolate == nil {
				return isolate.Value{}, isolate.Errorf("TypeError", "Illegal invocation")
			}
			return instance.object.exec(c)
		}},
		{Name: "sql.prepare", Run: func(c *isolate.Call) (isolate.Value, error) {
			if o := objectOf(c); o.cursors.isolate == nil {
				o.cursors = cursors{isolate: c.Isolate(), form: c.Form(0)}
				o.convert = c.Hold(1)
			}
			return isolate.Undefined(), nil
		}},
		{Name: "sql.columns", Run: func(c *isolate.Call) (isolate.Value, error) {
			cur, err := objectOf(c).cursors.of(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return jsonList(cur.Columns(), nil)
		}},
		{Name: "sql.rows", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			cur, err := o.cursors.of(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return o.rest(c, cur)
		}},
		{Name: "sql.next", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			cur, err := o.cursors.of(c)
			if err != nil {
				return isolate.Value{}, err
			}
			return o.next(c, cur, c.Bool(1))
		}},
		{Name: "sql.one", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			cur, err := o.cursors.of(c)
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
			cur, err := objectOf(c).cursors.of(c)
			if err != nil {
				return isolate.Value{}, err
			}
			read, wrote, err := cur.Counts()
			return jsonList([2]int64{read, wrote}, err)
		}},
		storageOp("sql.databaseSize", func(_ *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			size, err := db.Size()
			return isolate.Number(float64(size)), toJS(err)
		}),
	}
}

// rest is all rows that a cursor has left; undefined if there are none. A query may have more than any
// memory can take, so some are taken at a time.
func (o *Object) rest(c *isolate.Call, cur *storage.Cursor) (isolate.Value, error) {
	const some = 64
	o.taken.Reset()
	for all := 0; ; {
		taken, err := cur.Take(&o.taken, some, true)
		all += taken
		switch {
		case err != nil:
			return isolate.Value{}, toJS(err)
		case all == 0:
			return isolate.Undefined(), nil
		case taken < some && len(cur.Fields().Names) == 0:
			return isolate.JSON([]byte("[" + strings.TrimSuffix(strings.Repeat("{},", all), ",") + "]")), nil
		case taken < some:
			return o.taken.Objects(o.form(c, cur)), nil
		case o.taken.Size()+all*rowSize(cur) > c.Isolate().MemoryLimit():
			o.taken = isolate.Rows{}
			c.Turn().Break(isolate.ErrMemoryLimit)
			return isolate.Undefined(), nil
		}
	}
}

// rowSize is what the heap needs for a row as an object beside its values, in bytes: at least, so that no query is
// stopped whose rows had room.
func rowSize(cur *storage.Cursor) int {
	const object, value = 40, 8
	return object + value*len(cur.Columns())
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
	case len(cur.Fields().Names) == 0:
		return isolate.JSON([]byte("{}")), nil
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
