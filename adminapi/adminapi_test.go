package adminapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/config"
)

const source = `
import { DurableObject } from "cloudflare:workers";
export class Thing extends DurableObject {
	ring(ms) { this.ctx.storage.setAlarm(Date.now() + ms); }
	alarm() { console.log("rang"); }
	stick() { setInterval(() => {}, 1000); }
}
export default {
	async fetch(request, env) {
		const [, name, method, ms] = new URL(request.url).pathname.split("/");
		await env.THING.getByName(name)[method](Number(ms));
		return new Response("ok");
	},
};`

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// rig is an emulator with its API.
type rig struct {
	*emulator.Emulator
	t   *testing.T
	dir string // of the project
	api http.Handler
}

func newRig(t *testing.T) *rig { return newRigOf(t, source) }

// newRigOf runs a Worker that has the classes Thing, with SQL, and Old, which the source may lack.
func newRigOf(t *testing.T, source string, change ...func(*emulator.Options)) *rig {
	t.Helper()
	dir := t.TempDir()
	config_ := `{
		"name": "test", "main": "index.js", "compatibility_date": "2026-01-01", "vars": { "SECRET": "hidden" },
		"durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
		"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Thing"] }] }`
	if strings.Contains(source, "class Old") {
		config_ = strings.ReplaceAll(config_, `"class_name": "Thing" }`, `"class_name": "Thing" }, { "name": "OLD", "class_name": "Old" }`)
		config_ = strings.ReplaceAll(config_, `"v1", `, `"v1", "new_classes": ["Old"], `)
	}
	for name, text := range map[string]string{"index.js": source, "wrangler.json": config_} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	options := emulator.Options{
		Workers: []config.Options{{WorkDir: dir, Path: dir}}, Ephemeral: true, Clock: clock.NewFrozen(start),
	}
	for _, f := range change {
		f(&options)
	}
	e, _, err := emulator.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{e, t, dir, adminapi.New(e, adminapi.Options{AllowHosts: []string{"dev.example"}, Version: "1.2.3", Page: onePage()})}
}

// newRequest is a request of a program on this machine.
func newRequest(method, target string, body io.Reader) *http.Request {
	req := httptest.NewRequest(method, target, body)
	req.RemoteAddr = "127.0.0.1:50000"
	return req
}

// do sends a request to the Worker.
func (r *rig) do(path string) {
	r.t.Helper()
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, newRequest(http.MethodGet, "http://localhost"+path, nil))
	if answer.Code != http.StatusOK {
		r.t.Fatalf("GET %s: got %d %s", path, answer.Code, answer.Body)
	}
}

// answer is what the API says.
type answer struct {
	Status  int `json:"-"`
	Success bool
	Errors  []struct {
		Code    int
		Message string
	}
	Result     json.RawMessage
	ResultInfo struct {
		Count  int
		Cursor string
	} `json:"result_info"`
}

func (r *rig) call(method, path, body string) answer {
	r.t.Helper()
	res := httptest.NewRecorder()
	r.api.ServeHTTP(res, newRequest(method, "http://127.0.0.1:8788"+path, strings.NewReader(body)))
	a := answer{Status: res.Code}
	if err := json.Unmarshal(res.Body.Bytes(), &a); err != nil {
		r.t.Fatalf("%s %s: got %d %s", method, path, res.Code, res.Body)
	}
	return a
}

// want calls, wants success, and compares the members of the result that are named.
func (r *rig) want(method, path, body, want string) {
	r.t.Helper()
	a := r.call(method, path, body)
	if a.Status != http.StatusOK || !a.Success {
		r.t.Errorf("%s %s: got %d %+v", method, path, a.Status, a.Errors)
		return
	}
	var got, expected map[string]any
	if err := json.Unmarshal(a.Result, &got); err != nil {
		r.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		r.t.Fatal(err)
	}
	for name, value := range expected {
		g, _ := json.Marshal(got[name])
		w, _ := json.Marshal(value)
		if string(g) != string(w) {
			r.t.Errorf("%s %s: %s: got %s, want %s", method, path, name, g, w)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const at = "2026-01-02T03:04:05.000Z"
	r.want("GET", "/api/v1/clock", "", `{"now": "`+at+`", "mode": "frozen", "waiting": 0, "next": null}`)
	r.do("/a/ring/5000")
	if err := r.Settle(t.Context()); err != nil { // its eviction is due a moment after the answer
		t.Fatal(err)
	}
	object := string(r.call("GET", "/api/v1/clock", "").Result)
	object = object[strings.Index(object, `"object":"`)+10:][:64]
	const five = "2026-01-02T03:04:10.000Z"
	alarm := `{"at": "` + five + `", "kind": "alarm", "name": "a", "namespace": "test-Thing", "object": "` + object + `"}`
	r.want("GET", "/api/v1/clock", "", `{"waiting": 2, "next": `+alarm+`}`)
	r.want("POST", "/api/v1/clock/next", "", `{"now": "`+five+`", "from": "`+at+`", "to": "`+five+`", "count": 1, "pending": [], "ran": [`+alarm+`]}`)
	r.want("POST", "/api/v1/clock/advance", `{"ms": 1500.5}`, `{"now": "2026-01-02T03:04:11.500Z", "count": 0, "ran": []}`)
	r.want("POST", "/api/v1/clock/set", `{"at": "2027-01-01T00:00:00Z"}`, `{"now": "2027-01-01T00:00:00.000Z", "mode": "frozen", "count": 1}`)
	r.want("POST", "/api/v1/clock/set", `{"at": 1000}`, `{"now": "1970-01-01T00:00:01.000Z"}`)
	r.want("POST", "/api/v1/clock/resume", "", `{"mode": "real"}`)
	r.want("POST", "/api/v1/clock/freeze", "", `{"mode": "frozen"}`)
	for path, body := range map[string]string{
		"/api/v1/clock/advance ": `{"ms": -1}`, "/api/v1/clock/advance": `{}`, "/api/v1/clock/advance  ": `{"ms": 1e300}`,
		"/api/v1/clock/set": `{"at": "soon"}`, "/api/v1/clock/set ": ``, "/api/v1/clock/advance   ": `{"seconds": 1}`, "/api/v1/clock/set  ": `[`,
	} {
		path = strings.TrimSpace(path)
		if a := r.call("POST", path, body); a.Status != http.StatusBadRequest || a.Success || len(a.Errors) != 1 || a.Errors[0].Code != 10400 || a.Errors[0].Message == "" {
			t.Errorf("POST %s %s: got %+v, want an error 10400", path, body, a)
		}
	}
	if a := r.call("DELETE", "/api/v1/clock", ""); a.Status != http.StatusMethodNotAllowed || a.Errors[0].Code != 10405 {
		t.Errorf("DELETE clock: got %+v", a)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do("/a/ring/1000")
	r.do("/b/ring/1000")
	r.call("POST", "/api/v1/clock/advance", `{"ms": 1000}`)
	kinds := func(query string) (all, cursor string) {
		t.Helper()
		a := r.call("GET", "/api/v1/journal"+query, "")
		var events []struct {
			Seq                         int
			Time, Kind, Name, Namespace string
		}
		if err := json.Unmarshal(a.Result, &events); err != nil || a.ResultInfo.Count != len(events) {
			t.Fatalf("GET journal%s: got %s, %+v", query, a.Result, a.ResultInfo)
		}
		for _, e := range events {
			all += e.Kind + " " + e.Name + ", "
		}
		return all, a.ResultInfo.Cursor
	}
	for query, want := range map[string]string{
		"?kind=alarm&object=name:b":                    "alarm.set b, alarm b, ",
		"?kind=request,wake":                           "wake a, request , wake b, request , ",
		"?kind=request&kind=wake&namespace=test-Thing": "wake a, wake b, ",
		"?namespace=other":                             "",
		"?kind=request&since=1000000":                  "request , request , ",
	} {
		if got, cursor := kinds(query); got != want || cursor != "" {
			t.Errorf("GET journal%s: got %q, cursor %q, want %q", query, got, cursor, want)
		}
	}
	first, cursor := kinds("?kind=alarm&limit=3")
	second, end := kinds("?kind=alarm&limit=3&cursor=" + cursor)
	if first != "alarm.set a, alarm.set b, alarm a, " || second != "alarm b, " || end != "" {
		t.Errorf("pages: got %q, %q, cursor %q", first, second, end)
	}
	if a := r.call("GET", "/api/v1/journal?limit=x", ""); a.Status != http.StatusBadRequest {
		t.Errorf("a limit that is no number: got %d", a.Status)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := httptest.NewServer(r.api)
	t.Cleanup(server.Close)
	r.do("/a/ring/1000")
	open := func(query, last string) (next func() string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		t.Cleanup(cancel)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/v1/events"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Last-Event-ID", last)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Fatalf("got Content-Type %q", got)
		}
		lines := bufio.NewScanner(res.Body)
		return func() string {
			for lines.Scan() {
				if kind, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
					lines.Scan()
					var e struct{ Time, Name string }
					if err := json.Unmarshal([]byte(strings.TrimPrefix(lines.Text(), "data: ")), &e); err != nil {
						t.Fatal(err)
					}
					return e.Time + " " + kind + " " + e.Name
				}
			}
			t.Fatal("the stream ended")
			return ""
		}
	}
	all, now, resumed := open("?since=0&kind=alarm,wake", ""), open("?kind=alarm", ""), open("?kind=alarm.set", "1")
	r.call("POST", "/api/v1/clock/next", "")
	for n, test := range []struct {
		next func() string
		want string
	}{
		{all, "2026-01-02T03:04:05.000Z wake a"}, {all, "2026-01-02T03:04:05.000Z alarm.set a"}, {all, "2026-01-02T03:04:06.000Z alarm a"},
		{now, "2026-01-02T03:04:06.000Z alarm a"}, {resumed, "2026-01-02T03:04:05.000Z alarm.set a"},
	} {
		if got := test.next(); got != test.want {
			t.Errorf("%d: got %q, want %q", n, got, test.want)
		}
	}
}

// Ten thousand who want to hear of everything: a thousand do, the others are refused, and doemu goes on serving. When
// they have gone there is room again.
func TestEvents_tenThousand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var refused atomic.Int64
	open := func(ctx context.Context) *heard {
		h := &heard{header: http.Header{}, event: make(chan struct{})}
		all.Go(func() {
			r.api.ServeHTTP(h, newRequest(http.MethodGet, "http://localhost/api/v1/events?since=0&kind=alarm.set", nil).WithContext(ctx))
			if h.status == http.StatusServiceUnavailable {
				refused.Add(1)
				h.once.Do(func() { close(h.event) })
			}
		})
		return h
	}
	var heards []*heard
	for range 10_000 {
		heards = append(heards, open(ctx))
	}
	for refused.Load() < 9000 {
		runtime.Gosched()
	}
	r.do("/a/ring/1000")
	for _, h := range heards {
		<-h.event
	}
	leave()
	all.Wait()
	if got := refused.Load(); got != 9000 {
		t.Errorf("got %d refused, want 9000", got)
	}
	again, end := context.WithCancel(t.Context())
	late := open(again)
	r.do("/b/ring/1000")
	<-late.event
	end()
	all.Wait()
}

// heard is a client of a stream, which wants to hear of one event. It implements http.ResponseWriter.
type heard struct {
	header http.Header
	status int
	once   sync.Once
	event  chan struct{} // closed with the event, or a refusal
}

func (h *heard) Header() http.Header    { return h.header }
func (h *heard) WriteHeader(status int) { h.status = status }
func (h *heard) Flush()                 {}
func (h *heard) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte("event: alarm.set")) {
		h.once.Do(func() { close(h.event) })
	}
	return len(text), nil
}

func onePage() *adminapi.Page {
	return &adminapi.Page{Paths: []string{"/"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the page") })}
}
