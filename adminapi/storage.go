package adminapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

const (
	storagePath = onePath + "/storage/"
	keyPath     = storagePath + "kv/{key}"
)

func storageRoutes() []route {
	return []route{
		handleList(storagePath+"kv", "List key-value pairs, in the order of their keys", (*api).listKeys),
		handle(http.MethodGet, keyPath, "One value", (*api).getKey),
		handle(http.MethodPut, keyPath, "Store a value, which the body is as JSON", (*api).putKey),
		handle(http.MethodDelete, keyPath, "Delete a key", (*api).deleteKey),
		handleList(storagePath+"tables", "The program's tables and views", (*api).tables),
		handle(http.MethodPost, storagePath+"query", "Run SQL: one query, or several that are written together or not at all", (*api).query),
	}
}

// Bounds of what one request may cost.
const (
	usualRows = 1000
	mostRows  = 10_000
	mostCells = 32 << 20 // bytes of all rows of an answer
	// listedJSON is how long a value may be, in bytes, to be listed as JSON; GET kv/{key} gives all.
	listedJSON = 16 << 10
)

// hurry bounds the time of a query.
func (a *api) hurry(ctx context.Context) (context.Context, context.CancelFunc) {
	why := refuse(http.StatusUnprocessableEntity, "The storage was not read or written within %v: what was under way is taken back.", a.options.QueryTime)
	return context.WithTimeoutCause(ctx, a.options.QueryTime, why)
}

// entry is a key with its value.
type entry struct {
	Key string `json:"key"`
	value
}

// storagePlace names the storage of an object, or of one of its facets, which can only be read.
type storagePlace struct {
	objectPath
	Facet []string `query:"facet" json:"-" description:"The names that lead to a facet, given once for each; the object itself if not given"`
}

// look reads what is stored at a place.
func (t target) look(ctx context.Context, p storagePlace, f func(*storage.DB) error) error {
	if len(p.Facet) > 0 {
		return t.LookFacet(ctx, t.id, p.Facet, f)
	}
	return t.Look(ctx, t.id, f)
}

type keysRequest struct {
	storagePlace
	Prefix string `query:"prefix" json:"-"`
	Limit  int    `query:"limit" json:"-" description:"1000 if not given, 10000 at most"`
	Cursor string `query:"cursor" json:"-"`
}

func (a *api) listKeys(ctx context.Context, in keysRequest) (p page[entry], err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return p, err
	}
	limit := pageLimit(in.Limit, usualRows, mostRows)
	more := limit + 1
	options := storage.ListOptions{Prefix: in.Prefix, Limit: &more}
	if in.Cursor != "" {
		after, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		if err != nil {
			return p, refuse(http.StatusBadRequest, "cursor is %q, but must be one that an answer gave.", in.Cursor)
		}
		start := string(after)
		options.StartAfter = &start
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.look(ctx, in.storagePlace, func(db *storage.DB) error {
		all, err := db.Iterate(options)
		if err != nil {
			return err
		}
		defer all.Close()
		for size := 0; ; {
			e, ok, err := all.Next()
			if err != nil || !ok {
				return err
			}
			if size += len(e.Key) + min(len(e.Value), listedJSON); len(p.items) == limit || size > mostCells {
				p.cursor = base64.RawURLEncoding.EncodeToString([]byte(p.items[len(p.items)-1].Key))
				return nil
			}
			view := valueView(e.Value)
			if len(view.JSON) > listedJSON {
				view.JSON = nil
			}
			p.items = append(p.items, entry{e.Key, view})
		}
	})
	return p, err
}

type getKeyRequest struct {
	storagePlace
	Key string `path:"key" json:"-" description:"URL-encoded"`
}

type keyRequest struct {
	objectPath
	Key string `path:"key" json:"-" description:"URL-encoded"`
}

func (a *api) getKey(ctx context.Context, in getKeyRequest) (e entry, err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return e, err
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.look(ctx, in.storagePlace, func(db *storage.DB) error {
		data, ok, err := db.Get(in.Key)
		if err == nil && !ok {
			err = refuse(http.StatusNotFound, "The object has no key %s.", strconv.Quote(in.Key))
		}
		e = entry{in.Key, valueView(data)}
		return err
	})
	return e, err
}

// putKeyRequest takes the value as its body.
type putKeyRequest struct {
	keyRequest
	value json.RawMessage
}

func (p *putKeyRequest) setBody(text json.RawMessage) { p.value = text }

func (a *api) putKey(ctx context.Context, in putKeyRequest) (e entry, err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return e, err
	}
	data, err := serialized.FromJSON(in.value)
	if err != nil {
		return e, refuse(http.StatusBadRequest, "The value is not what JSON can say: %v.", err)
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.Edit(ctx, t.id, t.name, "put "+strconv.Quote(in.Key), func(e *durable.Edit) error { return e.DB.Put(in.Key, data) })
	return entry{in.Key, valueView(data)}, err
}

func (a *api) deleteKey(ctx context.Context, in keyRequest) (d deleted, err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return d, err
	}
	if _, err := t.Find(t.id); err != nil {
		return d, err
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.Edit(ctx, t.id, t.name, "delete "+strconv.Quote(in.Key), func(e *durable.Edit) (err error) {
		d.Deleted, err = e.DB.Delete(in.Key)
		return err
	})
	return d, err
}

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
