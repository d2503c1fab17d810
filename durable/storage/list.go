package storage

import (
	"strings"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// ListOptions selects keys by their UTF-8 bytes. A nil field is not given.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#list
type ListOptions struct {
	// Start is the first key, StartAfter a key before the first, End a key
	// after the last.
	Start, StartAfter, End *string
	// Prefix keeps the keys that begin with it.
	Prefix string
	// Reverse lists in descending order.
	Reverse bool
	// Limit is the most keys to list.
	Limit *int
}

// keyRange is a range of keys: from start, and before end if there is one.
type keyRange struct {
	start  string
	end    string
	hasEnd bool
	empty  bool
}

// compile checks the options and turns them into a range.
func (o ListOptions) compile() (keyRange, error) {
	var r keyRange
	if o.Start != nil {
		if o.StartAfter != nil {
			return r, typeError("list() cannot be called with both start and startAfter values.")
		}
		r.start = *o.Start
	}
	if o.StartAfter != nil {
		r.start = *o.StartAfter + "\x00"
	}
	if o.End != nil {
		r.end, r.hasEnd = *o.End, true
	}
	if o.Limit != nil && *o.Limit <= 0 {
		return r, typeError("List limit must be positive.")
	}
	if o.Prefix != "" {
		r.within(o.Prefix)
	}
	if r.hasEnd && r.end <= r.start {
		r.empty = true
	}
	return r, nil
}

// within narrows the range to the keys with the prefix.
func (r *keyRange) within(prefix string) {
	switch {
	case r.start < prefix:
		r.start = prefix
	case !strings.HasPrefix(r.start, prefix):
		r.empty = true
	}
	// The first key after all those with the prefix: its last byte that can be
	// raised, raised.
	after := prefix
	for after != "" && after[len(after)-1] == 0xff {
		after = after[:len(after)-1]
	}
	if after == "" {
		return
	}
	after = after[:len(after)-1] + string([]byte{after[len(after)-1] + 1})
	if !r.hasEnd || r.end > after {
		r.end, r.hasEnd = after, true
	}
}

// List returns the selected entries in the order of the keys' UTF-8 bytes. It
// ends the list iterator that is live.
func (d *DB) List(options ListOptions) ([]Entry, error) {
	iterator, err := d.Iterate(options)
	if err != nil {
		return nil, err
	}
	defer iterator.Close()
	// All keys and values share one growing buffer.
	var buffer []byte
	var ends []int
	for {
		row, ok, err := iterator.step()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		buffer = append(buffer, row.Bytes(0)...)
		ends = append(ends, len(buffer))
		buffer = append(buffer, row.Bytes(1)...)
		ends = append(ends, len(buffer))
	}
	entries := make([]Entry, len(ends)/2)
	at := 0
	for i := range entries {
		keyEnd, valueEnd := ends[2*i], ends[2*i+1]
		entries[i] = Entry{Key: string(buffer[at:keyEnd]), Value: buffer[keyEnd:valueEnd:valueEnd]}
		at = valueEnd
	}
	return entries, nil
}

// ListIterator lists keys one by one. Writes during its life are allowed, and
// it sees those that are ahead of it.
type ListIterator struct {
	db          *DB
	stmt        *sqlite.Stmt
	invalidated bool
}

// Iterate returns an iterator over the selected entries. Only one can be live:
// the next call of Iterate or List invalidates it.
func (d *DB) Iterate(options ListOptions) (*ListIterator, error) {
	if d.broken != nil {
		return nil, d.broken
	}
	selected, err := options.compile()
	if err != nil {
		return nil, err
	}
	if d.list != nil {
		d.list.invalidated = true
		d.list.end()
	}
	iterator := &ListIterator{db: d}
	if selected.empty {
		return iterator, nil
	}
	if ok, err := d.hasTable(keyValueTable, &d.keyValue); err != nil {
		return nil, err
	} else if !ok {
		return iterator, nil
	}
	if err := iterator.prepare(selected, options); err != nil {
		return nil, err
	}
	d.list = iterator
	return iterator, nil
}

func (l *ListIterator) prepare(r keyRange, options ListOptions) *Error {
	which := fixedList
	switch {
	case options.Reverse && r.hasEnd:
		which = fixedListEndReverse
	case options.Reverse:
		which = fixedListReverse
	case r.hasEnd:
		which = fixedListEnd
	}
	stmt, err := l.db.statement(which)
	if err != nil {
		return err
	}
	limit := int64(-1)
	if options.Limit != nil {
		limit = int64(*options.Limit)
	}
	bindErr := stmt.BindText(1, r.start)
	if bindErr == nil {
		bindErr = stmt.BindInt(2, limit)
	}
	if bindErr == nil && r.hasEnd {
		bindErr = stmt.BindText(3, r.end)
	}
	if bindErr != nil {
		return l.db.failed(bindErr)
	}
	l.stmt = stmt
	return nil
}

// Next returns the next entry, or false at the end.
func (l *ListIterator) Next() (Entry, bool, error) {
	row, ok, err := l.step()
	if !ok || err != nil {
		return Entry{}, false, err
	}
	return Entry{Key: string(row.Bytes(0)), Value: blob(row, 1)}, true, nil
}

func (l *ListIterator) step() (*sqlite.Row, bool, error) {
	if l.invalidated {
		return nil, false, plainError("kv.list() iterator was invalidated because a new call to " +
			"kv.list() was started. Only one kv.list() iterator can exist at a time.")
	}
	if l.stmt == nil {
		return nil, false, nil
	}
	ok, err := l.stmt.Step()
	if err != nil {
		l.end()
		return nil, false, l.db.failed(err)
	}
	if !ok {
		l.end()
		return nil, false, nil
	}
	row, err := l.stmt.Row()
	if err != nil {
		l.end()
		return nil, false, l.db.failed(err)
	}
	return row, true, nil
}

// Close ends the iterator.
func (l *ListIterator) Close() { l.end() }

func (l *ListIterator) end() {
	if l.stmt == nil {
		return
	}
	l.stmt.Reset()
	l.stmt.ClearBindings()
	l.stmt = nil
	l.db.list = nil
}
