package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(path string) *httptest.ResponseRecorder {
	res := httptest.NewRecorder()
	Handler().ServeHTTP(res, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	return res
}

// The page loads what it refers to, which is cached for ever, as its names change with it; the page is not.
func TestHandler(t *testing.T) {
	t.Parallel()
	index := get("/")
	if index.Code != http.StatusOK || !strings.Contains(index.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("got %d %s", index.Code, index.Header())
	}
	if got := index.Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the page's Cache-Control: got %q, want no-cache", got)
	}
	references := regexp.MustCompile(`(?:src|href)="\.(/[^"]+)"`).FindAllStringSubmatch(index.Body.String(), -1)
	if len(references) < 3 {
		t.Fatalf("the page refers to %q: want its icon, its script and its styles", references)
	}
	for _, r := range references {
		res := get(r[1])
		if res.Code != http.StatusOK || res.Body.Len() == 0 {
			t.Errorf("GET %s: got %d with %d bytes", r[1], res.Code, res.Body.Len())
		}
		if got := res.Header().Get("Cache-Control"); strings.HasPrefix(r[1], "/assets/") != strings.Contains(got, "immutable") {
			t.Errorf("GET %s: got Cache-Control %q", r[1], got)
		}
	}
	for _, path := range []string{"/assets/old.js", "/assets/../../web.go", "/dist/index.html"} {
		if res := get(path); res.Code != http.StatusNotFound {
			t.Errorf("GET %s: got %d, want 404", path, res.Code)
		}
	}
}

// Whatever is answered, a browser lets it load and reach only its own origin, and nobody frames it.
func TestHandler_headers(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/licenses.md", "/assets/none.js"} {
		h := get(path).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; " +
				"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("GET %s: %s: got %q, want %q", path, name, got, want)
			}
		}
	}
}

// What is embedded is small, and the licences of what is bundled are with it.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	const most = 1_500_000
	size := int64(0)
	err := fs.WalkDir(files, ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil || size > most {
		t.Errorf("%d bytes are embedded, %v; want at most %d", size, err, most)
	}
	licenses := get("/licenses.md").Body.String()
	for _, want := range []string{"preact", "@fontsource-variable/inter", "@tanstack/virtual-core"} {
		if !strings.Contains(licenses, "## "+want+" - ") {
			t.Errorf("the licence of %s is not told", want)
		}
	}
}
