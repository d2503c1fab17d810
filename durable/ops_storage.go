package durable

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

// storageOp is an op on the object's storage, which it opens.
func storageOp(name string, run func(*isolate.Call, *Object, *storage.DB) (isolate.Value, error)) isolate.Op {
	return isolate.Op{Name: name, Run: func(c *isolate.Call) (isolate.Value, error) {
		o := objectOf(c)
		db, err := o.storage()
		if err != nil {
			return isolate.Value{}, toJS(err)
		}
		return run(c, o, db)
	}}
}

func kvOps() []isolate.Op {
	return []isolate.Op{
		storageOp("kv.get", func(c *isolate.Call, o *Object, db *storage.DB) (isolate.Value, error) {
			value, ok, err := db.Get(c.String(0))
			if err != nil || !ok {
				return isolate.Undefined(), toJS(err)
			}
			if text, ok := serialized.AppendJSON(o.rows[:0], value); ok {
				o.rows = text
				return isolate.JSON(text), nil
			}
			return isolate.Bytes(value), nil
		}),
		storageOp("kv.put", func(c *isolate.Call, o *Object, db *storage.DB) (isolate.Value, error) {
			value, _ := c.View(1)
			size := len(value)
			err := db.Put(c.String(0), value)
			if err == nil {
				o.hintValue(c, size, cmp.Or(o.limits.ValueBytes, o.limits.RowBytes))
			}
			return isolate.Undefined(), toJS(err)
		}),
		storageOp("kv.delete", func(c *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			there, err := db.Delete(c.String(0))
			return isolate.Bool(there), toJS(err)
		}),
		storageOp("kv.keys", func(c *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			entries, err := db.List(listOptions(c))
			keys := make([]string, len(entries))
			for n, e := range entries {
				keys[n] = e.Key
			}
			return jsonList(keys, err)
		}),
		storageOp("kv.entries", func(c *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			entries, err := db.List(listOptions(c))
			if err != nil {
				return isolate.Value{}, toJS(err)
			}
			return isolate.JSON(entriesJSON(entries)), nil
		}),
		{Name: "kv.deleteAll", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			o.hintAlarmStays(c)
			return isolate.Undefined(), toJS(o.deleteAll(c.Turn()))
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
		return storageOp(name, func(_ *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			return isolate.Undefined(), toJS(do(db))
		})
	}
	return []isolate.Op{
		plain("storage.savepoint", func(db *storage.DB) error {
			_, err := db.Savepoint()
			return err
		}),
		plain("storage.begin", (*storage.DB).Begin),
		plain("storage.release", func(db *storage.DB) error { return db.Release(db.Depth() - 1) }),
		plain("storage.rollback", func(db *storage.DB) error { return db.Undo(db.Depth() - 1) }),
		{Name: "storage.sync", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			resolver := c.Resolver("storage", "sync")
			c.Turn().Send(func() { resolver.Resolve(isolate.Undefined()) })
			return isolate.Undefined(), nil
		}},
		storageOp("storage.bookmark", func(_ *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			if !db.KeepsHistory() {
				n, err := db.Bookmark()
				return isolate.String(storage.FormatCounter(n)), toJS(err)
			}
			mark, err := db.CurrentBookmark()
			return isolate.String(mark), toJS(err)
		}),
		storageOp("storage.bookmarkForTime", func(c *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			mark, err := db.BookmarkForTime(time.UnixMilli(int64(c.Number(0))))
			return isolate.String(mark), toJS(err)
		}),
		storageOp("storage.restore", func(c *isolate.Call, _ *Object, db *storage.DB) (isolate.Value, error) {
			undo, err := db.RestoreOnNextOpen(c.String(0))
			return isolate.String(undo), toJS(err)
		}),
	}
}
