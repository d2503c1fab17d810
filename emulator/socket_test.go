package emulator_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/journal"
)

// lines is a log that a test looks at.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// read reads a message.
func read(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, data, err := conn.Read(ctx)
	if err != nil {
		t.Fatalf("wait for a message: %v", err)
	}
	return string(data)
}

const hibernator = `
export class Thing extends DurableObject {
	handled = 0;
	fetch(request) {
		const [mine, theirs] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(mine, ["tag"]);
		mine.serializeAttachment({ n: 1 });
		return new Response(null, { status: 101, webSocket: theirs });
	}
	limit(ms) { this.ctx.setHibernatableWebSocketEventTimeout(ms); }
	settings() {
		const [ws] = this.ctx.getWebSockets();
		return [this.ctx.getHibernatableWebSocketEventTimeout(), ws.readyState, this.ctx.getTags(ws), ws.deserializeAttachment()];
	}
	async webSocketMessage(ws, message) {
		if (message === "hang") await scheduler.wait(60_000);
		if (message === "close") return ws.close(1000, "enough");
		ws.send(message + " " + ++this.handled);
	}
	webSocketClose(ws, code, reason, clean) { console.log("closed", code, reason, clean, ws.readyState, this.ctx.getWebSockets().length); }
}`

// What is set of sockets outlives the heap: tags, attachment, whether they were closed, the timeout.
func TestSockets_hibernation(t *testing.T) {
	t.Parallel()
	r := newRig(t, hibernator, func(o *emulator.Options) { o.Eviction = durable.FastEviction })
	guest := connect(t, r, "/?name=a")
	r.want("/limit?name=a&arg=1000", "null")
	r.want("/settings?name=a", `[1000,1,["tag"],{"n":1}]`)
	for n := range 20 {
		if err := guest.Write(t.Context(), websocket.MessageText, []byte(fmt.Sprint("m", n))); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 {
		if got := strings.Fields(read(t, guest))[0]; got != fmt.Sprint("m", n) {
			t.Fatalf("message %d while the object wakes: got %s", n, got)
		}
	}

	// A handler that takes too long is ended, at the clock's time; the sockets stay.
	if err := guest.Write(t.Context(), websocket.MessageText, []byte("hang")); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return strings.Contains(fmt.Sprint(r.states()), "active request") })
	r.advance(999 * time.Millisecond)
	wantLines(t, r.events(journal.SocketMessage)[20:])
	r.advance(time.Millisecond)
	wantLines(t, r.events(journal.SocketMessage)[20:], "1s socket.message a text, 4 bytes Actor exceeded event execution time and was disconnected.")
	if err := guest.Write(t.Context(), websocket.MessageText, []byte("again")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, guest); got != "again 1" {
		t.Errorf("after the end of a handler: got %s, want again 1", got)
	}

	// A socket that was closed is so after a sleep too, and the client's close is not answered for it.
	if err := guest.Write(t.Context(), websocket.MessageText, []byte("close")); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return r.get("/settings?name=a") == `[1000,2,["tag"],{"n":1}]` })
	if _, _, err := guest.Read(t.Context()); websocket.CloseStatus(err) != 1000 {
		t.Errorf("the object's close: got %v, want 1000", err)
	}
	until(t, func() bool { return len(r.events(journal.SocketClose)) > 0 })
	if hints := r.events(journal.Hint); len(hints) > 0 {
		t.Errorf("hints about a socket that was closed: %v", hints)
	}

	// A close that the handler does not answer is hinted at.
	other := connect(t, r, "/?name=b")
	go func() { _ = other.Close(websocket.StatusNormalClosure, "bye") }() // waits for an answer
	until(t, func() bool {
		return strings.Contains(fmt.Sprint(r.events(journal.Hint)), "waits for the object to close")
	})
	_ = other.CloseNow()
}

func until(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not become so")
		}
	}
}

const dialer = `
export class Thing extends DurableObject {
	fetch(request) {
		const [mine, theirs] = Object.values(new WebSocketPair());
		mine.accept();
		mine.addEventListener("message", ({ data }) => mine.send("object " + data));
		mine.addEventListener("close", ({ code, reason }) => mine.close(code, reason));
		return new Response(null, { status: 101, webSocket: theirs, headers: { "Sec-WebSocket-Protocol": "fetched" } });
	}
	async talk(ws) {
		const heard = [];
		const closed = new Promise((resolve) => ws.addEventListener("close", (e) => resolve([e.code, e.reason, e.wasClean])));
		ws.addEventListener("message", ({ data }) => { heard.push(data); if (heard.length < 3) ws.send("x".repeat(heard.length)); else ws.close(3001, "done"); });
		ws.send("");
		return [heard, await closed, ws.protocol, ws.extensions];
	}
	async dial([url, protocols]) {
		const ws = new WebSocket(url, protocols);
		await new Promise((resolve, reject) => { ws.onopen = resolve; ws.onerror = (e) => reject(e.error); });
		return this.talk(ws);
	}
	async fetched(url) {
		const { status, webSocket } = await fetch(url, { headers: { Upgrade: "websocket" } });
		webSocket.accept();
		return [status, ...await this.talk(webSocket)];
	}
	async other(name) {
		const { status, webSocket, headers } = await this.env.THING.getByName(name).fetch("http://x/", { headers: { Upgrade: "websocket" } });
		webSocket.accept();
		return [status, headers.get("Sec-WebSocket-Protocol"), ...await this.talk(webSocket)];
	}
	async refused(url) {
		try { await this.dial([url]); } catch (e) { return e.message; }
	}
	async plain(url) {
		const response = await fetch(url, { headers: { Upgrade: "websocket" } });
		return [response.status, response.webSocket, await response.text()];
	}
}`

// An object opens WebSockets itself: to a server, to the Worker, to another object.
func TestSockets_outgoing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/none" {
			http.Error(w, "no WebSockets here", http.StatusForbidden)
			return
		}
		conn, err := websocket.Accept(w, q, &websocket.AcceptOptions{
			Subprotocols: []string{"b"}, CompressionMode: websocket.CompressionNoContextTakeover, CompressionThreshold: 1,
		})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		for {
			kind, data, err := conn.Read(q.Context())
			if err != nil || conn.Write(q.Context(), kind, append([]byte("server "), data...)) != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	r := newRig(t, dialer, nil)
	const deflate = `"permessage-deflate; client_no_context_takeover; server_no_context_takeover"`
	r.want(`/dial?arg=["ws://`+address+`/",["a","b"]]`, `[["server ","server x","server xx"],[3001,"done",true],"b",`+deflate+`]`)
	r.want(`/dial?arg=["ws://`+address+`/"]`, `[["server ","server x","server xx"],[3001,"done",true],null,`+deflate+`]`)
	r.want(`/fetched?arg="http://`+address+`/"`, `[101,["server ","server x","server xx"],[3001,"done",true],"",""]`)
	r.want(`/other?arg="b"`, `[101,"fetched",["object ","object x","object xx"],[3001,"done",true],"",""]`)
	r.want(`/refused?arg="ws://`+address+`/none"`, `"Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received 403 instead."`)
	r.want(`/plain?arg="http://`+address+`/none"`, `[403,null,"no WebSockets here\n"]`)
}

// A client that says more than the object takes waits; nothing of it is lost.
func TestSockets_fastWriter(t *testing.T) {
	t.Parallel()
	r := newRig(t, `
		export class Thing extends DurableObject {
			count = 0;
			fetch() {
				const [mine, theirs] = Object.values(new WebSocketPair());
				this.ctx.acceptWebSocket(mine);
				this.ctx.blockConcurrencyWhile(() => scheduler.wait(10_000));
				return new Response(null, { status: 101, webSocket: theirs });
			}
			webSocketMessage(ws, message) { this.count += message.byteLength; ws.send(String(this.count)); }
		}`, nil)
	guest := connect(t, r, "/")
	large, written, waiting := make([]byte, 1<<20), make(chan int, 100), 0
	go func() {
		for n := 1; n <= 40; n++ {
			if guest.Write(t.Context(), websocket.MessageBinary, large) != nil {
				return
			}
			written <- n
		}
	}()
	for range 3 {
		<-written
		infos, _, err := r.Namespace("test-Thing").Objects(durable.Query{})
		if err != nil {
			t.Fatal(err)
		}
		for _, reason := range infos[0].PinnedBy {
			if _, err := fmt.Sscanf(reason.Detail, "%d events", &waiting); reason.Kind == "waiting" && (err != nil || waiting > 2) {
				t.Errorf("an object that takes nothing has %q, want at most 2 messages", reason.Detail)
			}
		}
	}
	r.advance(10 * time.Second)
	for n := 1; n <= 40; n++ {
		if got, want := read(t, guest), fmt.Sprint(n<<20); got != want {
			t.Fatalf("message %d: got %s bytes in all, want %s", n, got, want)
		}
	}
}

// A client that does not read is given up, and the object and its other clients go on.
func TestSockets_slowReader(t *testing.T) {
	t.Parallel()
	var log lines
	r := newRig(t, `
		export class Thing extends DurableObject {
			fetch() {
				const [mine, theirs] = Object.values(new WebSocketPair());
				this.ctx.acceptWebSocket(mine);
				return new Response(null, { status: 101, webSocket: theirs });
			}
			flood() { for (const ws of this.ctx.getWebSockets()) ws.send("x".repeat(4 << 20)); }
			webSocketClose(ws, ...args) { console.log(...args); }
		}`, func(o *emulator.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	deaf, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	fmt.Fprint(deaf, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	until(t, func() bool { return len(r.events(journal.SocketOpen)) == 1 })
	for range 25 {
		r.get("/flood")
	}
	until(t, func() bool { return len(r.events(journal.SocketClose)) == 1 })
	wantLines(t, r.events(journal.SocketClose), "0s socket.close a 1006 WebSocket disconnected without sending Close frame.")
	if want := "the peer reads so slowly that 64 MiB wait for it"; !strings.Contains(log.String(), want) {
		t.Errorf("the log says %q, want %q in it", log.String(), want)
	}
	r.want("/flood", "null")
}

// The limits of sockets are Cloudflare's, unless there are to be none.
func TestSockets_limits(t *testing.T) {
	t.Parallel()
	const source = `
		export class Thing extends DurableObject {
			all(tags) {
				const attempt = (f) => { try { f(); return "taken"; } catch (e) { return String(e).slice(0, 40); } };
				const [ws] = Object.values(new WebSocketPair());
				return [
					attempt(() => this.ctx.acceptWebSocket(ws, Array.from({ length: 11 }, (_, n) => "t" + n))),
					attempt(() => this.ctx.acceptWebSocket(Object.values(new WebSocketPair())[0], ["x".repeat(257)])),
					attempt(() => ws.serializeAttachment("x".repeat(16_380))),
					attempt(() => this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("x".repeat(2049), ""))),
				];
			}
		}`
	newRig(t, source, nil).want("/all", `["Error: a Hibernatable WebSocket cannot h","Error: \"`+strings.Repeat("x", 32)+
		`","Error: A WebSocket 'attachment' cannot b","RangeError: Request cannot be larger tha"]`)
	newRig(t, source, func(o *emulator.Options) { o.Limits = emulator.NoLimits }).want("/all", `["taken","taken","taken","taken"]`)
}

// Compression is the Worker's to refuse, by its compatibility date, its flags or its response.
func TestSockets_compression(t *testing.T) {
	t.Parallel()
	r := newRig(t, `
		export class Thing extends DurableObject {
			fetch(request) {
				const [mine, theirs] = Object.values(new WebSocketPair());
				this.ctx.acceptWebSocket(mine);
				const headers = request.url.includes("refuse") ? { "Sec-WebSocket-Extensions": "" } : {};
				return new Response(null, { status: 101, webSocket: theirs, headers });
			}
		}`, nil)
	extensions := func(path string) string {
		server := httptest.NewServer(r)
		t.Cleanup(server.Close)
		conn, res, err := websocket.Dial(t.Context(), server.URL+path, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.CloseNow() })
		return res.Header.Get("Sec-WebSocket-Extensions")
	}
	if got, want := extensions("/"), "permessage-deflate; server_no_context_takeover; client_no_context_takeover"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := extensions("/refuse"); got != "" {
		t.Errorf("a response that refuses: got %q, want none", got)
	}
	file := filepath.Join(r.dir, "wrangler.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(text), `"compatibility_date"`, `"compatibility_flags": ["no_web_socket_compression"], "compatibility_date"`, 1)
	if err := os.WriteFile(file, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Services()[0].Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := extensions("/"); got != "" {
		t.Errorf("a flag that refuses: got %q, want none", got)
	}
}

// A WebSocket that is not connected yet can be closed, more than once, and takes no message.
func TestSocket_closedEarly(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		early() {
			const ws = new WebSocket("ws://127.0.0.1:9/"), said = [];
			try { ws.send("x") } catch (e) { said.push(e.message) }
			ws.close(1000, "bye");
			ws.close();
			return [...said, ws.readyState];
		}
	}`, nil)
	r.want("/early", `["You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.",2]`)
}
