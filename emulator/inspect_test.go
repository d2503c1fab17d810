package emulator_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

const inspected = `export class Thing extends DurableObject {
	lives = 0;
	put([key, value]) { this.ctx.storage.kv.put(key, value); }
	add() { this.ctx.storage.kv.put("n", (this.ctx.storage.kv.get("n") ?? 0) + 1); }
	read(key) { return this.ctx.storage.kv.get(key); }
	touch() { return ++this.lives; }
	rows() { this.sql("CREATE TABLE IF NOT EXISTS t (n INTEGER, s TEXT)"); return [...this.sql("SELECT * FROM t")]; }
	sql(text) { return this.ctx.storage.sql.exec(text); }
	alarmAt() { return this.ctx.storage.getAlarm(); }
	alarm(info) { console.log("rang", info.retryCount); if (this.ctx.storage.kv.get("bad")) throw new Error("no bell"); }
	async section() { await this.ctx.blockConcurrencyWhile(async () => { console.log("in section"); await scheduler.wait(1000); }); }
	async transact() { await this.ctx.storage.transaction(async (txn) => { await txn.put("half", 1); console.log("in transact"); await scheduler.wait(1000); }); }
	fetch() {
		const [mine, theirs] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(mine, ["guest"]);
		mine.serializeAttachment({ seat: 7 });
		this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
		return new Response(null, { status: 101, webSocket: theirs });
	}
	webSocketMessage(ws, message) { ws.send("heard " + message); }
}`

func (r *rig) things() *durable.Namespace { return r.Namespace("test-Thing") }

// id is the id of the object with a name.
func (r *rig) id(name string) string {
	r.t.Helper()
	hex, _, err := r.things().Resolve("name:" + name)
	if err != nil {
		r.t.Fatal(err)
	}
	return hex
}

func (r *rig) find(name string) durable.Info {
	r.t.Helper()
	info, err := r.things().Find(r.id(name))
	if err != nil {
		r.t.Fatal(err)
	}
	return info
}

// kinds are what happened to an object since an event, in order.
func (r *rig) kinds(name string, since uint64) (kinds []string) {
	id := r.id(name)
	for _, e := range r.Journal().Since(since) {
		if e.Object == id {
			kinds = append(kinds, strings.TrimSpace(string(e.Kind)+" "+e.Detail))
		}
	}
	return kinds
}

// look reads a key as it is stored.
func (r *rig) look(name, key string) (value string) {
	r.t.Helper()
	err := r.things().Look(r.t.Context(), r.id(name), func(db *storage.DB) error {
		stored, _, err := db.Get(key)
		value = hex.EncodeToString(stored)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return value
}

func (r *rig) edit(name string, f func(*durable.Edit) error) error {
	return r.things().Edit(r.t.Context(), r.id(name), name, "a test", f)
}

var one, two = []byte("\xff\x0fI\x02"), []byte("\xff\x0fI\x04") // 1 and 2, serialized

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	onDisk := func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, dir }
	r := newRig(t, inspected, onDisk)
	if _, err := r.things().Find(r.id("nobody")); !errors.Is(err, durable.ErrNoObject) {
		t.Errorf("an object that is not there: got %v", err)
	}
	r.get(`/put?name=a&arg=["x",1]`)
	info := r.find("a")
	if info.State != durable.Idle || info.Name != "a" || info.Generation != 1 || !info.Stored || info.Bytes == 0 || info.LastEvent.Kind != journal.RPC || info.LastEvent.Detail != "put" {
		t.Errorf("in memory: got %+v", info)
	}
	if err := r.things().Evict(t.Context(), info.ID, ""); err != nil {
		t.Fatal(err)
	}
	if info := r.find("a"); info.State != durable.Evicted || info.Generation != 0 || info.LastEvent.Kind != journal.Evict {
		t.Errorf("evicted: got %+v", info)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	// Another process knows the name, and no code runs for it.
	r = newRig(t, inspected, onDisk)
	all, _, err := r.things().Objects(durable.Query{Prefix: "a"})
	if err != nil || len(all) != 1 || all[0].ID != info.ID || all[0].Name != "a" || all[0].State != durable.Evicted || all[0].LastEvent != nil {
		t.Errorf("after a restart: got %+v, %v", all, err)
	}
	if got := r.look("a", "x"); got != "ff0f4902" {
		t.Errorf("x: got %s", got)
	}
	if n, err := r.things().Info(); err != nil || n.Objects != 1 || n.States[durable.Evicted] != 1 || !n.SQL || n.Class != "Thing" || n.Worker != "test" {
		t.Errorf("the namespace: got %+v, %v", n, err)
	}
	if got := r.Journal().Last(); got != 0 {
		t.Errorf("looking left %d events in the journal: %+v", got, r.Journal().Since(0))
	}
	entries, err := os.ReadDir(filepath.Join(dir, "v3", "do", "test-Thing"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), info.ID) && !slices.Contains([]string{info.ID + ".sqlite", info.ID + ".history"}, entry.Name()) {
			t.Errorf("looking left the file %s", entry.Name())
		}
	}
}

// tenThousand makes a state directory in which a class has so many objects.
func tenThousand(t testing.TB) (dir string) {
	dir = t.TempDir()
	r := newRig(t, inspected, func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, dir })
	r.get(`/put?name=0&arg=["x",1]`)
	path := func(name string) string {
		return filepath.Join(dir, "v3", "do", "test-Thing", r.id(name)+".sqlite")
	}
	if err := r.things().Evict(t.Context(), r.id("0"), ""); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for n := 1; n < 10_000; n++ {
		if err := os.Link(path("0"), path(fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestObjects_tenThousand(t *testing.T) {
	t.Parallel()
	dir := tenThousand(t)
	r := newRig(t, inspected, func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, dir })
	r.get("/touch?name=5000")
	seen, pages, after := 0, 0, ""
	for more := true; more; pages++ {
		var page []durable.Info
		var err error
		if page, more, err = r.things().Objects(durable.Query{Limit: 1000, After: after}); err != nil {
			t.Fatal(err)
		}
		for _, o := range page {
			if o.ID <= after {
				t.Fatalf("%s comes after %s", o.ID, after)
			}
			after = o.ID
			seen++
		}
	}
	if seen != 10_000 || pages != 10 {
		t.Errorf("got %d objects on %d pages, want 10000 on 10", seen, pages)
	}
	idle, more, err := r.things().Objects(durable.Query{State: durable.Idle, Limit: 1})
	if err != nil || more || len(idle) != 1 || idle[0].Name != "5000" {
		t.Errorf("idle: got %+v, %v, %v", idle, more, err)
	}
	n, err := r.things().Info()
	if err != nil || n.Objects != 10_000 || n.States[durable.Evicted] != 9999 || n.States[durable.Idle] != 1 {
		t.Errorf("got %+v, %v", n, err)
	}
}

// BenchmarkObjects_tenThousand lists the first hundred of ten thousand objects on disk; MiB is all memory of the process.
func BenchmarkObjects_tenThousand(b *testing.B) {
	dir := tenThousand(b)
	r := newRig(b, inspected, func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, dir })
	for b.Loop() {
		if page, more, err := r.things().Objects(durable.Query{Limit: 100}); err != nil || len(page) != 100 || !more {
			b.Fatal(len(page), more, err)
		}
	}
	b.ReportMetric(float64(resident(b))/(1<<20), "MiB")
}

func TestEdit(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*emulator.Options){
		"memory": nil,
		"disk":   func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, t.TempDir() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, inspected, change)
			put := func(key string, value []byte) func(*durable.Edit) error {
				return func(e *durable.Edit) error { return e.DB.Put(key, value) }
			}
			// One that is not in memory, and was never.
			if err := r.edit("a", put("x", one)); err != nil {
				t.Fatal(err)
			}
			if got := r.kinds("a", 0); !slices.Equal(got, []string{"edit a test"}) {
				t.Errorf("got %v, want that it was not woken", got)
			}
			if got := r.get("/read?name=a&arg=%22x%22"); got != "1" {
				t.Errorf("the object reads %s", got)
			}
			// One that is.
			if err := r.edit("a", put("x", two)); err != nil {
				t.Fatal(err)
			}
			if got := r.get("/read?name=a&arg=%22x%22"); got != "2" {
				t.Errorf("the object reads %s", got)
			}
			// What fails leaves nothing, and the object lives on.
			failure := errors.New("no")
			if err := r.edit("a", func(e *durable.Edit) error { return errors.Join(failure, e.DB.Put("x", one)) }); !errors.Is(err, failure) {
				t.Errorf("got %v", err)
			}
			r.get("/touch?name=a")
			// The same for what does not end.
			ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, failure)
			defer cancel()
			err := r.things().Edit(ctx, r.id("a"), "", "", func(e *durable.Edit) error {
				if err := e.DB.Put("x", one); err != nil {
					return err
				}
				_, err := e.DB.Exec("CREATE TABLE endless AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
				return err
			})
			if !errors.Is(err, failure) {
				t.Errorf("a statement without end: got %v", err)
			}
			if got := r.get("/touch?name=a") + r.get("/read?name=a&arg=%22x%22") + r.look("a", "x"); got != "22ff0f4904" {
				t.Errorf("got %s, want that the object lives on as it was", got)
			}
		})
	}
}

// heard calls something in the background and returns when a program has written a line.
func (r *rig) heard(line string, call func()) (ended <-chan struct{}) {
	r.t.Helper()
	lines, done := make(chan string, 100), make(chan struct{})
	stop := r.Journal().Listen(func(e journal.Event) {
		if e.Kind == journal.Console {
			lines <- e.Detail
		}
	})
	defer stop()
	go func() {
		defer close(done)
		call()
	}()
	for {
		select {
		case got := <-lines:
			if got == line {
				return done
			}
		case <-time.After(20 * time.Second):
			r.t.Fatalf("nobody wrote %q", line)
		}
	}
}

// An edit waits until critical sections and transactions of the program have ended.
func TestEdit_waits(t *testing.T) {
	t.Parallel()
	r := newRig(t, inspected, nil)
	for _, method := range []string{"section", "transact"} {
		ended := r.heard("in "+method, func() { r.get("/" + method + "?name=" + method) })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := r.things().Edit(ctx, r.id(method), "", "", func(e *durable.Edit) error { return e.DB.Put("x", one) })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("in a %s: got %v, want that it waits", method, err)
		}
		if _, err := r.Clock().Advance(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		<-ended
		if got := r.look(method, "x"); got != "" {
			t.Errorf("got %s, want that what was given up did not happen", got)
		}
		if err := r.edit(method, func(e *durable.Edit) error { return e.DB.Put("x", one) }); err != nil {
			t.Error(err)
		}
		if got := r.look(method, "half") + r.look(method, "x"); !strings.HasSuffix(got, "ff0f4902") {
			t.Errorf("after a %s: got %s", method, got)
		}
	}
}

func TestAlarm_byHand(t *testing.T) {
	t.Parallel()
	r := newRig(t, inspected, nil)
	n, at := r.things(), start.Add(time.Hour)
	if err := n.SetAlarm(t.Context(), r.id("a"), "a", at); err != nil {
		t.Fatal(err)
	}
	if info := r.find("a"); info.Alarm == nil || !info.Alarm.At.Equal(at) || info.State != durable.Evicted {
		t.Errorf("got %+v, want an alarm of an object that sleeps", info)
	}
	if ran, err := n.FireAlarm(t.Context(), r.id("a")); !ran || err != nil {
		t.Errorf("fire: got %v, %v", ran, err)
	}
	if got := r.kinds("a", 0); !slices.Equal(got, []string{"alarm.set 2026-01-02T04:04:05.000Z", "wake alarm attempt 1", "console rang 0", "alarm attempt 1"}) {
		t.Errorf("got %v", got)
	}
	if _, err := n.FireAlarm(t.Context(), r.id("a")); err != durable.ErrNoAlarm {
		t.Errorf("fire again: got %v", err)
	}

	// One that fails is tried again in its time.
	r.get(`/put?name=a&arg=["bad",1]`)
	if err := n.SetAlarm(t.Context(), r.id("a"), "", at); err != nil {
		t.Fatal(err)
	}
	if got := r.get("/alarmAt?name=a"); got != fmt.Sprint(at.UnixMilli()) {
		t.Errorf("getAlarm: got %s", got)
	}
	if ran, err := n.FireAlarm(t.Context(), r.id("a")); !ran || err == nil || !strings.Contains(err.Error(), "no bell") {
		t.Errorf("fire one that fails: got %v, %v", ran, err)
	}
	if info := r.find("a"); info.Alarm == nil || info.Alarm.Attempt != 1 {
		t.Errorf("got %+v, want a retry", info.Alarm)
	}
	if err := n.DeleteAlarm(t.Context(), r.id("a")); err != nil {
		t.Fatal(err)
	}
	if info, got := r.find("a"), r.get("/alarmAt?name=a"); info.Alarm != nil || got != "null" {
		t.Errorf("deleted: got %+v, getAlarm %s", info.Alarm, got)
	}
	if err := n.DeleteAlarm(t.Context(), r.id("a")); err != durable.ErrNoAlarm {
		t.Errorf("delete again: got %v", err)
	}
}

func TestSockets_byHand(t *testing.T) {
	t.Parallel()
	r := newRig(t, inspected, nil)
	conn := connect(t, r, "/?name=a")
	ask(t, conn, "ping", "pong")
	ask(t, conn, "hello", "heard hello")
	id, n := r.id("a"), r.things()
	if err := n.Evict(t.Context(), id, ""); err != nil {
		t.Fatal(err)
	}
	if info := r.find("a"); info.State != durable.Hibernated || info.Sockets != 1 {
		t.Errorf("got %+v", info)
	}
	all := n.Sockets(id)
	if len(all.Sockets) != 1 || !all.Automatic || all.Request != "ping" || all.Response != "pong" {
		t.Fatalf("got %+v", all)
	}
	sock := all.Sockets[0]
	var frames []string
	for _, f := range sock.Frames {
		frames = append(frames, fmt.Sprintf("in %v automatic %v %s %s", f.In, f.Automatic, f.Kind, f.Preview))
	}
	if want := []string{"in true automatic true text ping", "in false automatic true text pong", "in true automatic false text hello", "in false automatic false text heard hello"}; !slices.Equal(frames, want) {
		t.Errorf("frames: got %q, want %q", frames, want)
	}
	if !slices.Equal(sock.Tags, []string{"guest"}) || len(sock.Attachment) == 0 || !sock.Answered.Equal(start) {
		t.Errorf("got %+v", sock)
	}
	read := func(want string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, got, err := conn.Read(ctx); string(got) != want {
			t.Errorf("the client got %q, %v, want %q", got, err, want)
		}
	}
	last := r.Journal().Last()
	if err := n.SendToClient(id, sock.ID, true, []byte("psst")); err != nil {
		t.Fatal(err)
	}
	read("psst")
	if got := r.kinds("a", last); got != nil {
		t.Errorf("got %v, want that the object sleeps on", got)
	}
	if err := n.SendToObject(t.Context(), id, sock.ID, true, []byte("you")); err != nil {
		t.Fatal(err)
	}
	read("heard you")
	if err := n.CloseSocket(id, sock.ID, 4000, "enough"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, _, err := conn.Read(ctx); websocket.CloseStatus(err) != 4000 {
		t.Errorf("the client got %v, want a close with 4000", err)
	}
	if err := n.SendToClient(id, 99, true, nil); err != durable.ErrNoSocket {
		t.Errorf("got %v", err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*emulator.Options){
		"memory": nil,
		"disk":   func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, t.TempDir() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, inspected, change)
			for _, name := range []string{"a", "b", "c"} {
				r.get(`/put?name=` + name + `&arg=["x",1]`)
			}
			n := r.things()
			if err := n.SetAlarm(t.Context(), r.id("a"), "", start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if err := n.Delete(t.Context(), r.id("a")); err != nil {
				t.Fatal(err)
			}
			if _, err := n.Find(r.id("a")); err != durable.ErrNoObject {
				t.Errorf("got %v", err)
			}
			if got := n.Alarms(); len(got) != 0 {
				t.Errorf("alarms: got %+v", got)
			}
			if got := r.get("/read?name=a&arg=%22x%22") + r.get("/alarmAt?name=a"); got != "nullnull" {
				t.Errorf("a new object has %s", got)
			}
			if err := n.Delete(t.Context(), r.id("nobody")); err != durable.ErrNoObject {
				t.Errorf("got %v", err)
			}
			if deleted, err := r.Reset(t.Context(), nil, ""); deleted != 3 || err != nil {
				t.Errorf("reset: got %d, %v", deleted, err)
			}
			if all, _, err := n.Objects(durable.Query{}); err != nil || len(all) != 0 {
				t.Errorf("after a reset: got %+v, %v", all, err)
			}
		})
	}
}

// wrangler keeps names inside of the objects' storage.
func TestFind_wranglersName(t *testing.T) {
	t.Parallel()
	r := newRig(t, inspected, nil)
	write := func(hex, name string) {
		t.Helper()
		err := r.things().Edit(t.Context(), hex, "", "", func(e *durable.Edit) error {
			if _, err := e.DB.Exec("CREATE TABLE __miniflare_do_name (id INTEGER PRIMARY KEY, name TEXT)"); err != nil {
				return err
			}
			_, err := e.DB.Exec("INSERT INTO __miniflare_do_name VALUES (1, ?)", name)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(r.id("a"), "a")
	write(r.id("b"), "somebody else")
	if got := r.find("a").Name + "," + r.find("b").Name; got != "a," {
		t.Errorf("got %q, want the name of a and none of b", got)
	}
	if all, _, err := r.things().Objects(durable.Query{Prefix: "a"}); err != nil || !slices.ContainsFunc(all, func(i durable.Info) bool { return i.Name == "a" }) {
		t.Errorf("got %+v, %v, want that the name is known from then on", all, err)
	}
}

// Turns, edits, looks and evictions at the same time lose nothing.
func TestEdit_concurrent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*emulator.Options){
		"memory": nil,
		"disk":   func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, t.TempDir() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, inspected, change)
			const times = 40
			var all sync.WaitGroup
			work := func(f func() error) {
				all.Go(func() {
					for range times {
						if err := f(); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			id, n := r.id("a"), r.things()
			work(func() error {
				r.get("/add?name=a")
				return nil
			})
			work(func() error {
				return r.edit("a", func(e *durable.Edit) error {
					stored, _, err := e.DB.Get("n")
					if err != nil {
						return err
					}
					count := 0
					if text, ok := serialized.AppendJSON(nil, stored); ok {
						if count, err = strconv.Atoi(string(text)); err != nil {
							return err
						}
					}
					return e.DB.Put("n", serialized.Number(float64(count+1)))
				})
			})
			work(func() error {
				if err := n.Evict(t.Context(), id, ""); err != durable.ErrNotRunning {
					return err
				}
				return nil
			})
			work(func() error {
				err := n.Look(t.Context(), id, func(db *storage.DB) error {
					_, _, err := db.Get("n")
					return err
				})
				if err == durable.ErrNoObject {
					return nil
				}
				return err
			})
			all.Wait()
			if got := r.get("/read?name=a&arg=%22n%22"); got != strconv.Itoa(2*times) {
				t.Errorf("got %s, want %d", got, 2*times)
			}
		})
	}
}

// With an object go its facets.
func TestDelete_facets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newRig(t, `
export class Part extends DurableObject { up() { const n = (this.ctx.storage.kv.get("n") ?? 0) + 1; this.ctx.storage.kv.put("n", n); return n; } }
export class Thing extends DurableObject { up() { return this.ctx.facets.get("part", () => ({ class: this.ctx.exports.Part })).up(); } }`,
		func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, dir })
	databases := func() (names []string) {
		entries, err := os.ReadDir(filepath.Join(dir, "v3", "do", "test-Thing"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if name := e.Name(); strings.HasSuffix(name, ".sqlite") && name != "metadata.sqlite" {
				names = append(names, name)
			}
		}
		return names
	}
	for _, asleep := range []bool{false, true} {
		if got := r.get("/up?name=a"); got != "1" {
			t.Errorf("asleep %v: got %s, want a new facet", asleep, got)
		}
		if got := databases(); len(got) != 2 {
			t.Errorf("asleep %v: got %v, want two databases", asleep, got)
		}
		if asleep {
			if err := r.things().Evict(t.Context(), r.id("a"), ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.things().Delete(t.Context(), r.id("a")); err != nil {
			t.Fatal(err)
		}
		if err := r.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := databases(); len(got) != 0 {
			t.Errorf("asleep %v: got %v, want none", asleep, got)
		}
	}
}
