package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/doemu/doemu/durable/storage"
)

// schema is the program's tables, by name.
type schema map[string]tableSchema

type tableSchema struct {
	sql     string
	columns []string
	primary []string // the columns of the primary key, in its order
	rowid   string   // by which name its rows have their number; "" if they have none
}

// compareTables compares the rows of the tables that two databases have; nil is one without any.
func (c *ObjectChange) compareTables(dbs [2]*storage.DB) error {
	var schemas [2]schema
	all := map[string]bool{}
	for side, db := range dbs {
		if db == nil {
			continue
		}
		var err error
		if schemas[side], err = readSchema(db); err != nil {
			return err
		}
		for name := range schemas[side] {
			all[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		change, err := compareTable(name, dbs, schemas)
		if err != nil {
			return fmt.Errorf("compare table %s: %w", name, err)
		}
		if change != nil {
			c.Tables = append(c.Tables, *change)
		}
	}
	return nil
}

func compareTable(name string, dbs [2]*storage.DB, schemas [2]schema) (*TableChange, error) {
	before, hadBefore := schemas[0][name]
	after, hasAfter := schemas[1][name]
	t := &TableChange{Name: name, Change: Changed, SQLBefore: before.sql, SQLAfter: after.sql, Columns: after.columns, Rows: []RowChange{}}
	switch {
	case !hadBefore:
		t.Change, dbs[0] = Added, nil
	case !hasAfter:
		t.Change, dbs[1], t.Columns = Removed, nil, before.columns
	case !slices.Equal(before.columns, after.columns) || !slices.Equal(before.primary, after.primary) || before.rowid != after.rowid:
		return t, nil
	}
	by := after
	if !hasAfter {
		by = before
	}
	if err := t.compareRows(dbs, by); err != nil {
		return nil, err
	}
	if t.Change == Changed && len(t.Rows) == 0 && before.sql == after.sql {
		return nil, nil
	}
	return t, nil
}

// row is a row with what identifies it.
type row struct {
	number int64
	values []storage.Value
}

func (t *TableChange) compareRows(dbs [2]*storage.DB, s tableSchema) error {
	if s.rowid == "" {
		return t.compareByKey(dbs, s)
	}
	var next [2]func() (*row, error)
	for side, db := range dbs {
		next[side] = func() (*row, error) { return nil, nil }
		if db == nil {
			continue
		}
		cursor, err := db.Exec(fmt.Sprintf("SELECT %s, * FROM %s ORDER BY 1", s.rowid, storage.QuoteName(t.Name)))
		if err != nil {
			return err
		}
		defer cursor.Close()
		next[side] = func() (*row, error) {
			values, err := cursor.Next()
			if err != nil || values == nil {
				return nil, err
			}
			number, _ := values[0].(int64)
			return &row{number, values[1:]}, nil
		}
	}
	return pairs(next, func(a, b *row) int { return cmp.Compare(a.number, b.number) }, t.add)
}

// add notes a pair of rows if they differ, and tells whether more can be noted.
func (t *TableChange) add(before, after *row) (more bool) {
	change := RowChange{}
	if before != nil {
		change.Before = before.values
	}
	if after != nil {
		change.After = after.values
	}
	if before != nil && after != nil && reflect.DeepEqual(before.values, after.values) {
		return true
	}
	if t.More = len(t.Rows) == mostChanges; t.More {
		return false
	}
	t.Rows = append(t.Rows, change)
	return true
}

// mostByKey is how many rows of a table without numbers are held to be compared.
const mostByKey = 100_000

// compareByKey compares a table WITHOUT ROWID, whose order depends on collations.
func (t *TableChange) compareByKey(dbs [2]*storage.DB, s tableSchema) error {
	var place []int
	for _, column := range s.primary {
		place = append(place, slices.Index(s.columns, column))
	}
	found := map[string]*[2]*row{}
	var order []string
	for side, db := range dbs {
		if db == nil {
			continue
		}
		cursor, err := db.Exec("SELECT * FROM " + storage.QuoteName(t.Name))
		if err != nil {
			return err
		}
		defer cursor.Close()
		for n := 0; ; n++ {
			values, err := cursor.Next()
			if err != nil {
				return err
			}
			if values == nil {
				break
			}
			if n == mostByKey {
				t.More = true
				break
			}
			key := ""
			for _, p := range place {
				key += fmt.Sprintf("%T %q,", values[p], fmt.Sprint(values[p]))
			}
			pair := found[key]
			if pair == nil {
				pair = &[2]*row{}
				found[key] = pair
				order = append(order, key)
			}
			pair[side] = &row{values: values}
		}
	}
	for _, key := range order {
		if pair := found[key]; !t.add(pair[0], pair[1]) {
			break
		}
	}
	return nil
}

// virtual is how the statement begins that makes a virtual table.
var virtual = regexp.MustCompile(`(?i)^CREATE VIRTUAL`)

// readSchema reads the program's tables, without what is the runtime's or SQLite's own and what virtual tables are
// made of.
func readSchema(db *storage.DB) (schema, error) {
	s := schema{}
	tables, err := db.Tables()
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		if t.Type != "table" || virtual.MatchString(t.SQL) {
			continue
		}
		columns, err := db.Columns(t.Name)
		if err != nil {
			return nil, err
		}
		made := tableSchema{sql: t.SQL}
		primary := map[int64]string{}
		for _, c := range columns {
			if !c.Hidden {
				made.columns = append(made.columns, c.Name)
			}
			if c.PrimaryKey > 0 {
				primary[c.PrimaryKey] = c.Name
			}
		}
		for _, n := range slices.Sorted(maps.Keys(primary)) {
			made.primary = append(made.primary, primary[n])
		}
		if made.rowid, err = rowidName(db, t.Name, made.columns); err != nil {
			return nil, err
		}
		s[t.Name] = made
	}
	return s, nil
}

// rowidName is the name by which a table's rows have their number, or "".
// https://sqlite.org/rowidtable.html
func rowidName(db *storage.DB, table string, columns []string) (string, error) {
	for _, name := range []string{"_rowid_", "rowid", "oid"} {
		if slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, name) }) {
			continue
		}
		cursor, err := db.Exec(fmt.Sprintf("SELECT %s FROM %s LIMIT 0", name, storage.QuoteName(table)))
		if err != nil {
			return "", nil // WITHOUT ROWID
		}
		cursor.Close()
		return name, nil
	}
	return "", nil
}
