package platform

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform/websocket"
)

// Net is the network: what fetch() of the global scope reaches. It is safe for use by many
// goroutines.
type Net struct {
	client http.Client
	limits SocketLimits
	loops  loops
}

// NewNet makes a network whose connections are kept for the next request. The limits are those of its
// WebSockets.
func NewNet(limits SocketLimits) *Net {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// Programs say what they accept, and see what came.
	transport.DisableCompression = true
	return &Net{client: http.Client{Transport: transport}, limits: limits}
}

// Close ends the connections that are kept.
func (n *Net) Close() { n.client.CloseIdleConnections() }

// Fetch implements Fetcher.
func (n *Net) Fetch(req *Request, reply func(*Response, error)) {
	go func() {
		if strings.EqualFold(req.Headers.Get("Upgrade"), "websocket") {
			reply(n.dial(req))
			return
		}
		reply(n.fetch(req))
	}()
}

func (n *Net) fetch(req *Request) (*Response, error) {
	var body io.Reader
	length := int64(0)
	if req.Body != nil {
		body, length = req.Body.Reader(), req.Body.Length()
	}
	ctx, done := n.loops.mark(req)
	defer done()
	address, err := exactURL(req.URL)
	if err != nil {
		return nil, isolate.Errorf("TypeError", "Fetch API cannot load: %s", req.URL)
	}
	out, err := http.NewRequestWithContext(ctx, req.Method, "http://localhost", body)
	if err != nil {
		return nil, isolate.Errorf("TypeError", "Fetch API cannot load: %s", req.URL)
	}
	out.URL, out.Host = address, address.Host
	if body != nil {
		out.ContentLength = length
	}
	for _, h := range req.Headers {
		out.Header.Add(h.Name, h.Value)
	}
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header.Set("User-Agent", "")
	}
	// Redirects are the program's side to follow: see fetch.ts.
	res, err := n.client.Transport.RoundTrip(out)
	if err != nil {
		var address *url.Error
		if errors.As(err, &address) {
			err = address.Err
		}
		return nil, networkError(err)
	}
	return received(res), nil
}

// received is an answer of the network.
func received(res *http.Response) *Response {
	r := &Response{
		Status: res.StatusCode, StatusText: strings.TrimSpace(strings.TrimPrefix(res.Status, res.Status[:3])),
		Headers: headersOf(res.Header), Body: StreamBody(res.Body, res.ContentLength),
	}
	r.Encoded()
	return r
}

// exactURL is an address as the program gave it: net/url would write its path in another way.
func exactURL(text string) (*url.URL, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return nil, errors.New("an address without a host")
	}
	host, path := rest, "/"
	if at := strings.IndexAny(rest, "/?#"); at >= 0 {
		host, path = rest[:at], rest[at:]
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:] // workerd does not send what comes before
	}
	path, _, _ = strings.Cut(path, "#")
	if strings.HasPrefix(path, "?") {
		path = "/" + path
	}
	u := &url.URL{Scheme: scheme, Host: host}
	path, u.RawQuery, u.ForceQuery = cutQuery(path)
	if strings.HasPrefix(path, "//") {
		// In the place of an opaque part it would stand for a host.
		plain, err := url.PathUnescape(path)
		if err != nil {
			return nil, err
		}
		u.Path, u.RawPath = plain, path
		return u, nil
	}
	u.Opaque = path
	return u, nil
}

// cutQuery cuts an address at its question mark; force tells that nothing follows one.
func cutQuery(path string) (before, query string, force bool) {
	before, query, found := strings.Cut(path, "?")
	return before, query, found && query == ""
}

func headersOf(h http.Header) Headers {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	var out Headers
	for _, name := range names {
		for _, value := range h[name] {
			out = append(out, Header{strings.ToLower(name), value})
		}
	}
	return out
}

// dial opens a WebSocket to a server elsewhere. Messages are compressed if the request offers that and the
// server agrees.
func (n *Net) dial(req *Request) (*Response, error) {
	headers := http.Header{}
	for _, h := range req.Headers {
		switch strings.ToLower(h.Name) {
		case "upgrade", "connection", "sec-websocket-key", "sec-websocket-version":
		default:
			headers.Add(h.Name, h.Value)
		}
	}
	if _, ok := headers["User-Agent"]; !ok {
		headers.Set("User-Agent", "")
	}
	compress := strings.Contains(headers.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
	ctx, done := n.loops.mark(req)
	defer done()
	conn, res, err := websocket.Dial(ctx, &n.client, req.URL, headers, compress, n.limits.MessageBytes())
	switch {
	case err != nil:
		return nil, networkError(err)
	case conn == nil:
		return received(res), nil
	}
	mine, theirs := NewPair()
	go ServeSocket(conn, theirs, nil)
	return &Response{Status: http.StatusSwitchingProtocols, Headers: headersOf(res.Header), Socket: mine}, nil
}
