package durable

import (
	"github.com/doemu/doemu/emulator/isolate"
)

// exec runs the SQL of a call, the text and its bindings. What has to be converted by JavaScript is: the
// conversion calls again, with strings, numbers, bytes and null.
func (o *Object) exec(c *isolate.Call) (isolate.Value, error) {
	if c.Len() == 0 {
		return isolate.Value{}, isolate.Errorf("TypeError", "Failed to execute 'exec' on 'SqlStorage': parameter 1 is not of type 'String'.")
	}
	if !c.IsString(0) {
		return c.Forward(o.convert), nil
	}
	var space [4]any
	bindings := space[:0]
	boolean, largest := false, 0
	for n := 1; n < c.Len(); n++ {
		v, ok := binding(c, n)
		if !ok {
			return c.Forward(o.convert), nil
		}
		switch v := v.(type) {
		case bool:
			boolean = true
		case []byte:
			largest = max(largest, len(v))
		case string:
			largest = max(largest, len(v))
		}
		bindings = append(bindings, v)
	}
	o.cursors.makeRoom()
	db, err := o.storage()
	if err != nil {
		return isolate.Value{}, toJS(err)
	}
	cur, err := db.Exec(text(c, 0), bindings...)
	if err != nil {
		return isolate.Value{}, toJS(err)
	}
	if boolean {
		o.hintBoolean(c)
	}
	o.hintValue(c, largest, o.limits.RowBytes)
	return o.cursors.add(cur, &o.taken), nil
}

// text is an argument for the storage, which copies what it keeps.
func text(c *isolate.Call, n int) string {
	if s, ok := c.ASCII(n); ok {
		return s
	}
	return c.String(n)
}

// binding is an argument as SQLite takes it; ok is false when that is for JavaScript to find out.
func binding(c *isolate.Call, n int) (v any, ok bool) {
	if s, ok := c.ASCII(n); ok {
		return s, true
	}
	switch {
	case c.IsString(n):
		return c.String(n), true
	case c.IsNumber(n):
		return c.Number(n), true
	case c.IsNull(n) || c.IsUndefined(n):
		return nil, true
	case c.IsBool(n):
		return c.Bool(n), true
	}
	return c.View(n)
}
