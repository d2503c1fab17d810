package adminapi

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// loopbackOnly refuses, in miniflare's words, what access refuses.
func (a access) loopbackOnly(w http.ResponseWriter, r *http.Request) (allowed bool) {
	if !a.allows(r.Host) {
		http.Error(w, "Invalid Host header", http.StatusForbidden)
		return false
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !a.allows(u.Host) {
			http.Error(w, "Invalid Origin header", http.StatusForbidden)
			return false
		}
	}
	return true
}

// access refuses requests that a page of another site makes, by name (DNS rebinding) or from its
// origin, and those that do not bring the token.
type access struct {
	allowed []string
	token   string // that requests have to bring; "" for none
}

// checkNames refuses requests under other names, and of other origins.
func (a access) checkNames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.allows(r.Host) {
			fail(w, refuse(http.StatusForbidden, "The admin API answers under names of this machine only, not under %s. Start doemu with --admin-allow-host to allow that name.", r.Host))
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || !a.allows(u.Host) {
				fail(w, refuse(http.StatusForbidden, "The admin API answers pages of this machine only, not of %s. Start doemu with --admin-allow-host to allow that name.", origin))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// checkToken refuses requests without the token.
func (a access) checkToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.authorizes(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, refuse(http.StatusUnauthorized, "The admin API takes a token here: send Authorization: Bearer with the one that doemu was started with (--admin-token)."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

type hostKey struct{}

// withHost remembers by which name the client reaches the API.
func withHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), hostKey{}, r.Host)))
	})
}

func hostOf(ctx context.Context) string {
	host, _ := ctx.Value(hostKey{}).(string)
	return host
}

// authorizes tells whether a request brings the token.
func (a access) authorizes(r *http.Request) bool {
	if a.token == "" {
		return true
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(token), []byte(a.token)) == 1
}

func (a access) allows(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback() || slices.Contains(a.allowed, host)
}
