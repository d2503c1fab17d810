package storage

import (
	"time"
)

const createMetadata = `CREATE TABLE IF NOT EXISTS _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB)`

// The rows of _cf_METADATA.
const (
	rowAlarm    = 1 // nanoseconds since 1970, or NULL
	rowBookmark = 2 // counts getCurrentBookmark
)

// Alarm is when the object's alarm is due; the zero time is none.
func (db *DB) Alarm() (time.Time, error) {
	ns, err := db.metadata(rowAlarm)
	if err != nil || ns == 0 {
		return time.Time{}, err
	}
	return time.Unix(0, ns), nil
}

// SetAlarm sets or, with the zero time, removes the alarm, in the transaction that is open.
func (db *DB) SetAlarm(at time.Time) error {
	if at.IsZero() {
		return db.setMetadata(rowAlarm, 0)
	}
	return db.setMetadata(rowAlarm, at.UnixNano())
}

// Bookmark counts up, and gives the number before.
func (db *DB) Bookmark() (int64, error) {
	n, err := db.metadata(rowBookmark)
	if err != nil {
		return 0, err
	}
	return n, db.setMetadata(rowBookmark, n+1)
}

func (db *DB) metadata(row int64) (int64, error) {
	if there, err := db.there(&db.meta, "_cf_METADATA"); !there || err != nil {
		return 0, err
	}
	stmt, err := db.systemStmt(`SELECT value FROM _cf_METADATA WHERE key = ?`)
	if err != nil {
		return 0, err
	}
	defer stmt.Reset()
	if err := stmt.BindInt64(1, row); err != nil {
		return 0, sqlError(err, "")
	}
	if stmt.Step() {
		return stmt.ColumnInt64(0), nil
	}
	return 0, checked(stmt.Err(), "")
}

func (db *DB) setMetadata(row, value int64) error {
	if err := db.write(); err != nil {
		return err
	}
	there, err := db.there(&db.meta, "_cf_METADATA")
	if err != nil {
		return err
	}
	if !there {
		if value == 0 {
			return nil
		}
		if err := db.run(createMetadata); err != nil {
			return err
		}
		db.meta = tableThere
	}
	stmt, err := db.systemStmt(`INSERT INTO _cf_METADATA VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`)
	if err != nil {
		return err
	}
	if err := stmt.BindInt64(1, row); err != nil {
		return sqlError(err, "")
	}
	if value == 0 {
		err = stmt.BindNull(2)
	} else {
		err = stmt.BindInt64(2, value)
	}
	if err != nil {
		return sqlError(err, "")
	}
	return db.noticed(checked(stmt.Exec(), ""))
}
