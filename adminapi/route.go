package adminapi

import (
	"context"
	"net/http"
	"strings"
)

// prefix is what the paths of routes begin with that do not begin with a slash.
const prefix = "/api/v1/"

// route is a method of a path, with what it takes and gives.
type route struct {
	method, path string // the path in the form of chi, which is that of OpenAPI
	summary      string
	serve        func(a *api, w http.ResponseWriter, r *http.Request) error
	// in is a value of what it takes, nil for nothing: fields with the tags path, query or header, and json for
	// members of the body.
	in any
	// body tells that the body is any JSON value.
	body bool
	// bodyType is the content type of a body that is no JSON.
	bodyType string
	// out is a value of what it gives: the envelope, or text of the content type.
	out         any
	contentType string
	// serialized tells that the body and the answer may be serialized values.
	serialized bool
	// open tells that it answers without the token.
	open bool
	// uncapped tells that the body may be of any size.
	uncapped bool
	// also are further statuses with the same form of answer as out.
	also []int
}

// handle declares a route whose handler takes and gives values.
func handle[In, Out any](method, path, summary string, f func(a *api, ctx context.Context, in In) (Out, error)) route {
	r := newRoute(method, path, summary)
	r.in, r.out = *new(In), envelope[Out]{}
	r.serve = func(a *api, w http.ResponseWriter, r *http.Request) error {
		var in In
		if err := decode(r, &in); err != nil {
			return err
		}
		out, err := f(a, r.Context(), in)
		if err != nil {
			return err
		}
		write(w, http.StatusOK, envelope[Out]{Success: true, Errors: []apiError{}, Messages: []string{}, Result: out})
		return nil
	}
	_, r.body = r.in.(anyBody)
	return r
}

// page is one page of a list. The cursor gives the next one, and is empty at the end.
type page[T any] struct {
	items  []T
	cursor string
}

// handleList declares a route whose handler gives a page of a list.
func handleList[In, T any](path, summary string, f func(a *api, ctx context.Context, in In) (page[T], error)) route {
	r := newRoute(http.MethodGet, path, summary)
	r.in, r.out = *new(In), list[T]{}
	r.serve = func(a *api, w http.ResponseWriter, r *http.Request) error {
		var in In
		if err := decode(r, &in); err != nil {
			return err
		}
		p, err := f(a, r.Context(), in)
		if err != nil {
			return err
		}
		if p.items == nil {
			p.items = []T{}
		}
		write(w, http.StatusOK, list[T]{
			Success: true, Errors: []apiError{}, Messages: []string{}, Result: p.items, ResultInfo: resultInfo{len(p.items), p.cursor},
		})
		return nil
	}
	return r
}

// handleRaw declares a route that writes its answer itself. In and out are as in route.
func handleRaw(path, summary string, in, out any, contentType string, serve func(a *api, w http.ResponseWriter, r *http.Request) error) route {
	r := newRoute(http.MethodGet, path, summary)
	r.in, r.out, r.contentType, r.serve = in, out, contentType, serve
	return r
}

func newRoute(method, path, summary string) route {
	if !strings.HasPrefix(path, "/") {
		path = prefix + path
	}
	return route{method: method, path: path, summary: summary, contentType: "application/json"}
}
