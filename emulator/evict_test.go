package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
)

const sleeper = `export class Thing extends DurableObject {
	lives = 0;
	touch() { return ++this.lives; }
	pin() { setInterval(() => {}, 3600_000); }
	async slow(ms) { await scheduler.wait(ms); return "done"; }
	unpin() { clearInterval(1); }
	fetch(request) {
		const [mine, theirs] = Object.values(new WebSocketPair());
		if (request.url.includes("accept")) mine.accept(); else this.ctx.acceptWebSocket(mine, ["guest"]);
		return new Response(null, { status: 101, webSocket: theirs });
	}
	webSocketMessage(ws, message) { ws.send(message + " " + this.touch() + " " + this.ctx.getWebSockets().length); }
}`

// connect opens a WebSocket to the object.
func connect(t *testing.T, r *rig, path string) *websocket.Conn {
	t.Helper()
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	conn, _, err := websocket.Dial(t.Context(), server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func ask(t *testing.T, conn *websocket.Conn, text, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, got, err := conn.Read(ctx); err != nil || string(got) != want {
		t.Errorf("sent %q: got %q, %v, want %q", text, got, err, want)
	}
}

// states are the objects of the namespace with what keeps them in memory.
func (r *rig) states() (out []string) {
	r.t.Helper()
	infos, _, err := r.Namespace("test-Thing").Objects(durable.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, i := range infos {
		line := i.Name + " " + string(i.State)
		for _, reason := range i.PinnedBy {
			line += " " + reason.Kind
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// The database of an object that is in memory and does not use it is closed, which its program does not notice.
func TestEvict_storageRests(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	r := newRig(t, `export class Thing extends DurableObject {
		lives = 0;
		touch() { return ++this.lives; }
		write() {
			this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t (n)");
			return this.ctx.storage.sql.exec("INSERT INTO t VALUES (random()) RETURNING (SELECT count(*) FROM t) AS n").one().n;
		}
		hold() { this.cursor = this.ctx.storage.sql.exec("SELECT n FROM t UNION ALL SELECT 1"); return this.cursor.next().done; }
		rest() { const n = this.cursor.toArray().length; this.cursor = null; return n; }
	}`, func(o *emulator.Options) {
		o.Ephemeral, o.StateDir = false, state
		o.Eviction = durable.Eviction{Hibernate: -1, Rest: time.Microsecond}
	})
	logs := func() []string {
		found, err := filepath.Glob(filepath.Join(state, "*", "*", "*", "*.sqlite-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(found, func(path string) bool { return strings.Contains(path, "metadata") })
	}
	r.want("/touch", "1")
	if files := logs(); len(files) != 0 {
		t.Errorf("storage that nobody uses is open: %v", files)
	}
	for n := range 3 {
		r.want("/write", fmt.Sprint(n+1))
		until(t, func() bool { return len(logs()) == 0 })
	}
	r.want("/hold", "false")
	if files := logs(); len(files) != 1 {
		t.Errorf("while a cursor is open: got %v, want one log", files)
	}
	r.want("/touch", "2")
	r.want("/rest", "3")
	until(t, func() bool { return len(logs()) == 0 })
	r.want("/touch", "3")
}

func TestEvict(t *testing.T) {
	t.Parallel()
	r := newRig(t, sleeper, nil)
	n := r.Namespace("test-Thing")
	hex := func(name string) string {
		t.Helper()
		id, _, err := n.Resolve("name:" + name)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	r.want("/touch?name=quiet", "1")
	r.want("/touch?name=quiet", "2")
	r.get("/pin?name=pinned")
	guest := connect(t, r, "/?name=socket")
	ask(t, guest, "hi", "hi 1 1")
	held := connect(t, r, "/accept?name=held")
	defer held.CloseNow()
	if err := r.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLines(t, r.states(), "held active socket", "pinned active timer", "quiet idle", "socket idle")

	// One by hand: its memory is gone, its storage and its sockets stay.
	for _, name := range []string{"quiet", "socket"} {
		if err := n.Evict(t.Context(), hex(name), durable.HibernateSockets); err != nil {
			t.Errorf("evict %s: %v", name, err)
		}
		if err := n.Evict(t.Context(), hex(name), durable.HibernateSockets); !errors.Is(err, durable.ErrNotRunning) {
			t.Errorf("evict %s again: got %v", name, err)
		}
	}
	wantLines(t, r.states(), "held active socket", "pinned active timer", "quiet evicted", "socket hibernated")
	r.want("/touch?name=quiet", "1")
	ask(t, guest, "again", "again 1 1")

	// What something keeps in memory stays there, and the error says what that is.
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	var pinned *durable.PinnedError
	err := n.Evict(short, hex("pinned"), durable.HibernateSockets)
	if !errors.As(err, &pinned) || len(pinned.Reasons) != 1 || pinned.Reasons[0].Kind != "timer" || !strings.Contains(err.Error(), "timer at Thing.pin (") {
		t.Errorf("evict pinned: got %v", err)
	}
	r.get("/unpin?name=pinned")
	if err := n.Evict(t.Context(), hex("pinned"), durable.HibernateSockets); err != nil {
		t.Errorf("evict what was pinned: %v", err)
	}

	// A call that is under way ends first.
	answer, evicted := make(chan string, 1), make(chan error, 1)
	go func() { answer <- r.get("/slow?name=quiet&arg=1000") }()
	for !slices.Contains(r.states(), "quiet active request timer") {
		time.Sleep(time.Millisecond)
	}
	go func() { evicted <- n.Evict(t.Context(), hex("quiet"), durable.HibernateSockets) }()
	r.advance(time.Second)
	if got, err := <-answer, <-evicted; got != `"done"` || err != nil {
		t.Errorf("a call during eviction: got %s, %v", got, err)
	}

	// All, and their sockets end.
	held.CloseNow()
	for !slices.Contains(r.states(), "held idle") {
		time.Sleep(time.Millisecond)
	}
	if err := r.EvictAll(t.Context(), durable.CloseSockets); err != nil {
		t.Error(err)
	}
	wantLines(t, r.states(), "held evicted", "pinned evicted", "quiet evicted", "socket evicted")
	if _, _, err := guest.Read(t.Context()); err == nil {
		t.Error("a socket that was closed: got a message")
	}
}

// The handler of a WebSocket's event may take as long as the program says; the setting survives
// hibernation.
func TestEventTimeout(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		fetch(request) {
			const [mine, theirs] = Object.values(new WebSocketPair());
			this.ctx.acceptWebSocket(mine);
			this.ctx.setHibernatableWebSocketEventTimeout(5000);
			return new Response(null, { status: 101, webSocket: theirs });
		}
		async webSocketMessage(ws, ms) {
			await scheduler.wait(Number(ms));
			this.ctx.storage.kv.put("done", ms);
			ws.send(ms + " of " + this.ctx.getHibernatableWebSocketEventTimeout());
		}
		get() { return [this.ctx.storage.kv.get("done") ?? "nothing", this.ctx.getHibernatableWebSocketEventTimeout()]; }
	}`, nil)
	conn := connect(t, r, "/")
	r.advance(20 * time.Second) // it hibernates
	send := func(ms string) {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(ms)); err != nil {
			t.Fatal(err)
		}
		for s := r.Clock().Status(); s.Waiting < 2; s = r.Clock().Status() { // the timer and the limit
			time.Sleep(time.Millisecond)
		}
		r.advance(6 * time.Second)
	}
	wantAnswer := func(want string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, got, err := conn.Read(ctx); string(got) != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	send("4999")
	wantAnswer("4999 of 5000")
	send("5001") // is cut off; the socket goes on with a new instance
	send("1")
	wantAnswer("1 of 5000")
	wantLines(t, r.events(journal.Hibernate), "10s hibernate a idle for 10s",
		"31s hibernate a an event of a WebSocket took too long")
	r.want("/get", `["1",5000]`)
}

// Where too many objects are in memory, those that came first leave it when they are idle, without time
// going by; one that is busy leaves later.
func TestEviction_most(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		get() { return 1; }
		stay() { this.timer = setInterval(() => {}, 1000); }
		go() { clearInterval(this.timer); }
	}`, func(o *emulator.Options) {
		o.Eviction = durable.Eviction{Hibernate: time.Minute, Forget: time.Hour, Most: 3}
	})
	for _, path := range []string{"/stay?name=a", "/get?name=b", "/get?name=c", "/get?name=d", "/get?name=e"} {
		r.get(path)
		if err := r.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantLines(t, r.events(journal.Evict), "0s evict b too many objects are in memory")
	r.get("/go?name=a")
	wantLines(t, r.events(journal.Evict), "0s evict b too many objects are in memory", "0s evict a too many objects are in memory")
}

// A wish that an object leaves is over when it leaves for another reason: the calls that wait for its next life
// do not find it gone again.
func TestEviction_wishes(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		get() { return 1; }
		stay() { return this.ctx.blockConcurrencyWhile(() => { console.log("in stay"); return new Promise(() => {}); }); }
	}`, func(o *emulator.Options) {
		o.Eviction = durable.Eviction{Hibernate: time.Minute, Forget: time.Hour, Most: 1}
	})
	ask := func(path string) (answered <-chan int) {
		done := make(chan int, 1)
		go func() {
			answer := httptest.NewRecorder()
			r.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
			done <- answer.Code
		}()
		return done
	}
	until := func(what string, is func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("it does not come to be that ", what)
			}
		}
	}
	r.heard("in stay", func() { ask("/stay?name=a") })
	answered := ask("/get?name=a")
	until("a call waits", func() bool {
		return slices.ContainsFunc(r.find("a").PinnedBy, func(reason isolate.Reason) bool { return reason.Kind == "waiting" })
	})
	r.get("/get?name=b") // for which a is to make room
	if _, err := r.Services()[0].Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code := <-answered; code != 200 {
		t.Errorf("got %d, want that the next life answers", code)
	}
	got := r.events(journal.Evict)
	slices.Sort(got)
	// b may make room for a's next life before the reload comes to it.
	if len(got) == 2 && got[1] == "0s evict b too many objects are in memory" {
		got[1] = "0s evict b its code was updated"
	}
	wantLines(t, got, "0s evict a its code was updated", "0s evict b its code was updated")
}

// In the profile fast an object forgets at once, and keeps its sockets; with never it stays.
func TestEviction_profiles(t *testing.T) {
	t.Parallel()
	eviction := func(text string) func(o *emulator.Options) {
		e, err := durable.ParseEviction(text)
		if err != nil {
			t.Fatal(err)
		}
		return func(o *emulator.Options) { o.Eviction = e }
	}
	for text, want := range map[string]string{"prod": "10s", "fast": "0s", "30s": "30s"} {
		r := newRig(t, sleeper, eviction(text))
		guest := connect(t, r, "/")
		ask(t, guest, "a", "a 1 1")
		r.advance(time.Minute)
		for _, line := range r.events(journal.Hibernate) {
			if want := want + " hibernate a idle for " + want; line != want {
				t.Errorf("%s: got %q, want %q", text, line, want)
			}
		}
		ask(t, guest, "b", "b 1 1")
		if got := len(r.events(journal.Hibernate)); got == 0 {
			t.Errorf("%s: it did not hibernate", text)
		}
	}
	r := newRig(t, sleeper, eviction("never"))
	r.want("/touch", "1")
	r.advance(24 * time.Hour)
	r.want("/touch", "2")
	for _, text := range []string{"", "often", "-1s"} {
		if _, err := durable.ParseEviction(text); err == nil {
			t.Errorf("ParseEviction(%q): got no error", text)
		}
	}
}

// A connection whose client has closed it, and whose program has not, keeps the object in memory as in workerd: what it has in
// memory would be gone otherwise, while the program may still use the socket.
func TestEviction_halfOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		fetch(request) {
			const [mine, theirs] = Object.values(new WebSocketPair());
			mine.accept();
			mine.addEventListener("close", ({ code }) => console.log("closed", code));
			this.finish = () => mine.close(1000, "at last");
			return new Response(null, { status: 101, webSocket: theirs });
		}
		end() { this.finish(); }
	}`, nil)
	guest := connect(t, r, "/?name=a")
	left := make(chan struct{})
	go func() {
		defer close(left)
		_ = guest.Close(websocket.StatusNormalClosure, "") // the program answers late
	}()
	until(t, func() bool { return len(r.events(journal.Console)) == 1 })
	r.advance(time.Hour)
	wantLines(t, r.states(), "a active socket")
	r.want("/end?name=a", "null")
	<-left
	r.advance(time.Minute)
	wantLines(t, r.states(), "a evicted")
}
