package platform

import (
	"context"
	"strings"
)

// Header is one header of a message, with its name as it was given.
type Header struct{ Name, Value string }

// Headers are the headers of a message, in their order.
type Headers []Header

// Get is the first value of a header, or "".
func (h Headers) Get(name string) string {
	for _, header := range h {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}

// text is the form in which headers cross into JavaScript: a line for each.
func (h Headers) text() string {
	var b strings.Builder
	for _, header := range h {
		b.WriteString(header.Name)
		b.WriteString(": ")
		b.WriteString(header.Value)
		b.WriteByte('\n')
	}
	return b.String()
}

func headersFromText(text string) Headers {
	var h Headers
	for line := range strings.SplitSeq(text, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			h = append(h, Header{name, value})
		}
	}
	return h
}

// Request is an HTTP request on its way to a Worker, an object or the network.
type Request struct {
	Method, URL string
	Headers     Headers
	Body        *Body  // nil for none
	CF          []byte // request.cf as JSON, or nil
	Lineage
	// Context ends when the one who asked has gone.
	Context context.Context
}

// Response is the answer to a Request.
type Response struct {
	Status     int
	StatusText string
	Headers    Headers
	Body       *Body   // nil for none
	Socket     *Socket // with status 101
	// Coding is what the content of the body leaves in: that of the headers, unless the program encoded it by itself.
	Coding Coding
}

// Drop lets go of a response that nobody takes.
func (r *Response) Drop() {
	if r.Body != nil {
		r.Body.Drop()
	}
	if r.Socket != nil {
		r.Socket.Drop()
	}
}

// Fetcher answers requests: the network, a Worker, an object. Reply is called once, from any
// goroutine; Fetch itself does not wait.
type Fetcher interface {
	Fetch(req *Request, reply func(*Response, error))
}
