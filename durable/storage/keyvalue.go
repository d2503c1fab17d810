package storage

import (
	"slices"
	"strconv"

	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// Entry is a key with its serialised value.
type Entry struct {
	Key   string
	Value []byte
}

// tableState says whether one of the runtime's tables exists. It is unknown
// when the database was opened and after each rollback.
type tableState int

const (
	tableUnknown tableState = iota
	tableAbsent
	tablePresent
)

const (
	keyValueTable = "_cf_KV"
	metadataTable = "_cf_METADATA"
)

// hasTable reports whether a table exists, asking only if that is not known.
func (d *DB) hasTable(name string, state *tableState) (bool, *Error) {
	if *state != tableUnknown {
		return *state == tablePresent, nil
	}
	stmt, err := d.statement(fixedHasTable)
	if err != nil {
		return false, err
	}
	defer stmt.Reset()
	if err := stmt.BindText(1, name); err != nil {
		return false, d.failed(err)
	}
	row, stepErr := stmt.Step()
	if stepErr != nil {
		return false, d.failed(stepErr)
	}
	*state = tableAbsent
	if row {
		*state = tablePresent
	}
	return row, nil
}

// needTable makes a table that does not exist yet.
func (d *DB) needTable(name string, state *tableState, create fixedStatement) *Error {
	if *state == tablePresent {
		return nil
	}
	if ok, err := d.hasTable(name, state); ok || err != nil {
		return err
	}
	if err := d.do(create); err != nil {
		return err
	}
	*state = tablePresent
	d.schema++
	return nil
}

// Get returns the serialised value of a key.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#get
func (d *DB) Get(key string) (value []byte, ok bool, err error) {
	if err := d.checkKey(key); err != nil {
		return nil, false, err
	}
	value, ok, failure := d.get(key)
	if failure != nil {
		return nil, false, failure
	}
	return value, ok, nil
}

func (d *DB) get(key string) ([]byte, bool, *Error) {
	if d.broken != nil {
		return nil, false, d.broken
	}
	if ok, err := d.hasTable(keyValueTable, &d.keyValue); !ok || err != nil {
		return nil, false, err
	}
	stmt, err := d.statement(fixedGet)
	if err != nil {
		return nil, false, err
	}
	defer stmt.Reset()
	if err := stmt.BindText(1, key); err != nil {
		return nil, false, d.failed(err)
	}
	row, stepErr := stmt.Step()
	if stepErr != nil {
		return nil, false, d.failed(stepErr)
	}
	if !row {
		return nil, false, nil
	}
	columns, rowErr := stmt.Row()
	if rowErr != nil {
		return nil, false, d.failed(rowErr)
	}
	return blob(columns, 0), true, nil
}

// blob copies a column that holds bytes; anything else reads as no bytes.
func blob(row *sqlite.Row, i int) []byte {
	if t := row.Type(i); t != sqlite3.BLOB && t != sqlite3.TEXT {
		return []byte{}
	}
	return append([]byte{}, row.Bytes(i)...)
}

// GetMany returns those of the keys that are stored, each once, in the order
// of their UTF-8 bytes.
func (d *DB) GetMany(keys []string) ([]Entry, error) {
	if limit := d.options.Limits.Pairs; limit > 0 && len(keys) > limit {
		return nil, &Error{Class: "RangeError", Message: "Maximum number of key value pairs is " +
			strconv.Itoa(limit) + ". " + strconv.Itoa(len(keys)) + " pairs were provided."}
	}
	for _, key := range keys {
		if err := d.checkKey(key); err != nil {
			return nil, err
		}
	}
	keys = slices.Clone(keys)
	slices.Sort(keys)
	var entries []Entry
	for _, key := range slices.Compact(keys) {
		value, ok, err := d.get(key)
		if err != nil {
			return nil, err
		}
		if ok {
			entries = append(entries, Entry{Key: key, Value: value})
		}
	}
	return entries, nil
}

// Put stores a serialised value.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#put
func (d *DB) Put(key string, value []byte) error {
	if err := d.checkEntry(key, value); err != nil {
		return err
	}
	if err := d.put(key, value); err != nil {
		return err
	}
	return nil
}

func (d *DB) put(key string, value []byte) *Error {
	if err := d.beginWrite(); err != nil {
		return err
	}
	if err := d.needTable(keyValueTable, &d.keyValue, fixedCreateKeyValue); err != nil {
		return err
	}
	stmt, err := d.statement(fixedPut)
	if err != nil {
		return err
	}
	defer stmt.ClearBindings()
	defer stmt.Reset()
	if err := stmt.BindText(1, key); err != nil {
		return d.failed(err)
	}
	if err := stmt.BindBlob(2, value); err != nil {
		return d.failed(err)
	}
	if _, err := stmt.Step(); err != nil {
		return d.failed(err)
	}
	return nil
}

// PutMany stores all entries or, if one of them fails, none.
func (d *DB) PutMany(entries []Entry) error {
	for _, entry := range entries {
		if err := d.checkEntry(entry.Key, entry.Value); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return nil
	}
	savepoint, err := d.Savepoint()
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := d.put(entry.Key, entry.Value); err != nil {
			if d.RollbackTo(savepoint) == nil && d.broken == nil {
				// The failed write is what the caller has to know.
				_ = d.Release(savepoint)
			}
			return err
		}
	}
	return d.Release(savepoint)
}

// Delete removes a key and reports whether it was there.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#delete
func (d *DB) Delete(key string) (bool, error) {
	n, err := d.DeleteMany([]string{key})
	return n > 0, err
}

// DeleteMany removes keys and returns how many of them were there.
func (d *DB) DeleteMany(keys []string) (int, error) {
	for _, key := range keys {
		if err := d.checkKey(key); err != nil {
			return 0, err
		}
	}
	deleted := 0
	for _, key := range keys {
		n, err := d.deleteKey(key)
		if err != nil {
			return 0, err
		}
		deleted += n
	}
	return deleted, nil
}

func (d *DB) deleteKey(key string) (int, *Error) {
	if err := d.beginWrite(); err != nil {
		return 0, err
	}
	if err := d.needTable(keyValueTable, &d.keyValue, fixedCreateKeyValue); err != nil {
		return 0, err
	}
	stmt, err := d.statement(fixedDelete)
	if err != nil {
		return 0, err
	}
	defer stmt.Reset()
	if err := stmt.BindText(1, key); err != nil {
		return 0, d.failed(err)
	}
	if _, err := stmt.Step(); err != nil {
		return 0, d.failed(err)
	}
	return int(d.conn.Changes()), nil
}

func (d *DB) checkEntry(key string, value []byte) error {
	if err := d.checkKey(key); err != nil {
		return err
	}
	if limit := d.options.Limits.ValueBytes; limit > 0 && len(value) > limit+valueOverhead {
		return tooLarge("Values", "value", limit, len(value))
	}
	return nil
}

func (d *DB) checkKey(key string) error {
	if limit := d.options.Limits.KeyBytes; limit > 0 && len(key) > limit {
		return tooLarge("Keys", "key", limit, len(key))
	}
	return nil
}

func tooLarge(plural, singular string, limit, size int) error {
	return &Error{Class: "RangeError", Message: plural + " cannot be larger than " + strconv.Itoa(limit) +
		" bytes. A " + singular + " of size " + strconv.Itoa(size) + " was provided."}
}
