package storage

import (
	"fmt"
	"strings"
)

// WranglersNames is a table in which wrangler keeps the name of an object.
const WranglersNames = "__miniflare_do_name"

// Table is a table or a view of the program.
type Table struct {
	Name string
	Type string // table or view
	SQL  string // the statement that made it
}

// Column is a column of a table.
// https://sqlite.org/pragma.html#pragma_table_xinfo
type Column struct {
	Name, Type string
	NotNull    bool
	Default    Value
	// PrimaryKey is the place in the primary key, from 1; 0 if it is not in it.
	PrimaryKey int64
	// Hidden tells that SELECT * leaves it out, as of virtual tables.
	Hidden bool
}

// Tables lists the program's tables and views by name, without what is the runtime's or SQLite's own, or
// wrangler's.
func (d *DB) Tables() ([]Table, error) {
	rows, err := d.All(fmt.Sprintf(`SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view')
		AND name NOT LIKE '\_cf\_%%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%%' ESCAPE '\' AND name <> '%s' ORDER BY name`, WranglersNames))
	if err != nil {
		return nil, err
	}
	tables := []Table{}
	for _, row := range rows {
		var t Table
		t.Name, _ = row[0].(string)
		t.Type, _ = row[1].(string)
		t.SQL, _ = row[2].(string)
		tables = append(tables, t)
	}
	return tables, nil
}

// Columns describes the columns of a table or a view.
func (d *DB) Columns(table string) ([]Column, error) {
	rows, err := d.All("PRAGMA table_xinfo(" + QuoteName(table) + ")")
	if err != nil {
		return nil, err
	}
	columns := []Column{}
	for _, row := range rows {
		c := Column{NotNull: row[3] == int64(1), Default: row[4], Hidden: row[6] == int64(1)}
		c.Name, _ = row[1].(string)
		c.Type, _ = row[2].(string)
		c.PrimaryKey, _ = row[5].(int64)
		columns = append(columns, c)
	}
	return columns, nil
}

// All gives all rows of a query.
func (d *DB) All(query string) (rows [][]Value, err error) {
	cursor, err := d.Exec(query)
	if err != nil {
		return nil, err
	}
	defer cursor.Close()
	for {
		row, err := cursor.Next()
		if err != nil || row == nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// QuoteName writes a name as SQL has it.
func QuoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
