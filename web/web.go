// Package web is doemu's page: its source in TypeScript, and its built form, which is embedded. It knows of the
// emulator only what the admin API says.
package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed dist
var files embed.FS

// policy lets the page load its own files and speak to its own origin, and nothing else. The styles of the SQL
// editor are constructed by script, which needs no exception.
// https://www.w3.org/TR/CSP3/
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Paths are the patterns, in the form of chi, of what the page consists of. Its own routes are behind a #, so
// that it works below any path.
func Paths() []string { return []string{"/", "/assets/*", "/favicon.svg", "/licenses.md"} }

// Handler serves the page to GET and HEAD.
func Handler() http.Handler {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		// The directory is embedded above.
		panic(fmt.Sprintf("the page's files: %v", err))
	}
	server := http.FileServerFS(dist)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean("/" + r.URL.Path)
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		if _, err := fs.Stat(dist, strings.TrimPrefix(name, "/")); name != "/" && err != nil {
			http.Error(w, "There is no file "+name+" in doemu's page. Load the page again: it may be of another version.", http.StatusNotFound)
			return
		}
		if strings.HasPrefix(name, "/assets/") {
			// Their names have a hash of what is in them.
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		server.ServeHTTP(w, r)
	})
}
