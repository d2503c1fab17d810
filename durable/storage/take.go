package storage

import (
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// Sink gets the values of rows, one after the other. The bytes are valid during the call only; those of
// a text are UTF-8.
type Sink interface {
	Null()
	Number(v float64)
	Text(b []byte)
	Bytes(b []byte)
}

// Take takes up to limit rows and gives their values to sink: those of all columns, or those of
// [Cursor.Fields]. It returns how many rows it took.
//
// An error in computing a row is returned by the call that would take the row before it, as in workerd,
// and by all later ones; the sink may have got rows then.
func (c *Cursor) Take(sink Sink, limit int, asFields bool) (rows int, err error) {
	var columns []int
	if asFields {
		if columns = c.Fields().columns; columns == nil {
			columns = []int{}
		}
	}
	for rows < limit {
		row, more, err := c.current()
		if err != nil {
			return rows, err
		}
		if !more {
			break
		}
		if columns == nil {
			for i := range c.columns {
				give(sink, row, i)
			}
		}
		for _, i := range columns {
			give(sink, row, i)
		}
		if err := c.advance(); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, nil
}

func give(sink Sink, row *sqlite.Row, i int) {
	switch row.Type(i) {
	case sqlite3.INTEGER:
		sink.Number(float64(row.Int(i)))
	case sqlite3.FLOAT:
		sink.Number(row.Float(i))
	case sqlite3.TEXT:
		text := row.Bytes(i)
		if !utf8.Valid(text) {
			text = wellFormed(text)
		}
		sink.Text(text)
	case sqlite3.BLOB:
		sink.Bytes(row.Bytes(i))
	default:
		sink.Null()
	}
}

// Fields are the properties of a row as an object, whose values [Cursor.Take] gives in the same order.
type Fields struct {
	// Names are JSON texts; no two mean the same.
	Names []string
	// columns are where the values come from.
	columns []int
	// of are the names of the columns that the fields are for.
	of []string
}

// newFields finds the fields for columns: of those with the same name the last gives the value and the
// first the place. There may be none.
func newFields(columns []string) *Fields {
	f := &Fields{of: columns}
	places := map[string]int{}
	for i, column := range columns {
		if column == "__proto__" {
			continue // it would be the prototype, and no property
		}
		name := string(AppendJSONString(nil, []byte(column)))
		if place, ok := places[name]; ok {
			f.columns[place] = i
			continue
		}
		places[name] = len(f.Names)
		f.Names = append(f.Names, name)
		f.columns = append(f.columns, i)
	}
	return f
}

// Fields returns the fields of the cursor's rows, which the caller must not change. Runs of one
// statement have the same ones as long as its columns do not change.
func (c *Cursor) Fields() *Fields {
	if c.fields != nil {
		return c.fields
	}
	if c.entry == nil {
		c.fields = newFields(c.columns)
		return c.fields
	}
	if known := c.entry.fields; known == nil || !same(known.of, c.columns) {
		c.entry.fields = newFields(c.columns)
	}
	c.fields = c.entry.fields
	return c.fields
}

// same tells whether two slices are one.
func same(a, b []string) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
