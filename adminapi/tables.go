package adminapi

import (
	"context"
	"strings"

	"github.com/doemu/doemu/durable/storage"
)

// table is a table or a view of the program.
type table struct {
	Name    string   `json:"name"`
	Type    string   `json:"type" enum:"table,view"`
	SQL     string   `json:"sql" description:"The statement that made it"`
	Columns []column `json:"columns"`
	Rows    int64    `json:"rows"`
}

type column struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	NotNull    bool   `json:"notNull"`
	Default    any    `json:"default"`
	PrimaryKey int64  `json:"primaryKey" description:"The place in the primary key, from 1; 0 if it is not in it"`
}

func (a *api) tables(ctx context.Context, in storagePlace) (p page[table], err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return p, err
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.look(ctx, in, func(db *storage.DB) error {
		p.items, err = tables(db)
		return err
	})
	return p, err
}

// tables describes the program's tables and views, without what is the runtime's or SQLite's own, or
// wrangler's.
func tables(db *storage.DB) ([]table, error) {
	rows, err := allRows(db, `SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view')
		AND name NOT LIKE '\_cf\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> '__miniflare_do_name' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	all := []table{}
	for _, row := range rows {
		name, _ := row[0].(string)
		t := table{Name: name, Columns: []column{}}
		t.Type, _ = row[1].(string)
		t.SQL, _ = row[2].(string)
		quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		columns, err := allRows(db, "PRAGMA table_xinfo("+quoted+")")
		if err != nil {
			return nil, err
		}
		for _, c := range columns {
			var view column
			view.Name, _ = c[1].(string)
			view.Type, _ = c[2].(string)
			view.NotNull, view.Default = c[3] == int64(1), cell(c[4])
			view.PrimaryKey, _ = c[5].(int64)
			t.Columns = append(t.Columns, view)
		}
		count, err := allRows(db, "SELECT count(*) FROM "+quoted)
		if err != nil {
			return nil, err
		}
		t.Rows, _ = count[0][0].(int64)
		all = append(all, t)
	}
	return all, nil
}

func allRows(db *storage.DB, sql string) (rows [][]any, err error) {
	cursor, err := db.Exec(sql)
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
