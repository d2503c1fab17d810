package storage

// DeleteAll removes everything, tables of the program too, and returns how
// many key-value pairs there were. What the turn had written before is rolled
// back, and cursors that are open end with an error. With keepAlarm the alarm
// is set again, in a new transaction.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#deleteall
func (d *DB) DeleteAll(keepAlarm bool) (int, error) {
	if d.broken != nil {
		return 0, d.broken
	}
	if len(d.txn.savepoints) > 0 {
		return 0, plainError("Cannot call deleteAll() within a transaction")
	}
	count, err := d.countKeys()
	if err != nil {
		return 0, err
	}
	at, hasAlarm, failure := d.alarm()
	if failure != nil {
		return 0, failure
	}
	d.rollback()
	for cursor := range d.cursors {
		cursor.cancel()
	}
	turn := d.txn.turn
	if err := d.close(); err != nil {
		return 0, err
	}
	if err := d.remove(); err != nil {
		return 0, err
	}
	if err := d.open(); err != nil {
		return 0, err
	}
	d.txn.turn = turn
	d.forget()
	if keepAlarm && hasAlarm {
		return count, d.SetAlarm(at)
	}
	return count, nil
}

func (d *DB) countKeys() (int, error) {
	if ok, err := d.hasTable(keyValueTable, &d.keyValue); err != nil {
		return 0, err
	} else if !ok {
		return 0, nil
	}
	stmt, err := d.statement(fixedCountKeys)
	if err != nil {
		return 0, err
	}
	defer stmt.Reset()
	if _, err := stmt.Step(); err != nil {
		return 0, d.failed(err)
	}
	row, rowErr := stmt.Row()
	if rowErr != nil {
		return 0, d.failed(rowErr)
	}
	return int(row.Int(0)), nil
}
