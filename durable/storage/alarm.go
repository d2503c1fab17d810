package storage

import (
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Alarm returns the time of the object's alarm, which may be that of a write
// that has not been committed. What is set here does not fire by itself: see
// [AlarmStore].
//
// https://developers.cloudflare.com/durable-objects/api/alarms/#getalarm
func (d *DB) Alarm() (at time.Time, ok bool, err error) {
	at, ok, failure := d.alarm()
	if failure != nil {
		return time.Time{}, false, failure
	}
	return at, ok, nil
}

func (d *DB) alarm() (time.Time, bool, *Error) {
	if d.broken != nil {
		return time.Time{}, false, d.broken
	}
	if ok, err := d.hasTable(metadataTable, &d.metadata); !ok || err != nil {
		return time.Time{}, false, err
	}
	stmt, err := d.statement(fixedGetAlarm)
	if err != nil {
		return time.Time{}, false, err
	}
	defer stmt.Reset()
	row, stepErr := stmt.Step()
	if stepErr != nil {
		return time.Time{}, false, d.failed(stepErr)
	}
	if !row {
		return time.Time{}, false, nil
	}
	columns, rowErr := stmt.Row()
	if rowErr != nil {
		return time.Time{}, false, d.failed(rowErr)
	}
	if columns.Type(0) != sqlite3.INTEGER {
		return time.Time{}, false, nil
	}
	return time.Unix(0, columns.Int(0)), true, nil
}

// SetAlarm stores the time of the alarm as part of the transaction.
//
// https://developers.cloudflare.com/durable-objects/api/alarms/#setalarm
func (d *DB) SetAlarm(at time.Time) error {
	nanoseconds := at.UnixNano()
	return d.storeAlarm(&nanoseconds)
}

// DeleteAlarm removes the alarm as part of the transaction.
//
// https://developers.cloudflare.com/durable-objects/api/alarms/#deletealarm
func (d *DB) DeleteAlarm() error {
	if _, ok, err := d.alarm(); err != nil {
		return err
	} else if !ok {
		return nil
	}
	return d.storeAlarm(nil)
}

func (d *DB) storeAlarm(nanoseconds *int64) error {
	if err := d.beginWrite(); err != nil {
		return err
	}
	if err := d.needTable(metadataTable, &d.metadata, fixedCreateMetadata); err != nil {
		return err
	}
	stmt, err := d.statement(fixedSetAlarm)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	bindErr := stmt.BindNull(1)
	if nanoseconds != nil {
		bindErr = stmt.BindInt(1, *nanoseconds)
	}
	if bindErr != nil {
		return d.failed(bindErr)
	}
	if _, err := stmt.Step(); err != nil {
		return d.failed(err)
	}
	return nil
}
