package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"
)

func storageCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	var prefix string
	var limit int
	var facet facetFlag
	keyPath := func(ctx context.Context, a *admin, args []string) (string, error) {
		path, err := a.objectPath(ctx, args[0], args[1])
		return path + "/storage/kv/" + url.PathEscape(args[2]), err
	}
	ls := &cobra.Command{Use: "ls NAMESPACE OBJECT", Short: "List key-value pairs", Args: args(2, 2), ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example: `  doemu storage ls Room lobby
  doemu storage ls Room lobby --prefix user: --json
  doemu storage ls Room lobby --facet app`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			path, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			items, err := a.list(ctx, path+"/storage/kv", url.Values{"prefix": {prefix}, "facet": facet}, limit)
			if err != nil {
				return nil, err
			}
			return json.Marshal(items)
		}, func(entries []shownValue) {
			t := newTable(c.out, "KEY", "TYPE", "VALUE")
			for _, e := range entries {
				t.row(e.Key, e.Type, e.Preview)
			}
			t.end()
		})}
	ls.Flags().StringVar(&prefix, "prefix", "", "only keys that begin so")
	ls.Flags().IntVar(&limit, "limit", 0, "how many to list; 0 for all")
	get := &cobra.Command{Use: "get NAMESPACE OBJECT KEY", Short: "Show a value", Args: args(3, 3), ValidArgsFunction: complete(f, namespaceNames, objectNames, storedKeys),
		Example: `  doemu storage get Room lobby topic`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			path, err := keyPath(ctx, a, args)
			if err != nil {
				return nil, err
			}
			return a.result(ctx, http.MethodGet, path+facet.query(), nil)
		}, func(v shownValue) { fmt.Fprintln(c.out, v) })}
	facet.add(ls, get)
	put := &cobra.Command{Use: "put NAMESPACE OBJECT KEY JSON", Short: "Store a value, which is JSON, or - for what is read from the input", Args: args(4, 4),
		ValidArgsFunction: complete(f, namespaceNames, objectNames, storedKeys),
		Example: `  doemu storage put Room lobby topic '"cats"'
  doemu storage put Room lobby settings - < settings.json`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			value, err := jsonArgument(c, args[3])
			if err != nil {
				return nil, err
			}
			path, err := keyPath(ctx, a, args)
			if err != nil {
				return nil, err
			}
			return a.result(ctx, http.MethodPut, path, value)
		}, func(struct{}) { fmt.Fprintln(c.out, "stored") })}
	rm := &cobra.Command{Use: "rm NAMESPACE OBJECT KEY", Short: "Delete a key", Args: args(3, 3), ValidArgsFunction: complete(f, namespaceNames, objectNames, storedKeys),
		Example: `  doemu storage rm Room lobby topic`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			path, err := keyPath(ctx, a, args)
			if err != nil {
				return nil, err
			}
			return a.result(ctx, http.MethodDelete, path, nil)
		}, func(r struct{ Deleted bool }) {
			if r.Deleted {
				fmt.Fprintln(c.out, "deleted")
			} else {
				fmt.Fprintln(c.out, "there was no such key")
			}
		})}
	return group("storage", "See and change the key-value storage of objects, without waking them", `  doemu storage ls Room lobby
  doemu storage get Room lobby topic
  doemu storage put Room lobby topic '"cats"'
  doemu storage rm Room lobby topic`, f, ls, get, put, rm)
}

// facetFlag are the names that lead to a facet from its object.
type facetFlag []string

func (f *facetFlag) add(commands ...*cobra.Command) {
	for _, cmd := range commands {
		cmd.Flags().StringArrayVar((*[]string)(f), "facet", nil, "name of a facet of the object, whose storage is read instead; given again for one in it")
	}
}

func (f facetFlag) query() string {
	if len(f) == 0 {
		return ""
	}
	return "?" + url.Values{"facet": f}.Encode()
}

// shownRows are the rows of a query as a person reads them.
type shownRows struct {
	Columns               []string
	Rows                  [][]any
	RowsRead, RowsWritten int64
	Truncated             bool
}

func sqlCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	var params []string
	var readOnly bool
	var limit int
	var facet facetFlag
	cmd := &cobra.Command{
		Use: "sql NAMESPACE OBJECT [SQL]", Short: "Run SQL in the storage of an object, without waking it", Args: args(2, 3), ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Long: `Run SQL in the storage of an object, which is not woken for it. Without SQL it is read from the input.
What reads is done beside the object; what writes is done between two of its turns, as a whole or not at all.`,
		Example: `  doemu sql Room lobby 'SELECT * FROM messages ORDER BY id DESC LIMIT 10'
  doemu sql Room lobby 'DELETE FROM messages WHERE id < ?' --param 100
  doemu sql Room lobby < migrate.sql`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			path, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			body := map[string]any{"readonly": readOnly, "limit": limit}
			if len(args) == 3 {
				body["sql"] = args[2]
			} else {
				text, err := io.ReadAll(c.in)
				if err != nil {
					return nil, fmt.Errorf("read SQL: %w", err)
				}
				body["sql"] = string(text)
			}
			values := []json.RawMessage{}
			for _, p := range params {
				value, err := jsonArgument(c, p)
				if err != nil {
					return nil, err
				}
				values = append(values, value)
			}
			body["params"] = values
			return a.result(ctx, http.MethodPost, path+"/storage/query"+facet.query(), body)
		}, func(results []shownRows) {
			for _, r := range results {
				showRows(c, r)
			}
		}),
	}
	f.add(cmd.Flags())
	facet.add(cmd)
	cmd.Flags().StringArrayVar(&params, "param", nil, "value of the next ? in the SQL, as JSON")
	cmd.Flags().BoolVar(&readOnly, "readonly", false, "refuse to write")
	cmd.Flags().IntVar(&limit, "limit", 0, "how many rows are shown at most: 1000 if not given, 10000 at most")
	return cmd
}

func showRows(c *console, r shownRows) {
	if len(r.Columns) > 0 {
		t := newTable(c.out, r.Columns...)
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for n, v := range row {
				cells[n] = shownCell(v)
			}
			t.row(cells...)
		}
		t.end()
	}
	if r.Truncated {
		fmt.Fprintf(c.out, "… there are more than these %d rows\n", len(r.Rows))
	}
	fmt.Fprintf(c.out, "%d rows read, %d written\n", r.RowsRead, r.RowsWritten)
}

func shownCell(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		if number, ok := v["number"].(string); ok {
			return number
		}
		if coded, ok := v["base64"].(string); ok {
			return "base64:" + coded
		}
	}
	return fmt.Sprint(v)
}
