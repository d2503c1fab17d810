package adminapi

import (
	"context"
	"net/http"

	"github.com/doemu/doemu/durable/storage"
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
