package emulator

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/doemu/doemu/emulator/platform"
)

// negotiate gives a response the coding that the client would have, as Cloudflare's network does for kinds of content that
// compress well; it is false when the client takes none that there is.
// https://developers.cloudflare.com/speed/optimization/content/compression/
func negotiate(r *http.Request, res *platform.Response) bool {
	coding, given := res.Headers.Coding(), res.Headers.Get("Content-Encoding")
	want, ok, asked := preferred(r.Header["Accept-Encoding"])
	known := given == "" || coding != platform.Identity
	if !asked || !known || !compressible(res.Headers.Get("Content-Type")) {
		res.Recode(coding)
		return true
	}
	if !ok {
		res.Drop()
		return false
	}
	res.Recode(want)
	if want == coding {
		return true
	}
	res.Headers = slices.DeleteFunc(slices.Clone(res.Headers), func(h platform.Header) bool { return strings.EqualFold(h.Name, "Content-Encoding") })
	if want != platform.Identity {
		res.Headers = append(res.Headers, platform.Header{Name: "Content-Encoding", Value: string(want)})
	}
	return true
}

// acceptedCoding is an element of Accept-Encoding.
var acceptedCoding = regexp.MustCompile(`^([a-z]+|\*)(?:\s*;\s*q=(\d+(?:.\d+)?))?$`)

// preferred is the coding that Accept-Encoding asks for; ok is false if it takes neither one that there is nor none at all. Asked
// is false if it says nothing.
func preferred(accept []string) (want platform.Coding, ok, asked bool) {
	type element struct {
		coding string
		weight float64
	}
	var elements []element
	for text := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		match := acceptedCoding.FindStringSubmatch(strings.TrimSpace(text))
		if match == nil {
			continue
		}
		weight := 1.0
		if match[2] != "" {
			weight, _ = strconv.ParseFloat(match[2], 64) // what does not parse weighs nothing
		}
		elements = append(elements, element{match[1], weight})
	}
	slices.SortStableFunc(elements, func(a, b element) int { return cmp.Compare(b.weight, a.weight) })
	ok = true
	for _, e := range elements {
		switch {
		case e.weight == 0:
			if e.coding == "identity" || e.coding == "*" {
				ok = false
			}
		case e.coding == string(platform.Gzip) || e.coding == string(platform.Brotli):
			return platform.Coding(e.coding), true, true
		case e.coding == "identity":
			return platform.Identity, true, true
		}
	}
	return platform.Identity, ok, len(elements) > 0
}

// compressible tells whether Cloudflare compresses content of a type.
func compressible(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return kind == "" || compressibleTypes[kind]
}

// https://developers.cloudflare.com/speed/optimization/content/compression/#compression-between-cloudflare-and-website-visitors
var compressibleTypes = func() map[string]bool {
	types := map[string]bool{}
	for _, kind := range strings.Fields(`
		text/html text/richtext text/plain text/css text/x-script text/x-component text/x-java-source text/x-markdown text/javascript
		text/js text/xml
		application/javascript application/x-javascript application/x-perl application/x-httpd-cgi application/xml application/rss+xml
		application/vnd.api+json application/x-protobuf application/json application/xhtml+xml application/vnd.ms-fontobject
		application/ttf application/x-ttf application/otf application/x-otf application/truetype application/opentype
		application/x-opentype application/font-woff application/eot application/font application/font-sfnt application/wasm
		application/javascript-binast application/manifest+json application/ld+json application/graphql+json application/geo+json
		image/x-icon image/vnd.microsoft.icon image/svg+xml multipart/bag multipart/mixed font/ttf font/otf font/x-woff`) {
		types[kind] = true
	}
	return types
}()
