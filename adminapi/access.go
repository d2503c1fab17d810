package adminapi

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// access says who may see and change state, on the admin API's port and on those of Workers. With a token it is
// whoever brings it; without one, whoever is on this machine. Pages of other sites are refused either way: those
// that come under another name (DNS rebinding), and those that send from where they are (cross-site requests).
type access struct {
	allowed []string // names beside those of this machine
	token   string   // that requests have to bring; "" for none
	open    bool     // to other machines too when there is no token
}

// access is what the options say of it.
func (o *Options) access() access { return access{o.AllowHosts, o.Token, o.Open} }

// checkSite refuses requests under other names, and of pages of other origins.
func (a access) checkSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.allows(r.Host) {
			fail(w, refuse(http.StatusForbidden, "The admin API answers under names of this machine only, not under %s. Start doemu with --admin-allow-host to allow that name.", r.Host))
			return
		}
		if origin := r.Header.Get("Origin"); !a.allowsOrigin(origin) {
			fail(w, refuse(http.StatusForbidden, "The admin API answers pages of this machine only, not of %s. Start doemu with --admin-allow-host to allow that name.", origin))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkCaller lets those in who may see and change state.
func (a access) checkCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.refusal(r); err != nil {
			if err.status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			fail(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusal says why a request may not see or change state; nil if it may.
func (a access) refusal(r *http.Request) *refusal {
	switch {
	case a.token != "" && !a.authorizes(r):
		return newRefusal(http.StatusUnauthorized, "The admin API takes a token here, and so does what else shows or changes state: send Authorization: Bearer with the one that doemu was started with (--admin-token).")
	case a.token == "" && !a.open && !isLocal(r.RemoteAddr):
		return newRefusal(http.StatusForbidden, "Without a token this answers programs of this machine only, not %s. Start doemu with --admin-token and send that as Authorization: Bearer.", hostname(r.RemoteAddr))
	case r.Header.Get("Sec-Fetch-Site") == "cross-site":
		// An image or a link of another site's page brings no Origin, but browsers say this of it.
		return newRefusal(http.StatusForbidden, "This answers no page of another site. Open the address itself.")
	}
	return nil
}

// isLocal tells whether a client's address is one of this machine itself.
func isLocal(remote string) bool {
	address, err := netip.ParseAddrPort(remote)
	return err == nil && address.Addr().Unmap().IsLoopback()
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
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(token), []byte(a.token)) == 1
}

// allowsOrigin tells whether a request's Origin, "" for none, is a page of an allowed name.
func (a access) allowsOrigin(origin string) bool {
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && a.allows(u.Host)
}

func (a access) allows(hostport string) bool {
	host := hostname(hostport)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback() || slices.Contains(a.allowed, host)
}

// hostname is the name or address of what may have a port.
func hostname(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.Trim(host, "[]")
}
