package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// ServeHTTP gives requests to the first Worker.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.services[0].ServeHTTP(w, r) }

// ServeHTTP gives requests to the code that serves now.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := s.emulator
	if s.current.Load() == nil {
		writeError(w, r, s.notStarted().Error())
		return
	}
	most := e.options.Limits.body()
	if most > 0 && r.ContentLength > most {
		http.Error(w, fmt.Sprintf("The request's body has %d bytes; Cloudflare takes %d.", r.ContentLength, most), http.StatusRequestEntityTooLarge)
		return
	}
	req := incoming(r)
	asker := platform.NewAsker()
	req.Context = asker
	req.Lineage = e.net.Lineage(r.RemoteAddr)
	req.Gone = asker.Left
	if req.Loops > platform.MostLoops && e.options.Limits != NoLimits {
		s.refuseLoop(w, r)
		return
	}
	body := takeUpload(req, r, most)
	defer body.end()
	if e.admit(r.Context()) != nil {
		return // the client has gone
	}
	answered := make(chan answer, 1)
	s.dispatch(r.Method+" "+r.URL.RequestURI(), req, func(a answer) { answered <- a })
	var a answer
	select {
	case a = <-answered:
	case <-r.Context().Done():
		// The client has gone: what the Worker still answers goes nowhere, and what it asked of others need not begin.
		asker.Leave()
		go func() {
			if late := <-answered; late.res != nil {
				late.res.Drop()
			}
		}()
		return
	}
	switch {
	case a.res == nil:
		body.answer(w, true)
		writeError(w, r, a.failure)
	case a.res.Socket != nil:
		e.serveSocket(w, r, a)
	case !negotiate(r, a.res):
		body.answer(w, true)
		w.Header().Set("Accept-Encoding", "br, gzip")
		http.Error(w, "Unsupported Media Type", http.StatusUnsupportedMediaType)
	default:
		stop := context.AfterFunc(r.Context(), func() {
			asker.Leave()
			if a.res.Body != nil {
				a.res.Body.Close() // whoever writes it need not find out at the next chunk
			}
		})
		defer stop()
		if a.res.Body != nil {
			if _, whole := a.res.Body.Whole(); !whole {
				body.invite(w, r)
			}
		}
		if !writeResponse(w, a.res, body) {
			asker.Leave()
		}
	}
}

// refuseLoop answers a request that has gone round in circles, as Cloudflare does.
func (s *Service) refuseLoop(w http.ResponseWriter, r *http.Request) {
	why := fmt.Sprintf("error code: 1019\nThe request went out to the network and came back to a Worker more than %d times. "+
		"See https://developers.cloudflare.com/workers/observability/errors/#loop-limit\n", platform.MostLoops)
	s.emulator.journal.Record(journal.Event{Kind: journal.Request, Worker: s.current.Load().project.Name, Detail: r.Method + " " + r.URL.RequestURI(),
		Status: http.StatusInternalServerError, Error: strings.TrimRight(why, "\n")})
	http.Error(w, why, http.StatusInternalServerError)
}

// admit waits until an event from outside may come in; see [clock.Work.Admit].
func (e *Emulator) admit(ctx context.Context) error { return e.options.Clock.Work().Admit(ctx) }

// answer is what a Worker made of a request: a response, or the error as it is shown.
type answer struct {
	res     *platform.Response
	failure string
	// compress lets the messages of the response's WebSocket be compressed.
	compress bool
}

// statusClientClosed is what Cloudflare writes down of a request whose client left before its answer.
// https://developers.cloudflare.com/support/troubleshooting/http-status-codes/4xx-client-error/
const statusClientClosed = 499

// dispatch gives a request to the Worker that serves now, and records it when its answer leaves.
func (s *Service) dispatch(what string, req *platform.Request, reply func(answer)) {
	e, worker := s.emulator, s.current.Load().worker
	began := e.options.Clock.Now()
	worker.Fetch(req, func(res *platform.Response, err error) {
		entry := journal.Event{Kind: journal.Request, Worker: worker.generation.project.Name, Generation: worker.generation.Number,
			Detail: what, Duration: e.options.Clock.Now().Sub(began)}
		switch {
		case platform.Departed(err):
			entry.Status, entry.Error = statusClientClosed, platform.ErrorText(err)
		case err != nil:
			entry.Status, entry.Error = http.StatusInternalServerError, platform.ErrorText(err)
		default:
			entry.Status = res.Status
		}
		e.journal.Record(entry)
		reply(answer{res, shownError(err), worker.generation.project.Flags.Enabled("web_socket_compression")})
	})
}

// shownError is an error as the browser shows it: with its stack in the user's files.
func shownError(err error) string {
	if err == nil {
		return ""
	}
	var thrown *platform.HandlerError
	if errors.As(err, &thrown) {
		return strings.TrimRight(thrown.Stack, "\n")
	}
	return err.Error()
}

// incoming is a request as a Worker gets it, without its body.
// https://developers.cloudflare.com/fundamentals/reference/http-headers/
func incoming(r *http.Request) *platform.Request {
	req := &platform.Request{Method: r.Method, URL: requestURL(r), CF: cfObject}
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "Accept-Encoding" || strings.HasPrefix(name, "Cf-") || hopByHop[name] && !upgrades(r) || name == "Content-Length" && !sendsBody(r) {
			continue
		}
		for _, value := range r.Header[name] {
			req.Headers = append(req.Headers, platform.Header{Name: name, Value: value})
		}
	}
	client, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		client = "127.0.0.1"
	}
	req.Headers = append(req.Headers, platform.Header{Name: "Host", Value: r.Host},
		platform.Header{Name: "Accept-Encoding", Value: "br, gzip"}, platform.Header{Name: "CF-Connecting-IP", Value: client})
	return req
}

// hopByHop are the headers that belong to a connection and not to a request.
// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
var hopByHop = map[string]bool{"Connection": true, "Keep-Alive": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true}

// upgrades tells whether a request asks for a WebSocket, whose headers a Worker looks at.
func upgrades(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

// sendsBody tells whether the length of a request says something.
func sendsBody(r *http.Request) bool {
	return r.ContentLength == 0 && r.Method != http.MethodGet && r.Method != http.MethodHead
}

// requestURL is the address of a request, as the URL standard writes it.
func requestURL(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	path := r.RequestURI
	if !strings.HasPrefix(path, "/") {
		path = r.URL.RequestURI()
	}
	host := r.Host
	if host == "" {
		host = "localhost" // HTTP/1.0 may leave it out
	}
	u, err := whatwg.Parse(scheme + host + path)
	if err != nil {
		return scheme + host + path
	}
	return u.Href(true)
}

// cfObject is what a request tells of where it came from: nothing that a local program could know.
// https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties
var cfObject = []byte(`{"asOrganization":"","asn":395747,"city":"Austin","clientAcceptEncoding":"gzip, deflate, br","clientTcpRtt":0,"colo":"DFW","continent":"NA","country":"US","edgeRequestKeepAliveStatus":1,"httpProtocol":"HTTP/1.1","latitude":"30.27130","longitude":"-97.74260","metroCode":"635","postalCode":"78701","region":"Texas","regionCode":"TX","requestPriority":"","timezone":"America/Chicago","tlsCipher":"","tlsVersion":""}`)

// writeResponse sends a response to the client, whose own body is upload; a stream is passed on as it comes. It reports
// false if the client has left meanwhile.
func writeResponse(w http.ResponseWriter, res *platform.Response, upload *upload) (stayed bool) {
	header := w.Header()
	for _, h := range res.Headers {
		name := http.CanonicalHeaderKey(h.Name)
		if hopByHop[name] || name == "Content-Length" && res.Body != nil {
			continue
		}
		addHeader(header, name, h)
	}
	if _, ok := header["Content-Type"]; !ok {
		header["Content-Type"] = nil // net/http would guess one
	}
	if res.Body == nil {
		upload.answer(w, true)
		w.WriteHeader(res.Status)
		return true
	}
	defer res.Body.Close()
	whole, ok := res.Body.Whole()
	upload.answer(w, ok)
	if ok {
		header.Set("Content-Length", strconv.Itoa(len(whole)))
		w.WriteHeader(res.Status)
		// A client that has gone cannot be told of anything.
		_, _ = w.Write(whole)
		return true
	}
	if n := res.Body.Length(); n >= 0 {
		header.Set("Content-Length", strconv.FormatInt(n, 10))
	}
	w.WriteHeader(res.Status)
	return stream(w, res.Body.Reader())
}

// addHeader adds a header by the name that the program gave it. Headers that everybody knows have the name that everybody
// gives them, and their values are joined.
func addHeader(header http.Header, canonical string, h platform.Header) {
	if known, ok := knownHeaders[canonical]; ok {
		if before := header[known]; len(before) > 0 && known != "Set-Cookie" {
			before[0] += ", " + h.Value
			return
		}
		header[known] = append(header[known], h.Value)
		return
	}
	name := h.Name
	for other := range header {
		if strings.EqualFold(other, name) {
			name = other
		}
	}
	header[name] = append(header[name], h.Value)
}

// knownHeaders are headers that workerd knows, by net/http's way to write their names.
var knownHeaders = func() map[string]string {
	known := map[string]string{}
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Access-Control-Allow-Origin", "Authorization", "Cache-Control", "Content-Disposition", "Content-Encoding",
		"Content-Language", "Content-Length", "Content-Range", "Content-Type", "Date", "ETag", "Expires", "Last-Modified", "Location",
		"Proxy-Authenticate", "Range", "Server",
		"Referrer-Policy", "Set-Cookie", "Vary", "WWW-Authenticate",
	} {
		known[http.CanonicalHeaderKey(name)] = name
	}
	return known
}()

// stream copies a body and lets each part leave at once. A body that fails ends the connection, so
// that the client does not take it for whole. It reports false if the client has left.
func stream(w http.ResponseWriter, body io.Reader) (stayed bool) {
	flusher := http.NewResponseController(w)
	buf := make([]byte, 64<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if _, failed := w.Write(buf[:n]); failed != nil {
				return false
			}
			if flusher.Flush() != nil {
				return false
			}
		}
		if err == io.EOF {
			return true
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// writeError shows an error of the user's code, as wrangler dev does.
func writeError(w http.ResponseWriter, r *http.Request, text string) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, text+"\n")
		return
	}
	var page bytes.Buffer
	if err := errorPage.Execute(&page, text); err != nil {
		page.WriteString("The Worker threw an error.")
	}
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write(page.Bytes())
}
