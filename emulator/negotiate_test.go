package emulator

import (
	"net/http"
	"testing"

	"github.com/doemu/doemu/emulator/platform"
)

// The rows are what wrangler dev answers.
func TestNegotiate(t *testing.T) {
	t.Parallel()
	const refused = "refused"
	for _, test := range []struct{ accept, coding, kind, want string }{
		{"", "", "text/plain", ""},
		{"", "gzip", "text/plain", "gzip"},
		{"gzip, br", "", "text/plain;charset=UTF-8", "gzip"},
		{"br, gzip", "", "", "br"},
		{"gzip;q=0.5, br", "", "application/json", "br"},
		{"gzip, br", "br", "text/html", "gzip"},
		{"gzip, deflate", "", "image/png", ""},
		{"gzip", "br", "image/png", "br"},
		{"gzip", "", "text/event-stream", ""},
		{"gzip", "zstd", "text/plain", "zstd"},
		{"gzip", "GZIP", "text/plain", "GZIP"},
		{"identity", "gzip", "text/plain", ""},
		{"deflate", "", "text/plain", ""},
		{"deflate", "gzip", "text/plain", ""},
		{"gzip;q=0", "", "text/plain", ""},
		{"identity;q=0", "", "text/plain", refused},
		{"*;q=0", "gzip", "text/plain", refused},
		{"gzip;q=0.2, identity;q=0", "", "text/plain", "gzip"},
		{"!!", "gzip", "text/plain", "gzip"},
	} {
		r := &http.Request{Header: http.Header{}}
		if test.accept != "" {
			r.Header.Set("Accept-Encoding", test.accept)
		}
		res := &platform.Response{Status: 200, Body: platform.BytesBody([]byte("x"))}
		if test.kind != "" {
			res.Headers = append(res.Headers, platform.Header{Name: "Content-Type", Value: test.kind})
		}
		if test.coding != "" {
			res.Headers = append(res.Headers, platform.Header{Name: "content-encoding", Value: test.coding})
		}
		got := refused
		if negotiate(r, res) {
			got = res.Headers.Get("Content-Encoding")
		}
		if got != test.want {
			t.Errorf("Accept-Encoding %q, %q in %q: got %q, want %q", test.accept, test.kind, test.coding, got, test.want)
		}
	}
}
