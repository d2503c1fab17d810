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
	count, err := d.CountKeys()
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
	if err := d.clear(); err != nil {
		return 0, err
	}
	if keepAlarm && hasAlarm {
		return count, d.SetAlarm(at)
	}
	return count, nil
}

// clear removes everything. A database with a history is cleared by a
// transaction, which the history can undo; another one is made anew, which costs
// less if there is much in it.
func (d *DB) clear() error {
	turn := d.txn.turn
	if d.timeline != nil && d.timeline.failure == nil {
		d.timeline.begin()
	}
	if d.file != nil {
		d.releaseStatements()
		if err := d.conn.Clear(); err != nil {
			return err
		}
	} else {
		if err := d.close(); err != nil {
			return err
		}
		if err := d.remove(); err != nil {
			return err
		}
		if err := d.open(); err != nil {
			return err
		}
	}
	d.txn.turn = turn
	d.forget()
	d.committed()
	return nil
}

// CountKeys returns how many key-value pairs there are.
func (d *DB) CountKeys() (int, error) {
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
