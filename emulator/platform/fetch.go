package platform

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

func fetchOps() []isolate.Op {
	return []isolate.Op{
		{Name: "fetch.send", Waits: true, Run: sendRequest},
		{Name: "fetch.abortable", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			return isolate.Int(keep(r, &r.aborts, &sent{})), nil
		}},
		{Name: "fetch.abort", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if s := take(r, r.aborts, c.Int(0)); s != nil {
				s.cut(errAborted)
			}
			return isolate.Undefined(), nil
		}},
	}
}

// AddFetcher makes a fetcher known to JavaScript by a number.
func (r *Realm) AddFetcher(f Fetcher) int { return keep(r, &r.fetchers, f) }

// sendRequest sends what fetch() or a stub's fetch() asks for, once what was written is durable.
func sendRequest(c *isolate.Call) (isolate.Value, error) {
	r := realmOf(c)
	if c.Turn() == nil {
		return isolate.Value{}, errGlobalScope
	}
	ctx := NewAsker()
	req := &Request{
		Method: c.String(1), URL: c.String(2), Headers: headersFromText(c.String(3)), Body: bodyArgument(c, 4),
		Context: ctx, Lineage: child(c.Turn()),
	}
	if strings.HasPrefix(req.URL, "data:") {
		return answerData(c, req.URL)
	}
	req.URL = sentURL(req.URL)
	if !c.IsUndefined(5) {
		req.CF = []byte(c.String(5))
	}
	if err := r.countRequest(c.Turn()); err != nil {
		return isolate.Value{}, err
	}
	fetcher, outside := r.Net, true
	req.Depth = c.Turn().Depth()
	if n := c.Int(0); n != 0 {
		fetcher, outside = take(r, r.fetchers, n), false
		var err error
		if req.Depth, err = r.deeper(c.Turn()); err != nil {
			ctx.cancel()
			return isolate.Value{}, err
		}
	}
	s := &sent{}
	abort := c.Int(6)
	if abort != 0 {
		s = look(r, r.aborts, abort)
	}
	s.asker, s.resolver = ctx, c.Resolver(PinFetch, req.URL)
	forget := s.endWithAsker(c.Turn())
	s.release = func() {
		forget()
		if abort != 0 {
			take(r, r.aborts, abort)
		}
	}
	var charge *charged
	if req.Body != nil {
		charge = r.chargeTurn(c, req.Body.weight+messageCost)
	}
	c.Turn().Send(func() {
		if ctx.Err() != nil {
			charge.free()
			return
		}
		done := func() {}
		if outside {
			done = r.Clock.Work().Outside("fetch " + req.URL)
		}
		fetcher.Fetch(req, func(res *Response, err error) {
			defer done()
			charge.free()
			if err != nil {
				s.end()
				ctx.cancel()
				s.settle(func(resolver *isolate.Resolver) { resolver.Reject(err) })
				return
			}
			r.arrived(req, res)
			if !s.answered(res) {
				res.Drop()
				return
			}
			s.settle(func(resolver *isolate.Resolver) {
				resolver.ResolveWith(func(*isolate.Turn) isolate.Value { return isolate.String(r.head(res)) })
			})
		})
	})
	return isolate.Undefined(), nil
}

// arrived makes of the body of an answer what a program gets: content, decoded as the headers say. Some answers have
// none, and all others have one, if an empty one.
func (r *Realm) arrived(req *Request, res *Response) {
	switch {
	case res.Socket != nil:
		return
	case req.Method == http.MethodHead || res.Status == 204 || res.Status == 205 || res.Status == 304:
		if res.Body != nil {
			res.Body.Close()
			res.Body = nil
		}
		return
	case res.Body == nil:
		res.Body = BytesBody(nil)
	}
	res.Body = res.Body.labelled(res.Coding, r.coding(res.Headers))
	res.Body.url = req.URL
}

// sentURL is an address without what is not sent: its fragment, and a user's name and password.
func sentURL(url string) string {
	url, _, _ = strings.Cut(url, "#")
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	end := len(rest)
	if at := strings.IndexAny(rest, "/?"); at >= 0 {
		end = at
	}
	if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
		rest = rest[at+1:]
	}
	return scheme + "://" + rest
}

// head is a response as it crosses into JavaScript: see decode in fetch.ts.
func (r *Realm) head(res *Response) string {
	body, socket := "", ""
	if res.Body != nil {
		body = fmt.Sprint(keep(r, &r.bodies, res.Body))
	}
	if res.Socket != nil {
		res.Socket.outgoing = true
		socket = fmt.Sprint(keep(r, &r.sockets, res.Socket))
	}
	return fmt.Sprintf("%d\n%s\n%s\n%s\n%s", res.Status, strings.ReplaceAll(res.StatusText, "\n", " "), body, socket, res.Headers.text())
}

// networkError is what a program sees of a connection or a stream that failed: an error that the other
// side gave its words to, or the general one.
func networkError(err error) error {
	var told *isolate.Error
	if errors.As(err, &told) {
		return told
	}
	return &isolate.Error{Message: "Network connection lost.", Props: `{"retryable":true}`, Cause: err}
}
