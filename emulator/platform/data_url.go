package platform

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

// answerData answers a request for a data: URL, which has its content in itself.
//
// https://fetch.spec.whatwg.org/#data-url-processor
func answerData(c *isolate.Call, url string) (isolate.Value, error) {
	resolver, r := c.Resolver(PinFetch, "a data: URL"), realmOf(c)
	kind, content, ok := dataURL(url)
	c.Turn().Send(func() {
		if !ok {
			resolver.Reject(isolate.Errorf("TypeError", "data: URL is not valid."))
			return
		}
		res := &Response{Status: 200, StatusText: "OK", Headers: Headers{{"Content-Type", kind}}, Body: BytesBody(content)}
		resolver.ResolveWith(func(*isolate.Turn) isolate.Value { return isolate.String(r.head(res)) })
	})
	return isolate.Undefined(), nil
}

// dataURL is the type and the content of a data: URL.
func dataURL(text string) (kind string, content []byte, ok bool) {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "data:"), "#")
	kind, data, ok := strings.Cut(text, ",")
	if !ok {
		return "", nil, false
	}
	content, kind = unescapeBytes(data), strings.Trim(kind, " ")
	if at := strings.LastIndexByte(kind, ';'); at >= 0 && strings.EqualFold(strings.Trim(kind[at+1:], " "), "base64") {
		kind = kind[:at]
		plain := strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \t\n\f\r", r) {
				return -1
			}
			return r
		}, string(content))
		var err error
		if content, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(plain, "=")); err != nil {
			return "", nil, false
		}
	}
	switch {
	case kind == "":
		kind = "text/plain;charset=US-ASCII"
	case strings.HasPrefix(kind, ";"):
		kind = "text/plain" + kind
	}
	return kind, content, true
}

// unescapeBytes undoes percent-encoding. What is no escape stays as it is.
func unescapeBytes(text string) []byte {
	out := make([]byte, 0, len(text))
	for n := 0; n < len(text); n++ {
		if text[n] == '%' && n+2 < len(text) {
			if b, err := strconv.ParseUint(text[n+1:n+3], 16, 8); err == nil {
				out = append(out, byte(b))
				n += 2
				continue
			}
		}
		out = append(out, text[n])
	}
	return out
}
