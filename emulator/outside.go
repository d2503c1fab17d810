package emulator

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/platform"
)

// Entrypoint is what a service binding to the Worker would lead to: one of its exports, "" for the default one, with
// ctx.props as JSON, nil for none.
//
// https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
func (s *Service) Entrypoint(export string, props []byte) platform.Target {
	return serviceTarget{s, export, props}
}

// Exports tells whether the code that serves now exports a name; "" is the default export.
func (s *Service) Exports(name string) bool {
	g := s.current.Load()
	if g == nil {
		return false
	}
	if name == "" {
		name = "default"
	}
	_, ok := g.exports[name]
	return ok
}

// Ask calls a method of an entrypoint from outside, or gets a property: see [platform.Ask].
func (e *Emulator) Ask(ctx context.Context, to platform.Callable, path string, get bool, args []byte) (result []byte, err error) {
	if err := e.admit(ctx); err != nil {
		return nil, err
	}
	return platform.Ask(ctx, to, path, get, args)
}

// Forward gives a request to an entrypoint or an object as a stub's fetch() does, with the headers that it has and no
// others and request.cf as JSON, if there is any, and its response to the client, whose own request r is. The error is a [*platform.ThrownError] if there is no response,
// or that of the request's context.
//
// https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/http/
func (e *Emulator) Forward(w http.ResponseWriter, r *http.Request, to platform.Fetcher, forwarded *http.Request, cf []byte) error {
	req := &platform.Request{Method: forwarded.Method, URL: forwarded.URL.String(), Context: r.Context()}
	if len(cf) > 0 {
		req.CF = cf
	}
	for name, values := range forwarded.Header {
		for _, value := range values {
			req.Headers = append(req.Headers, platform.Header{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(req.Headers, func(a, b platform.Header) int { return strings.Compare(a.Name, b.Name) })
	if err := e.admit(r.Context()); err != nil {
		return err
	}
	body := takeUpload(req, r, 0)
	defer body.end()
	type outcome struct {
		res *platform.Response
		err error
	}
	answered := make(chan outcome, 1)
	to.Fetch(req, func(res *platform.Response, err error) { answered <- outcome{res, err} })
	select {
	case out := <-answered:
		if out.err != nil {
			return platform.Thrown(out.err)
		}
		e.respond(w, r, out.res, body)
		return nil
	case <-r.Context().Done():
		go func() {
			if late := <-answered; late.res != nil {
				late.res.Drop()
			}
		}()
		return context.Cause(r.Context())
	}
}

// Respond sends a program's response to a client, who gets its WebSocket if it has one.
func (e *Emulator) Respond(w http.ResponseWriter, r *http.Request, res *platform.Response) {
	e.respond(w, r, res, nil)
}

func (e *Emulator) respond(w http.ResponseWriter, r *http.Request, res *platform.Response, body *upload) {
	if res.Socket != nil {
		e.serveSocket(w, r, answer{res: res})
		return
	}
	writeResponse(w, res, body)
}
