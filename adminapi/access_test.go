package adminapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/doemu/doemu/adminapi"
)

// door is a path of one of the two ports.
type door struct {
	handler      http.Handler
	method, path string
	// free tells that it shows no state, and so answers without a token and to other machines.
	free bool
}

// caller is who knocks; what is "" is not there.
type caller struct{ peer, host, origin, site, authorization string }

// doors are all paths of the port of the admin API and of that of a Worker which are not the program's.
func doors(t *testing.T, r *rig, options adminapi.Options) []door {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct{ Security []map[string][]string }
	}
	if err := json.Unmarshal(adminapi.OpenAPI("x"), &document); err != nil {
		t.Fatal(err)
	}
	admin, worker := adminapi.New(r.Emulator, options), adminapi.WorkerPort(r.Emulator, r.Services()[0], options)
	var all []door
	for path, methods := range document.Paths {
		for method, operation := range methods {
			free := len(operation.Security) == 1 && len(operation.Security[0]) == 0
			all = append(all, door{admin, strings.ToUpper(method), path, free})
		}
	}
	if len(all) < 50 {
		t.Fatalf("the document has %d routes", len(all))
	}
	const explorer = "/workers/durable_objects/namespaces"
	return append(all, []door{
		{admin, "GET", "/", true}, {admin, "GET", "/nothing", false}, {admin, "PUT", "/api/v1/info", false},
		{admin, "GET", "/worlds/w1/", false}, {admin, "GET", "/worlds/w1/api/v1/info", false}, {admin, "GET", "/worlds/w1", true}, {admin, "GET", "/worlds//", false},
		{worker, "GET", "/cdn-cgi/local/scheduled", false}, {worker, "POST", "/cdn-cgi/handler/scheduled", false}, {worker, "GET", "/cdn-cgi/mf/scheduled", false},
		{worker, "GET", "/cdn-cgi/local/explorer/api" + explorer, false}, {worker, "GET", "/cdn-cgi/explorer/api" + explorer, false},
		{worker, "GET", "/cdn-cgi/local/explorer/api" + explorer + "/test-Thing/objects", false},
		{worker, "POST", "/cdn-cgi/local/explorer/api" + explorer + "/test-Thing/query", false},
		{worker, "POST", "/cdn-cgi/explorer/api" + explorer + "/test-Thing/query", false},
		{worker, "GET", "/cdn-cgi/local/explorer/api/nothing", false}, {worker, "GET", "/%63dn-cgi/local/explorer/api" + explorer, false},
		{worker, "GET", "/cdn-cgi/local%2Fexplorer/api" + explorer, false}, {worker, "GET", "/cdn-cgi/local/%73cheduled", false},
	}...)
}

// Whatever shows or changes state asks, on both ports, for the token, or for a program of this machine where there
// is none; never does it answer a page of another site.
func TestAccess(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const here, lan = "127.0.0.1:50000", "192.168.1.7:50000"

	for _, guard := range []struct {
		name    string
		options adminapi.Options
		in, out []caller
	}{
		{"no token", adminapi.Options{}, []caller{
			{peer: here, host: "localhost:8787"}, {peer: "[::1]:50000", host: "[::1]:8787"}, {peer: "[::ffff:127.0.0.1]:5", host: "127.0.0.1"}, {peer: "127.9.9.9:1", host: "127.0.0.1:80"},
			{peer: here, host: "localhost", origin: "http://localhost:3000", site: "same-site"}, {peer: here, host: "localhost", site: "none"},
			{peer: here, host: "dev.example:8788", origin: "https://dev.example"},
		}, []caller{
			{peer: lan, host: "localhost:8787"}, {peer: lan, host: "127.0.0.1"}, {peer: "[fe80::1%eth0]:50000", host: "localhost"}, {peer: "172.17.0.1:50000", host: "localhost"},
			{peer: "[::ffff:192.168.1.7]:5", host: "localhost"}, {peer: "", host: "localhost"}, {peer: "127.0.0.1.evil.example:80", host: "localhost"},
			{peer: lan, host: "localhost", authorization: "Bearer "}, {peer: lan, host: "dev.example"},
		}},
		{"open", adminapi.Options{Open: true}, []caller{
			{peer: here, host: "localhost"}, {peer: lan, host: "dev.example"}, {peer: lan, host: "localhost"},
		}, nil},
		{"token", adminapi.Options{Token: "secret"}, []caller{
			{peer: here, host: "localhost", authorization: "Bearer secret"}, {peer: lan, host: "localhost", authorization: "Bearer secret"},
			{peer: lan, host: "dev.example", origin: "http://dev.example", authorization: "Bearer secret"},
		}, []caller{
			{peer: here, host: "localhost"}, {peer: lan, host: "localhost"}, {peer: here, host: "localhost", authorization: "Bearer wrong"},
			{peer: here, host: "localhost", authorization: "secret"}, {peer: here, host: "localhost", authorization: "Bearer "}, {peer: here, host: "localhost", authorization: "Basic secret"},
		}},
		{"token and open", adminapi.Options{Token: "secret", Open: true}, nil, []caller{{peer: lan, host: "localhost"}, {peer: here, host: "localhost"}}},
	} {
		t.Run(guard.name, func(t *testing.T) {
			t.Parallel()
			guard.options.AllowHosts, guard.options.Page = []string{"dev.example"}, onePage()
			authorization := ""
			if guard.options.Token != "" {
				authorization = "Bearer " + guard.options.Token
			}
			// Whatever else they bring, these are pages of other sites.
			foreign := []caller{
				{here, "evil.example", "", "", authorization}, {here, "evil.example:8787", "http://evil.example:8787", "same-origin", authorization},
				{here, "localhost.evil.example", "", "", authorization}, {here, "127.0.0.1", "https://evil.example", "", authorization},
				{here, "localhost", "null", "", authorization}, {here, "localhost", "https://localhost.evil.example", "", authorization}, {here, "", "", "", authorization},
			}
			// This one a browser sends for an image or a link.
			guard.out = append(guard.out, caller{here, "localhost", "", "cross-site", authorization})
			for _, d := range doors(t, r, guard.options) {
				for _, c := range guard.in {
					if got := d.knock(c); got == http.StatusUnauthorized || got == http.StatusForbidden {
						t.Errorf("%s %s for %+v: got %d, want an answer", d.method, d.path, c, got)
					}
				}
				for _, c := range guard.out {
					if got := d.knock(c); (got == http.StatusUnauthorized || got == http.StatusForbidden) == d.free {
						t.Errorf("%s %s for %+v: got %d; shows no state: %v", d.method, d.path, c, got, d.free)
					}
				}
				for _, c := range foreign {
					if got := d.knock(c); got != http.StatusForbidden {
						t.Errorf("%s %s for %+v: got %d, want 403", d.method, d.path, c, got)
					}
				}
			}
		})
	}
}

// knock sends a request whose client has gone before it is answered: what would answer for long does not.
func (d door) knock(c caller) int {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req := httptest.NewRequestWithContext(ctx, d.method, "http://x"+d.path, strings.NewReader("{}"))
	req.RemoteAddr, req.Host = c.peer, c.host
	for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site, "Authorization": c.authorization} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	res := httptest.NewRecorder()
	d.handler.ServeHTTP(res, req)
	return res.Code
}

// What is the program's answers to everybody.
func TestWorkerPort_program(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, `
		import { DurableObject } from "cloudflare:workers";
		export class Thing extends DurableObject {}
		export default { fetch(request) { return new Response(new URL(request.url).pathname); } };`)
	port := adminapi.WorkerPort(r.Emulator, r.Services()[0], adminapi.Options{Token: "secret"})
	for _, path := range []string{"/", "/cdn-cgi/trace", "/cdn-cgi/local", "/cdn-cgi/local/scheduled/", "/cdn-cgi/local/explorer/apis"} {
		req, res := newRequest(http.MethodGet, "http://shop.example"+path, nil), httptest.NewRecorder()
		req.RemoteAddr = "192.168.1.7:50000"
		if port.ServeHTTP(res, req); res.Code != http.StatusOK || res.Body.String() != path {
			t.Errorf("%s: got %d %s, want the program's answer", path, res.Code, res.Body)
		}
	}
}

// A scheduled handler runs on the Worker's port, where scripts for wrangler dev expect it.
func TestWorkerPort_scheduled(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, everything)
	port := adminapi.WorkerPort(r.Emulator, r.Services()[0], adminapi.Options{})
	for _, test := range []struct {
		path   string
		status int
		want   string
	}{
		{"/cdn-cgi/local/scheduled", 200, "ok"}, {"/cdn-cgi/handler/scheduled?cron=*+*+*+*+*", 200, "ok"}, {"/cdn-cgi/mf/scheduled?cron=bad", 500, "exception"},
		{"/cdn-cgi/local/scheduled?format=json", 200, `{"outcome":"ok","noRetry":false}`},
	} {
		res := httptest.NewRecorder()
		port.ServeHTTP(res, newRequest(http.MethodGet, "http://localhost"+test.path, nil))
		if res.Code != test.status || res.Body.String() != test.want {
			t.Errorf("%s: got %d %s, want %d %s", test.path, res.Code, res.Body, test.status, test.want)
		}
	}
}

// The document says what each route asks for.
func TestAccess_document(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	api := adminapi.New(r.Emulator, adminapi.Options{Token: "secret"})
	var document struct {
		Security   []map[string][]string
		Components struct {
			SecuritySchemes map[string]struct{ Type, Scheme string }
		}
		Paths map[string]map[string]struct{ Security []map[string][]string }
	}
	if err := json.Unmarshal(adminapi.OpenAPI("x"), &document); err != nil {
		t.Fatal(err)
	}
	if s := document.Components.SecuritySchemes["token"]; s.Type != "http" || s.Scheme != "bearer" || len(document.Security) != 2 || document.Security[1]["token"] == nil {
		t.Errorf("got %+v and %v, want the scheme of bearers", s, document.Security)
	}
	var free []string
	for path, methods := range document.Paths {
		for method, operation := range methods {
			res := httptest.NewRecorder()
			api.ServeHTTP(res, newRequest(strings.ToUpper(method), "http://localhost"+path, nil))
			open := len(operation.Security) == 1 && len(operation.Security[0]) == 0
			if open == (res.Code == 401) {
				t.Errorf("%s %s without a token: got %d, but the document says %v", method, path, res.Code, operation.Security)
			}
			if open {
				free = append(free, path)
			}
		}
	}
	if len(free) != 2 {
		t.Errorf("without a token: got %v, want /livez and /readyz", free)
	}
}
