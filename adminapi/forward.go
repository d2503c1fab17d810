package adminapi

import (
	"encoding/json"
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpguts"

	"github.com/doemu/doemu/emulator/platform"
)

// The headers by which a request for fetch says what HTTP does not let it say.
const (
	urlHeader     = "X-Doemu-Url"
	methodHeader  = "X-Doemu-Method"
	headersHeader = "X-Doemu-Headers"
	cfHeader      = "X-Doemu-Cf"
	// answerHeader marks an answer as the program's own.
	answerHeader = "X-Doemu-Response"
)

type fetchHeaders struct {
	URL     string `header:"X-Doemu-Url" json:"-" description:"The URL that the program sees; http://localhost/ if not given"`
	Method  string `header:"X-Doemu-Method" json:"-" description:"The method that it sees, if that is another one"`
	Headers string `header:"X-Doemu-Headers" json:"-" description:"All headers that it sees, in place of the request's own: JSON of [name, value] pairs"`
	CF      string `header:"X-Doemu-Cf" json:"-" description:"request.cf, as JSON; none if not given"`
}

type objectFetchRequest struct {
	objectPath
	fetchHeaders
}

type serviceFetchRequest struct {
	servicePathOf
	fetchHeaders
}

func (a *api) objectFetcher(in *objectFetchRequest) (platform.Fetcher, error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return nil, err
	}
	return t.Object(t.id, t.name), nil
}

func (a *api) serviceFetcher(in *serviceFetchRequest) (platform.Fetcher, error) {
	return a.entrypoint(in.servicePathOf)
}

func handleFetch[In any](method, path, summary string, find func(*api, *In) (platform.Fetcher, error)) route {
	r := newRoute(method, path, summary)
	r.in, r.out, r.contentType, r.uncapped = *new(In), "", "*/*", true
	r.serve = func(a *api, w http.ResponseWriter, r *http.Request) error {
		var in In
		if err := decodeParametersOnly(r, &in); err != nil {
			return err
		}
		to, err := find(a, &in)
		if err != nil {
			return err
		}
		forwarded, err := forwarded(r)
		if err != nil {
			return err
		}
		cf := r.Header.Get(cfHeader)
		if cf != "" && !json.Valid([]byte(cf)) {
			return refuse(http.StatusBadRequest, "%s is not JSON.", cfHeader)
		}
		w.Header().Set(answerHeader, "program")
		w.Header()["Date"] = nil // only if the program has one
		if err := a.emulator.Forward(w, r, to, forwarded, []byte(cf)); err != nil {
			w.Header().Del(answerHeader)
			return failedCall(err)
		}
		return nil
	}
	return r
}

// hopByHop are headers of a connection, and not of what is sent over it.
// https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6.1
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Transfer-Encoding", "Content-Length"}

// forwarded is the request that a program gets.
func forwarded(r *http.Request) (*http.Request, error) {
	out := r.Clone(r.Context())
	var err error
	if out.URL, err = url.Parse(orElse(r.Header.Get(urlHeader), "http://localhost/")); err != nil || out.URL.Host == "" {
		return nil, refuse(http.StatusBadRequest, "%s is %q, but must be an absolute URL.", urlHeader, r.Header.Get(urlHeader))
	}
	out.Method = orElse(r.Header.Get(methodHeader), r.Method)
	if text := r.Header.Get(headersHeader); text != "" {
		var pairs [][2]string
		if err := json.Unmarshal([]byte(text), &pairs); err != nil {
			return nil, refuse(http.StatusBadRequest, `%s must be JSON of [name, value] pairs, as [["Accept", "*/*"]]: %v.`, headersHeader, err)
		}
		out.Header = http.Header{}
		for _, pair := range pairs {
			if !httpguts.ValidHeaderFieldName(pair[0]) || !httpguts.ValidHeaderFieldValue(pair[1]) {
				return nil, refuse(http.StatusBadRequest, "%s has %q, which is no header.", headersHeader, pair)
			}
			out.Header.Add(pair[0], pair[1])
		}
	} else {
		for _, name := range append([]string{urlHeader, methodHeader, cfHeader, "Authorization"}, hopByHop...) {
			out.Header.Del(name)
		}
		if out.Header.Get("Upgrade") != "" {
			out.Header.Set("Connection", "Upgrade")
		}
	}
	out.Header.Del("Content-Length") // the body's own is added
	return out, nil
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
