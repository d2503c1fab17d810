package emulator_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
)

// uploads is a Worker that does with a body what the path says, in itself or in an object.
const uploads = `
import { DurableObject } from "cloudflare:workers";
const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
const digest = async (bytes) => bytes.byteLength + " " + hex(await crypto.subtle.digest("SHA-256", bytes));
let evil = 0;
async function answer(request) {
	const how = new URL(request.url).pathname.split("/").at(-1);
	switch (how) {
		case "evil": evil++; return new Response("evil");
		case "count": return new Response(String(evil));
		case "echo": return new Response(request.body);
		case "digest": return new Response(await digest(await request.arrayBuffer()));
		case "late": await scheduler.wait(1); return new Response(await digest(await request.arrayBuffer()));
		case "never": return new Response("not read");
		case "first": {
			const reader = request.body.getReader();
			const { value } = await reader.read();
			return new Response(value === undefined ? "none" : "some");
		}
		case "cancel": await request.body?.cancel("enough"); return new Response("canceled");
		case "throw": throw new Error("not me");
		case "copy": {
			const { readable, writable } = new TransformStream();
			if (request.body === null) return new Response(null);
			request.body.pipeTo(writable).catch(() => {});
			return new Response(readable);
		}
	}
	return new Response("no such way", { status: 404 });
}
export class Thing extends DurableObject { fetch(request) { return answer(request); } }
export default {
	fetch(request, env) { return new URL(request.url).pathname.startsWith("/object/") ? env.THING.getByName("a").fetch(request) : answer(request); },
};`

func newUploads(t testing.TB) *httptest.Server {
	t.Helper()
	r := newRig(t, "", func(o *emulator.Options) {
		o.Workers = newWorkers(writeProject(t, uploads, `{ "name": "test", "main": "index.js", "compatibility_date": "2026-01-01",
			"durable_objects": { "bindings": [{ "name": "THING", "class_name": "Thing" }] },
			"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Thing"] }] }`))
		o.Clock = clock.New()
	})
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server
}

// hostileBody are bytes that would be requests if a server took them for some.
func hostileBody(size int) []byte {
	const request = "GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n"
	return []byte(strings.Repeat(request, size/len(request)+1)[:size])
}

// exchange sends a request on a connection while it reads the answer. Whole is false if the client must not use the
// connection again.
func exchange(ctx context.Context, conn net.Conn, in *bufio.Reader, path, version string, body []byte, chunked bool) (status int, got []byte, again bool, err error) {
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return 0, nil, false, err
	}
	sent := make(chan error, 1)
	go func() {
		out := bufio.NewWriter(conn)
		fmt.Fprintf(out, "POST %s HTTP/%s\r\nHost: localhost\r\n", path, version)
		if version == "1.0" {
			fmt.Fprint(out, "Connection: keep-alive\r\n")
		}
		if chunked {
			fmt.Fprint(out, "Transfer-Encoding: chunked\r\n\r\n")
			for rest := body; len(rest) > 0; {
				n := min(len(rest), 10_000)
				fmt.Fprintf(out, "%x\r\n%s\r\n", n, rest[:n])
				rest = rest[n:]
			}
			fmt.Fprint(out, "0\r\n\r\n")
		} else {
			fmt.Fprintf(out, "Content-Length: %d\r\n\r\n", len(body))
			_, _ = out.Write(body) // Flush gives the error
		}
		sent <- out.Flush()
	}()
	res, err := http.ReadResponse(in, &http.Request{Method: http.MethodPost})
	if err != nil {
		return 0, nil, false, err
	}
	got, err = io.ReadAll(res.Body)
	if err != nil {
		return res.StatusCode, got, false, err
	}
	if res.Close {
		return res.StatusCode, got, false, nil
	}
	return res.StatusCode, got, <-sent == nil, nil
}

// What comes out is what went in, and no answer is ever caused by the bytes of a body, in whatever way a Worker or an object treats it.
func TestUpload(t *testing.T) {
	t.Parallel()
	server := newUploads(t)
	sizes := []int{0, 1, 1 << 10, 64<<10 - 1, 64 << 10, 64<<10 + 1, 256 << 10, 300_000, 1 << 20, 5_000_000}
	if testing.Short() {
		sizes = sizes[:8]
	}
	for _, at := range []string{"", "/object"} {
		for _, how := range []string{"echo", "digest", "late", "never", "first", "cancel", "throw", "copy"} {
			t.Run(at+"/"+how, func(t *testing.T) {
				t.Parallel()
				for _, size := range sizes {
					for _, chunked := range []bool{false, true} {
						for _, version := range []string{"1.1", "1.0"} {
							if chunked && version == "1.0" {
								continue // there are no chunks
							}
							upload(t, server, at+"/"+how, version, hostileBody(size), chunked)
						}
					}
				}
			})
		}
	}
	t.Cleanup(func() {
		res, err := http.Get(server.URL + "/count")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if got, err := io.ReadAll(res.Body); err != nil || string(got) != "0" {
			t.Errorf("requests out of bodies: got %s, %v, want 0", got, err)
		}
	})
}

// upload sends a body, twice on one connection if that can be, and checks what comes back.
func upload(t testing.TB, server *httptest.Server, path, version string, body []byte, chunked bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for range 2 {
		status, got, again, err := exchange(ctx, conn, in, path, version, body, chunked)
		what := fmt.Sprintf("%s HTTP/%s of %d bytes, chunked %v", path, version, len(body), chunked)
		if err != nil {
			t.Errorf("%s: %v after %d bytes", what, err, len(got))
			return
		}
		want := []byte(nil)
		switch how := path[strings.LastIndex(path, "/")+1:]; how {
		case "echo", "copy":
			want = body
		case "digest", "late":
			want = fmt.Appendf(nil, "%d %x", len(body), sha256.Sum256(body))
		case "never":
			want = []byte("not read")
		case "first":
			want = []byte("some")
			if len(body) == 0 {
				want = got // none, or an error: a body of no length is null
			}
		case "cancel":
			want = []byte("canceled")
		case "throw":
			want = got
			if status != http.StatusInternalServerError || !bytes.Contains(got, []byte("not me")) {
				t.Errorf("%s: got %d %s, want 500 and the error", what, status, got)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes %.60q, want %d bytes %.60q", what, len(got), got, len(want), want)
		}
		if !again {
			return
		}
	}
}

// FuzzUpload sends requests one after the other on connections, with bodies of any length in any way, against a model:
// each gets its own answer.
func FuzzUpload(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, uint32(seed*37_000))
	}
	server := newUploads(f)
	f.Fuzz(func(t *testing.T, seed uint64, size uint32) {
		random := rand.New(rand.NewPCG(seed, 1))
		paths := []string{"/echo", "/object/echo", "/never", "/object/never", "/digest", "/first", "/object/first", "/cancel", "/throw", "/object/copy"}
		upload(t, server, paths[random.IntN(len(paths))], "1.1", hostileBody(int(size%700_000)), random.IntN(2) == 0)
	})
}

// A client that sends a part of its body and stalls keeps nobody else waiting, whatever is done with the body.
func TestUpload_stalls(t *testing.T) {
	t.Parallel()
	server := newUploads(t)
	for _, at := range []string{"", "/object"} {
		for _, how := range []string{"echo", "digest", "never", "first", "cancel", "throw", "copy"} {
			for _, size := range []int{100, 64 << 10, 10 << 20} {
				conn, err := net.Dial("tcp", server.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if _, err := fmt.Fprintf(conn, "POST %s/%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n0123456789", at, how, size); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	client := &http.Client{Timeout: 20 * time.Second}
	for n := range 20 {
		for _, at := range []string{"", "/object"} {
			res, err := client.Post(server.URL+at+"/digest", "", strings.NewReader(strconv.Itoa(n)))
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
		}
	}
}

// An answer begins while the request goes on: what the client sends after it has read comes back, too.
func TestUpload_conversation(t *testing.T) {
	t.Parallel()
	server := newUploads(t)
	for _, path := range []string{"/echo", "/object/echo", "/copy"} {
		reader, writer := io.Pipe()
		defer writer.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+path, reader)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(writer, "first ") }() // the answer tells whether it arrived
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		for _, text := range []string{"", "second ", strings.Repeat("third ", 50_000)} {
			go func() { _, _ = io.WriteString(writer, text) }()
			want := text
			if text == "" {
				want = "first "
			}
			got := make([]byte, len(want))
			if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != want {
				t.Fatalf("%s: got %.20q, %v, want %.20q", path, got, err, want)
			}
		}
		writer.Close()
		if rest, err := io.ReadAll(res.Body); err != nil || len(rest) != 0 {
			t.Errorf("%s: got %q, %v at the end", path, rest, err)
		}
	}
}

// A client that leaves in the middle of its body is an error for who reads it, and nobody else notices.
func TestUpload_breaksOff(t *testing.T) {
	t.Parallel()
	server := newUploads(t)
	for _, at := range []string{"", "/object"} {
		for _, how := range []string{"echo", "digest", "never", "first"} {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(conn, "POST %s/%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", at, how, 1<<20, hostileBody(70_000)); err != nil {
				t.Fatal(err)
			}
			if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Fatal(err)
			}
		}
		upload(t, server, at+"/digest", "1.1", hostileBody(100_000), false)
	}
}
