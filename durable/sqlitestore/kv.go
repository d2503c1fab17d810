package storage

import (
	"math"

	"github.com/ncruces/go-sqlite3"
)

const createKV = `CREATE TABLE IF NOT EXISTS _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID`

func (db *DB) makeKV() error {
	if err := db.write(); err != nil {
		return err
	}
	if there, err := db.there(&db.kv, "_cf_KV"); there || err != nil {
		return err
	}
	if err := db.run(createKV); err != nil {
		return err
	}
	db.kv = tableThere
	return nil
}

// Get is the stored bytes of a key; ok is false if there are none.
func (db *DB) Get(key string) (value []byte, ok bool, err error) {
	if there, err := db.there(&db.kv, "_cf_KV"); !there || err != nil {
		return nil, false, err
	}
	stmt, err := db.systemStmt(`SELECT value FROM _cf_KV WHERE key = ?`)
	if err != nil {
		return nil, false, err
	}
	defer stmt.Reset()
	if err := stmt.BindText(1, key); err != nil {
		return nil, false, sqlError(err, "")
	}
	if stmt.Step() {
		return stmt.ColumnBlob(0, nil), true, nil
	}
	return nil, false, checked(stmt.Err(), "")
}

// Put stores bytes under a key.
func (db *DB) Put(key string, value []byte) error {
	if err := db.makeKV(); err != nil {
		return err
	}
	stmt, err := db.systemStmt(`INSERT INTO _cf_KV VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`)
	if err != nil {
		return err
	}
	if err := stmt.BindText(1, key); err != nil {
		return sqlError(err, "")
	}
	if err := stmt.BindBlob(2, value); err != nil {
		return sqlError(err, "")
	}
	return db.noticed(checked(stmt.Exec(), ""))
}

// Delete removes a key and tells whether it was there.
func (db *DB) Delete(key string) (bool, error) {
	if there, err := db.there(&db.kv, "_cf_KV"); !there || err != nil {
		return false, err
	}
	if err := db.write(); err != nil {
		return false, err
	}
	stmt, err := db.systemStmt(`DELETE FROM _cf_KV WHERE key = ?`)
	if err != nil {
		return false, err
	}
	if err := stmt.BindText(1, key); err != nil {
		return false, sqlError(err, "")
	}
	if err := stmt.Exec(); err != nil {
		return false, db.noticed(sqlError(err, ""))
	}
	return db.conn.Changes() > 0, nil
}

// ListOptions choose a range of keys, in the order of their UTF-8 bytes. Nil bounds are none.
type ListOptions struct {
	Start, StartAfter, End, Prefix *string
	Reverse                        bool
	Limit                          int // 0 for none
}

// List gives the keys of a range.
func (db *DB) List(o ListOptions) ([]string, error) {
	keys := []string{}
	if there, err := db.there(&db.kv, "_cf_KV"); !there || err != nil {
		return keys, err
	}
	from, to, ok := o.bounds()
	if !ok {
		return keys, nil
	}
	sql := `SELECT key FROM _cf_KV WHERE key >= ?1`
	if to != nil {
		sql += ` AND key < ?2`
	}
	sql += ` ORDER BY key`
	if o.Reverse {
		sql += ` DESC`
	}
	stmt, err := db.systemStmt(sql + ` LIMIT ?3`)
	if err != nil {
		return nil, err
	}
	defer stmt.Reset()
	if err := bindRange(stmt, from, to, o.Limit); err != nil {
		return nil, sqlError(err, "")
	}
	for stmt.Step() {
		keys = append(keys, stmt.ColumnText(0))
	}
	return keys, checked(stmt.Err(), "")
}

func bindRange(stmt *sqlite3.Stmt, from string, to *string, limit int) error {
	if err := stmt.BindText(1, from); err != nil {
		return err
	}
	if to != nil {
		if err := stmt.BindText(2, *to); err != nil {
			return err
		}
	}
	if limit == 0 {
		limit = math.MaxInt32
	}
	return stmt.BindInt(3, limit)
}

// bounds are the first key of the range and the first behind it; ok is false for an empty range.
func (o ListOptions) bounds() (from string, to *string, ok bool) {
	if o.Start != nil {
		from = *o.Start
	}
	if o.StartAfter != nil {
		from = *o.StartAfter + "\x00"
	}
	to = o.End
	if o.Prefix != nil {
		from = max(from, *o.Prefix)
		if after, bounded := successor(*o.Prefix); bounded && (to == nil || after < *to) {
			to = &after
		}
	}
	return from, to, to == nil || from < *to
}

// successor is the first string behind all that begin with the prefix, if there is one.
func successor(prefix string) (string, bool) {
	b := []byte(prefix)
	for n := len(b) - 1; n >= 0; n-- {
		if b[n] < 0xff {
			b[n]++
			return string(b[:n+1]), true
		}
	}
	return "", false
}
