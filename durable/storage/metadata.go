package storage

import "github.com/ncruces/go-sqlite3"

// Bookmark counts the calls of getCurrentBookmark from 0, as workerd does
// locally, and returns the number.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#getcurrentbookmark
func (d *DB) Bookmark() (int64, error) {
	number, ok, err := d.metadataValue(fixedGetBookmark)
	if err != nil {
		return 0, err
	}
	if ok {
		number++
	}
	if err := d.setMetadata(fixedSetBookmark, &number); err != nil {
		return 0, err
	}
	return number, nil
}

// metadataValue reads one of the runtime's own numbers.
func (d *DB) metadataValue(which fixedStatement) (int64, bool, *Error) {
	if d.broken != nil {
		return 0, false, d.broken
	}
	if ok, err := d.hasTable(metadataTable, &d.metadata); !ok || err != nil {
		return 0, false, err
	}
	stmt, err := d.statement(which)
	if err != nil {
		return 0, false, err
	}
	defer stmt.Reset()
	row, stepErr := stmt.Step()
	if stepErr != nil {
		return 0, false, d.failed(stepErr)
	}
	if !row {
		return 0, false, nil
	}
	columns, rowErr := stmt.Row()
	if rowErr != nil {
		return 0, false, d.failed(rowErr)
	}
	if columns.Type(0) != sqlite3.INTEGER {
		return 0, false, nil
	}
	return columns.Int(0), true, nil
}

// setMetadata writes one of the runtime's own numbers, or NULL.
func (d *DB) setMetadata(which fixedStatement, value *int64) *Error {
	if err := d.beginWrite(); err != nil {
		return err
	}
	if err := d.needTable(metadataTable, &d.metadata, fixedCreateMetadata); err != nil {
		return err
	}
	stmt, err := d.statement(which)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	bindErr := stmt.BindNull(1)
	if value != nil {
		bindErr = stmt.BindInt(1, *value)
	}
	if bindErr != nil {
		return d.failed(bindErr)
	}
	if _, err := stmt.Step(); err != nil {
		return d.failed(err)
	}
	return nil
}
