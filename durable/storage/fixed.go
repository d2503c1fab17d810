package storage

import (
	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// fixedStatement is a statement of this package, compiled when it is first
// used.
type fixedStatement int

const (
	fixedBegin fixedStatement = iota
	fixedCommit
	fixedRollback
	fixedHasTable
	fixedCreateKeyValue
	fixedGet
	fixedPut
	fixedDelete
	fixedCountKeys
	fixedList
	fixedListEnd
	fixedListReverse
	fixedListEndReverse
	fixedCreateMetadata
	fixedGetAlarm
	fixedSetAlarm
	fixedGetBookmark
	fixedSetBookmark
	fixedSize

	fixedCount
)

// fixedTexts hold the tables as workerd makes them.
var fixedTexts = [fixedCount]string{
	fixedBegin:          `BEGIN`,
	fixedCommit:         `COMMIT`,
	fixedRollback:       `ROLLBACK`,
	fixedHasTable:       `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`,
	fixedCreateKeyValue: `CREATE TABLE IF NOT EXISTS _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID`,
	fixedGet:            `SELECT value FROM _cf_KV WHERE key = ?`,
	fixedPut:            `INSERT INTO _cf_KV VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
	fixedDelete:         `DELETE FROM _cf_KV WHERE key = ?`,
	fixedCountKeys:      `SELECT count(*) FROM _cf_KV`,
	fixedList:           `SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key LIMIT ?2`,
	fixedListEnd:        `SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?3 ORDER BY key LIMIT ?2`,
	fixedListReverse:    `SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key DESC LIMIT ?2`,
	fixedListEndReverse: `SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?3 ORDER BY key DESC LIMIT ?2`,
	fixedCreateMetadata: `CREATE TABLE IF NOT EXISTS _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB)`,
	fixedGetAlarm:       `SELECT value FROM _cf_METADATA WHERE key = 1`,
	fixedSetAlarm:       `INSERT INTO _cf_METADATA VALUES (1, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
	fixedGetBookmark:    `SELECT value FROM _cf_METADATA WHERE key = 2`,
	fixedSetBookmark:    `INSERT INTO _cf_METADATA VALUES (2, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
	fixedSize: `SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count),
		(SELECT page_size FROM pragma_page_size)`,
}

// statement returns a fixed statement, ready to bind and step. The caller
// resets it.
func (d *DB) statement(which fixedStatement) (*sqlite.Stmt, *Error) {
	if stmt := d.fixed[which]; stmt != nil {
		return stmt, nil
	}
	stmt, _, err := d.conn.Prepare(fixedTexts[which], sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, fromSQLite(err)
	}
	d.fixed[which] = stmt
	return stmt, nil
}

// do runs a fixed statement without parameters or rows.
func (d *DB) do(which fixedStatement) *Error {
	stmt, err := d.statement(which)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	if _, err := stmt.Step(); err != nil {
		return d.failed(err)
	}
	return nil
}

// failed notes whether a failure ended the transaction, and converts it.
func (d *DB) failed(err *sqlite.Error) *Error {
	failure := fromSQLite(err)
	if critical(err.Code) && d.txn.open && d.conn.Autocommit() || d.conn.Lost() {
		d.txn = transaction{turn: d.txn.turn}
		d.forget()
		if d.broken == nil {
			broken := *failure
			broken.Reset = true
			broken.ResetProperty = true
			d.broken = &broken
		}
	}
	return failure
}
