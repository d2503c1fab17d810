package adminapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
)

// statement is a query with its parameters.
type statement struct {
	SQL    string            `json:"sql,omitempty"`
	Params []json.RawMessage `json:"params,omitempty" description:"Numbers, text, booleans, null, or blobs as {\"base64\": …}"`
}

type queryRequest struct {
	storagePlace
	statement
	Queries  []statement `json:"queries,omitempty" description:"Instead of sql: several, in one transaction"`
	ReadOnly bool        `json:"readonly,omitempty" description:"Refuse to write"`
	Limit    int         `json:"limit,omitempty" description:"How many rows are given at most: 1000 if not given, 10000 at most"`
}

// rows are what a query gave.
type rows struct {
	Columns     []string `json:"columns"`
	Rows        [][]any  `json:"rows" description:"Blobs are {\"base64\": …}, infinite numbers {\"number\": …}"`
	RowsRead    int64    `json:"rowsRead"`
	RowsWritten int64    `json:"rowsWritten"`
	Truncated   bool     `json:"truncated" description:"Whether there are more rows than the limit"`
}

func (a *api) query(ctx context.Context, in queryRequest) ([]rows, error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return nil, err
	}
	queries := in.Queries
	if in.SQL != "" {
		queries = append([]statement{in.statement}, queries...)
	}
	if len(queries) == 0 {
		return nil, refuse(http.StatusBadRequest, `A query takes {"sql": "…", "params": […]} or {"queries": [{"sql": …}, …]}.`)
	}
	if !t.SQL() && len(in.Facet) == 0 {
		return nil, refuse(http.StatusConflict, "%s has key-value storage only. Classes in new_sqlite_classes of the migrations have SQL.", in.Namespace)
	}
	results, err := a.read(ctx, t, in.storagePlace, queries, in.Limit)
	switch {
	case !writes(err):
		return results, err
	case len(in.Facet) > 0:
		return nil, refuse(http.StatusBadRequest, "The query writes, and the storage of a facet can only be read from outside.")
	case in.ReadOnly:
		return nil, refuse(http.StatusBadRequest, "The query writes, and readonly refuses that.")
	}
	return a.edit(ctx, t, queries, in.Limit)
}

// read runs queries where nothing can be written: most are answered there, and the object does not wait for
// them.
func (a *api) read(ctx context.Context, t target, p storagePlace, queries []statement, limit int) (results []rows, err error) {
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.look(ctx, p, func(db *storage.DB) (err error) {
		results, err = runAll(db, queries, pageLimit(limit, usualRows, mostRows))
		return err
	})
	return results, err
}

// edit runs queries that write.
func (a *api) edit(ctx context.Context, t target, queries []statement, limit int) (results []rows, err error) {
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.Edit(ctx, t.id, t.name, "sql "+shortened(queries[0].SQL), func(e *durable.Edit) (err error) {
		results, err = runAll(e.DB, queries, pageLimit(limit, usualRows, mostRows))
		return err
	})
	return results, err
}

// writes tells whether a query failed because it would have written.
func writes(err error) bool {
	var refused *storage.Error
	return errors.As(err, &refused) && refused.ReadOnly()
}

// shortened is the beginning of a query.
func shortened(sql string) string {
	const most = 100
	sql = strings.Join(strings.Fields(sql), " ")
	if len(sql) > most {
		sql = strings.ToValidUTF8(sql[:most], "") + "…"
	}
	return sql
}

func runAll(db *storage.DB, queries []statement, limit int) ([]rows, error) {
	results, size := []rows{}, 0
	for _, q := range queries {
		params := make([]any, len(q.Params))
		for n, text := range q.Params {
			var err error
			if params[n], err = parameter(text); err != nil {
				return nil, refuse(http.StatusBadRequest, "Parameter %d: %v.", n+1, err)
			}
		}
		result, err := runOne(db, q.SQL, params, limit, &size)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

func runOne(db *storage.DB, sql string, params []any, limit int, size *int) (r rows, err error) {
	cursor, err := db.Exec(sql, params...)
	if err != nil {
		return r, err
	}
	defer cursor.Close()
	r = rows{Columns: append([]string{}, cursor.Columns()...), Rows: [][]any{}}
	for !cursor.Done() {
		if len(r.Rows) == limit || *size > mostCells {
			r.Truncated = true
			break
		}
		row, err := cursor.Next()
		if err != nil {
			return r, err
		}
		for n, v := range row {
			switch v := v.(type) {
			case string:
				*size += len(v)
			case []byte:
				*size += 2 * len(v)
			}
			row[n] = cell(v)
		}
		r.Rows = append(r.Rows, row)
	}
	r.RowsRead, r.RowsWritten, err = cursor.Counts()
	return r, err
}
