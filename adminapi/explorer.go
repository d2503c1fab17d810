package adminapi

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/doemu/doemu/durable"
)

// Where wrangler dev has its local explorer's API, on the Worker's port: as it is now, and as it was before.
var explorerPaths = []string{"/cdn-cgi/local/explorer/api", "/cdn-cgi/explorer/api"}

// explorer answers what wrangler's local explorer answers of Durable Objects, so that scripts that are written for
// it find the same here. Unlike wrangler it wakes no object, and blobs and infinite numbers are as in the admin
// API, where wrangler gives {} and null.
//
// https://developers.cloudflare.com/workers/development-testing/local-explorer/
type explorer struct{ *api }

// handler answers all paths below those of the explorer.
func (x explorer) handler() http.Handler {
	routes := chi.NewRouter()
	for _, path := range explorerPaths {
		routes.Route(path, func(r chi.Router) {
			r.Get("/workers/durable_objects/namespaces", x.answer(x.namespaces))
			r.Get("/workers/durable_objects/namespaces/{namespace}/objects", x.answer(x.objects))
			r.Post("/workers/durable_objects/namespaces/{namespace}/query", x.answer(x.query))
		})
	}
	notFound := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		// The client that cannot be written to has gone.
		_, _ = w.Write([]byte("404 Not Found"))
	}
	routes.NotFound(notFound)
	routes.MethodNotAllowed(notFound)
	return capBody(routes)
}

// explorerError is an error with its code, of which miniflare has more than one for a status.
type explorerError struct {
	status, code int
	message      string
}

func (e *explorerError) Error() string { return e.message }

// The codes of miniflare.
const (
	explorerInvalid     = 10001
	explorerNoNamespace = 10066
)

func explorerRefusal(message string) error {
	return &explorerError{http.StatusBadRequest, explorerInvalid, message}
}

// explorerInfo is what the explorer says of a list.
type explorerInfo struct {
	Count  int     `json:"count"`
	Cursor *string `json:"cursor,omitempty"`
}

type explorerAnswer struct {
	Success    bool          `json:"success"`
	Errors     []apiError    `json:"errors"`
	Messages   []string      `json:"messages"`
	Result     any           `json:"result"`
	ResultInfo *explorerInfo `json:"result_info,omitempty"`
}

func (explorer) answer(f func(r *http.Request) (any, *explorerInfo, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		result, info, err := f(r)
		var refused *explorerError
		switch {
		case err == nil:
			write(w, http.StatusOK, explorerAnswer{Success: true, Errors: []apiError{}, Messages: []string{}, Result: result, ResultInfo: info})
			return
		case errors.As(err, &refused):
		case statusOf(err) < http.StatusInternalServerError:
			refused = &explorerError{http.StatusBadRequest, explorerInvalid, messageOf(err)}
		default:
			refused = &explorerError{http.StatusInternalServerError, 10000, messageOf(err)}
		}
		write(w, refused.status, explorerAnswer{Errors: []apiError{{Code: refused.code, Message: refused.message}}, Messages: []string{}})
	}
}

func (x explorer) namespace(r *http.Request) (*durable.Namespace, error) {
	key := pathValue(r, "namespace")
	if n := x.emulator.Namespace(key); n != nil {
		return n, nil
	}
	return nil, &explorerError{http.StatusNotFound, explorerNoNamespace, "Durable Object namespace ID '" + key + "' not found."}
}

type explorerNamespace struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Script    string `json:"script"`
	Class     string `json:"class"`
	UseSQLite bool   `json:"use_sqlite"`
}

func (x explorer) namespaces(*http.Request) (any, *explorerInfo, error) {
	all := []explorerNamespace{}
	for _, s := range x.emulator.Services() {
		project := s.Project()
		for _, c := range project.Classes {
			all = append(all, explorerNamespace{c.UniqueKey, project.Name + "_" + c.Name, project.Name, c.Name, c.SQLite})
		}
	}
	return all, &explorerInfo{Count: len(all)}, nil
}

type explorerObject struct {
	ID            string `json:"id"`
	Name          string `json:"name,omitempty"`
	HasStoredData bool   `json:"hasStoredData"`
}

func (x explorer) objects(r *http.Request) (any, *explorerInfo, error) {
	n, err := x.namespace(r)
	if err != nil {
		return nil, nil, err
	}
	const least, most = 10, 10_000
	limit := 1000
	if text := r.URL.Query().Get("limit"); text != "" {
		limit, err = strconv.Atoi(text)
		switch {
		case err != nil:
			return nil, nil, explorerRefusal("limit: Invalid input: expected number, received NaN")
		case limit < least:
			return nil, nil, explorerRefusal("limit: Too small: expected number to be >=10")
		case limit > most:
			return nil, nil, explorerRefusal("limit: Too big: expected number to be <=10000")
		}
	}
	infos, more, err := n.Objects(durable.Query{After: r.URL.Query().Get("cursor"), Limit: limit})
	if err != nil {
		return nil, nil, err
	}
	objects, cursor := []explorerObject{}, ""
	for _, info := range infos {
		if info.Stored {
			objects = append(objects, explorerObject{info.ID, info.Name, true})
		}
	}
	if more {
		cursor = infos[len(infos)-1].ID
	}
	return objects, &explorerInfo{len(objects), &cursor}, nil
}

type explorerQuery struct {
	ID      *string     `json:"durable_object_id,omitempty"`
	Name    *string     `json:"durable_object_name,omitempty"`
	Queries []statement `json:"queries"`
}

type explorerRows struct {
	Columns []string     `json:"columns"`
	Rows    [][]any      `json:"rows"`
	Meta    explorerMeta `json:"meta"`
}

type explorerMeta struct {
	RowsRead    int64 `json:"rows_read"`
	RowsWritten int64 `json:"rows_written"`
}

func (x explorer) query(r *http.Request) (any, *explorerInfo, error) {
	n, err := x.namespace(r)
	if err != nil {
		return nil, nil, err
	}
	var in explorerQuery
	if err := decodeBody(r, &in); err != nil {
		return nil, nil, err
	}
	t := target{Namespace: n}
	switch {
	case !n.SQL():
		return nil, nil, explorerRefusal("Namespace does not use SQLite storage: " + n.UniqueKey())
	case len(in.Queries) == 0:
		return nil, nil, explorerRefusal("No queries provided")
	case in.ID != nil:
		t.id, _, err = n.Resolve(*in.ID)
	case in.Name != nil:
		t.id, t.name, err = n.Resolve("name:" + *in.Name)
	default:
		err = explorerRefusal("Invalid input")
	}
	if err != nil {
		return nil, nil, explorerRefusal(messageOf(err))
	}
	results, err := x.read(r.Context(), t, storagePlace{}, in.Queries, mostRows)
	if writes(err) || errors.Is(err, durable.ErrNoObject) {
		results, err = x.edit(r.Context(), t, in.Queries, mostRows)
	}
	if err != nil {
		return nil, nil, err
	}
	all := make([]explorerRows, len(results))
	for n, r := range results {
		all[n] = explorerRows{r.Columns, r.Rows, explorerMeta{r.RowsRead, r.RowsWritten}}
	}
	return all, nil, nil
}
