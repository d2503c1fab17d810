package emulator_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/snapshot"
)

// ledger is an object with values, rows, an alarm, facets' worth of memory and WebSockets.
const ledger = `export class Thing extends DurableObject {
	memory = 0;
	constructor(ctx, env) {
		super(ctx, env);
		ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS entry (n INTEGER PRIMARY KEY, what TEXT)");
		ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS word (w TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID");
	}
	put([key, value]) { this.ctx.storage.kv.put(key, value); return ++this.memory; }
	state() { return [Object.fromEntries(this.ctx.storage.kv.list()), this.ctx.storage.sql.exec("SELECT what FROM entry ORDER BY n").raw().toArray().flat(), this.memory]; }
	add(what) { this.ctx.storage.sql.exec("INSERT INTO entry (what) VALUES (?)", what); }
	change([n, what]) { this.ctx.storage.sql.exec("UPDATE entry SET what = ? WHERE n = ?", what, n); }
	count(w) { this.ctx.storage.sql.exec("INSERT INTO word VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1", w); }
	ring(ms) { return this.ctx.storage.setAlarm(Date.now() + ms); }
	alarm() { this.ctx.storage.kv.put("rang", Date.now()); }
	async give([to, n]) {
		const kv = this.ctx.storage.kv;
		kv.put("has", (kv.get("has") ?? 0) - n);
		await this.env.THING.getByName(to).take(n);
	}
	take(n) { const kv = this.ctx.storage.kv; kv.put("has", (kv.get("has") ?? 0) + n); }
	fetch() {
		const [mine, theirs] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(mine);
		return new Response(null, { status: 101, webSocket: theirs });
	}
	webSocketMessage(ws, message) { ws.send(message + " " + JSON.stringify(this.ctx.storage.kv.get("k") ?? null)); }
}`

// everyStore runs a test with state on disk and in memory.
func everyStore(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Parallel()
	for _, disk := range []bool{true, false} {
		t.Run(map[bool]string{true: "disk", false: "memory"}[disk], func(t *testing.T) {
			t.Parallel()
			test(t, storeRig(t, disk))
		})
	}
}

func storeRig(t *testing.T, disk bool) *rig {
	t.Helper()
	if !disk {
		return newRig(t, ledger, nil)
	}
	return newRig(t, ledger, onDisk(t))
}

// onDisk has the state of a rig in a directory.
func onDisk(t testing.TB) func(*emulator.Options) {
	return func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, t.TempDir() }
}

func (r *rig) save(name string, scope ...snapshot.Place) *snapshot.Snapshot {
	r.t.Helper()
	s, err := r.SaveSnapshot(r.t.Context(), name, scope...)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *rig) restore(s *snapshot.Snapshot, sockets durable.SocketMode) emulator.Restored {
	r.t.Helper()
	restored, err := r.RestoreSnapshot(r.t.Context(), s, sockets)
	if err != nil {
		r.t.Fatal(err)
	}
	return restored
}

func (r *rig) hex(name string) string {
	r.t.Helper()
	hex, _, err := r.Namespace("test-Thing").Resolve("name:" + name)
	if err != nil {
		r.t.Fatal(err)
	}
	return hex
}

func TestSnapshot_restore(t *testing.T) {
	everyStore(t, func(t *testing.T, r *rig) {
		r.get(`/put?arg=["k","before"]`)
		r.get(`/add?arg="a"`)
		r.get(`/ring?arg=60000`)
		r.get(`/put?name=b&arg=["k","b"]`)
		s := r.save("first")
		r.get(`/put?arg=["k","after"]`)
		r.get(`/put?arg=["new",1]`)
		r.get(`/change?arg=[1,"changed"]`)
		r.get(`/put?name=c&arg=["k","c"]`)
		r.advance(2 * time.Minute)
		if _, err := r.Reset(t.Context(), r.Namespace("test-Thing"), r.hex("b")); err != nil {
			t.Fatal(err)
		}
		if got, want := r.restore(s, durable.CloseSockets), (emulator.Restored{Objects: 2, Deleted: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := r.Clock().Now(); !got.Equal(start) {
			t.Errorf("the clock shows %v, want %v again", got, start)
		}
		r.want(`/state`, `[{"k":"before"},["a"],0]`)
		r.want(`/state?name=b`, `[{"k":"b"},[],0]`)
		r.want(`/state?name=c`, `[{},[],0]`)
		// The alarm is there again, and rings again.
		r.advance(2 * time.Minute)
		r.want(`/state`, fmt.Sprintf(`[{"k":"before","rang":%d},["a"],0]`, start.Add(time.Minute).UnixMilli()))
	})
}

// Chosen objects: others and the clock go on.
func TestSnapshot_chosen(t *testing.T) {
	everyStore(t, func(t *testing.T, r *rig) {
		r.get(`/put?arg=["k","before"]`)
		r.get(`/put?name=b&arg=["k","before"]`)
		s := r.save("one", snapshot.Place{Namespace: "test-Thing", Object: r.hex("a")})
		r.get(`/put?arg=["k","after"]`)
		r.get(`/put?name=b&arg=["k","after"]`)
		r.advance(time.Hour)
		r.restore(s, durable.CloseSockets)
		r.want(`/state`, `[{"k":"before"},[],0]`)
		r.want(`/state?name=b`, `[{"k":"after"},[],0]`)
		if got, want := r.Clock().Now(), start.Add(time.Hour); !got.Equal(want) {
			t.Errorf("the clock shows %v, want %v", got, want)
		}
		if _, err := r.SaveSnapshot(t.Context(), "none", snapshot.Place{Namespace: "test-Thing", Object: r.hex("none")}); !errors.Is(err, durable.ErrNoObject) {
			t.Errorf("got %v, want %v", err, durable.ErrNoObject)
		}
		if _, err := r.SaveSnapshot(t.Context(), "one"); err != snapshot.ErrTaken {
			t.Errorf("got %v, want %v", err, snapshot.ErrTaken)
		}
		for range 2 {
			r.save("") // names of their own
		}
		all, err := r.Snapshots().List()
		if err != nil || len(all) != 3 || all[0].Name != "2026-01-02T04-04-05.000Z" || all[1].Name != "2026-01-02T04-04-05.000Z-2" {
			t.Errorf("got %v, %v, want three snapshots, the newest first", all, err)
		}
	})
}

func TestSnapshot_sockets(t *testing.T) {
	everyStore(t, func(t *testing.T, r *rig) {
		r.get(`/put?arg=["k","before"]`)
		s := r.save("s")
		conn := connect(t, r, "/fetch")
		r.get(`/put?arg=["k","after"]`)
		ask(t, conn, "hello", `hello "after"`)
		r.restore(s, durable.HibernateSockets)
		ask(t, conn, "hello", `hello "before"`)
		r.restore(s, durable.CloseSockets)
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != -1 || err == nil {
			t.Errorf("got %v, want a connection that is gone", err)
		}
	})
}

// Money goes round between objects while snapshots are taken: in each of them what is under way between two objects
// is at most what has left one and not reached the other, and never more than there is.
func TestSnapshot_consistent(t *testing.T) {
	everyStore(t, func(t *testing.T, r *rig) {
		const objects, givers, rounds = 5, 4, 25
		var under atomic.Int64
		var all sync.WaitGroup
		for g := range givers {
			all.Go(func() {
				for n := range rounds {
					under.Add(1)
					r.get(fmt.Sprintf(`/give?name=o%d&arg=["o%d",1]`, (g+n)%objects, (g+n+1)%objects))
					under.Add(-1)
				}
			})
		}
		for n := range 5 {
			s := r.save(fmt.Sprintf("s%d", n))
			sum := 0
			for _, o := range s.Objects("test-Thing") {
				db, err := s.Copies("test-Thing").Open(o.ID)
				if err != nil {
					t.Fatal(err)
				}
				cursor, err := db.Exec("PRAGMA quick_check")
				if err != nil {
					t.Fatal(err)
				}
				if row, err := cursor.Next(); err != nil || row[0] != "ok" {
					t.Errorf("quick_check: got %v, %v, want ok", row, err)
				}
				cursor.Close()
				if v, ok, err := db.Get("has"); err != nil {
					t.Error(err)
				} else if ok {
					sum += number(t, v)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}
			if sum > 0 || sum < -givers {
				t.Errorf("got a sum of %d, want 0 or what is under way, %d at the most", sum, -givers)
			}
		}
		all.Wait()
	})
}

// number reads a small integer as V8 serializes it: version, I, zigzag varint.
func number(t *testing.T, v []byte) int {
	t.Helper()
	if len(v) < 4 || v[2] != 'I' {
		t.Fatalf("got %x, want a small integer", v)
	}
	n := 0
	for i, b := range v[3:] {
		n |= int(b&0x7f) << (7 * i)
		if b < 0x80 {
			break
		}
	}
	return n>>1 ^ -(n & 1)
}

func TestSnapshot_compare(t *testing.T) {
	everyStore(t, func(t *testing.T, r *rig) {
		for _, path := range []string{`/put?arg=["same",1]`, `/put?arg=["k",1]`, `/put?arg=["gone",1]`, `/add?arg="a"`, `/add?arg="b"`, `/count?arg="x"`, `/ring?arg=60000`, `/put?name=b&arg=["k",1]`, `/put?name=untouched&arg=["k",1]`} {
			r.get(path)
		}
		before := r.save("before")
		for _, path := range []string{`/put?arg=["k",2]`, `/put?arg=["new",1]`, `/change?arg=[2,"B"]`, `/add?arg="c"`, `/count?arg="x"`, `/count?arg="y"`, `/ring?arg=120000`, `/put?name=c&arg=["k",1]`} {
			r.get(path)
		}
		if err := r.Namespace("test-Thing").Edit(t.Context(), r.hex("a"), "", "", func(e *durable.Edit) error {
			_, err := e.DB.Delete("gone")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Reset(t.Context(), r.Namespace("test-Thing"), r.hex("b")); err != nil {
			t.Fatal(err)
		}
		after := r.save("after")
		want := strings.TrimSpace(`
a changed alarm 1m0s 2m0s
  gone ff0f4902 -
  k ff0f4902 ff0f4904
  new - ff0f4902
  entry changed [n what] [2 b]->[2 B] []->[3 c]
  word changed [w times] [x 1]->[x 2] []->[y 1]
b removed
  k ff0f4902 -
  entry removed [n what]
  word removed [w times]
c added
  k - ff0f4902
  entry added [n what]
  word added [w times]`)
		for name, compare := range map[string]func() (snapshot.Comparison, error){
			"two": func() (snapshot.Comparison, error) { return r.CompareSnapshots(before, after) },
			"now": func() (snapshot.Comparison, error) { return r.CompareWithNow(t.Context(), before) },
		} {
			c, err := compare()
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(c); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
			}
		}
		if c, err := r.CompareSnapshots(after, after); err != nil || len(c.Objects) > 0 {
			t.Errorf("got %v, %v, want no difference", c, err)
		}
	})
}

func describe(c snapshot.Comparison) string {
	blocks := map[string]string{}
	for _, o := range c.Objects {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s", o.Name, o.Change)
		if !o.AlarmBefore.Equal(o.AlarmAfter) {
			fmt.Fprintf(&b, " alarm %v %v", o.AlarmBefore.Sub(start), o.AlarmAfter.Sub(start))
		}
		hex := func(v []byte) string {
			if v == nil {
				return "-"
			}
			return fmt.Sprintf("%x", v)
		}
		for _, k := range o.Keys {
			fmt.Fprintf(&b, "\n  %s %s %s", k.Key, hex(k.Before), hex(k.After))
		}
		for _, table := range o.Tables {
			fmt.Fprintf(&b, "\n  %s %s %v", table.Name, table.Change, table.Columns)
			for _, row := range table.Rows {
				fmt.Fprintf(&b, " %v->%v", row.Before, row.After)
			}
		}
		blocks[o.Name] = b.String()
	}
	return strings.Join([]string{blocks["a"], blocks["b"], blocks["c"]}, "\n")
}

// An archive goes to another machine.
func TestSnapshot_archive(t *testing.T) {
	everyStore(t, func(t *testing.T, r *rig) {
		r.get(`/put?arg=["k","packed"]`)
		r.get(`/ring?arg=60000`)
		var archive bytes.Buffer
		if err := r.save("s").WriteArchive(&archive); err != nil {
			t.Fatal(err)
		}
		for _, disk := range []bool{true, false} {
			other := storeRig(t, disk)
			s, err := other.Snapshots().ReadArchive("", bytes.NewReader(archive.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			other.restore(s, durable.CloseSockets)
			other.advance(time.Minute)
			other.want(`/state`, fmt.Sprintf(`[{"k":"packed","rang":%d},[],0]`, start.Add(time.Minute).UnixMilli()))
			if _, err := other.Snapshots().ReadArchive("", bytes.NewReader(archive.Bytes())); err != snapshot.ErrTaken {
				t.Errorf("got %v, want %v", err, snapshot.ErrTaken)
			}
			if err := other.Snapshots().Remove("s"); err != nil {
				t.Error(err)
			}
			if _, err := other.Snapshots().Get("s"); err != snapshot.ErrNone {
				t.Errorf("got %v, want %v", err, snapshot.ErrNone)
			}
		}
	})
}

// What a process left that died in the middle of a restore is done again, and an unfinished snapshot is gone.
func TestSnapshot_interrupted(t *testing.T) {
	t.Parallel()
	state, dir := t.TempDir(), newProject(t, ledger)
	options := emulator.Options{Workers: newWorkers(dir), StateDir: state, Clock: clock.NewFrozen(start)}
	begin := func() *rig {
		e, _, err := emulator.New(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		return &rig{e, t, dir}
	}
	r := begin()
	r.get(`/put?arg=["k","before"]`)
	r.get(`/ring?arg=60000`)
	s := r.save("s")
	r.get(`/put?arg=["k","after"]`)
	if err := os.WriteFile(filepath.Join(state, "snapshots", ".restoring"), []byte(s.Name), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Snapshots().New(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r = begin()
	r.want(`/state`, `[{"k":"before"},[],0]`)
	r.get(`/put?arg=["k","again"]`)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(state, "snapshots"))
	if err != nil || len(left) != 1 {
		t.Errorf("got %v, %v, want the snapshot alone", left, err)
	}
	r = begin()
	r.want(`/state`, `[{"k":"again"},[],0]`)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// The journal tells what was done.
func TestSnapshot_journal(t *testing.T) {
	t.Parallel()
	r := newRig(t, ledger, nil)
	r.get(`/put?arg=["k",1]`)
	s := r.save("s")
	r.get(`/put?name=b&arg=["k",1]`)
	r.restore(s, durable.CloseSockets)
	got := strings.Join(r.events(journal.Snapshot, journal.Restore, journal.Delete), "\n")
	if want := "0s snapshot s\n0s restore a snapshot s\n0s delete b snapshot s"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// damage are ways in which the files of a snapshot go bad.
var damage = map[string]func(file string) error{
	"a bit flipped": func(file string) error {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		b[len(b)-10] ^= 1
		return os.WriteFile(file, b, 0o666)
	},
	"cut off": func(file string) error { return os.Truncate(file, 4096) },
	"empty":   func(file string) error { return os.Truncate(file, 0) },
	"no database": func(file string) error {
		return os.WriteFile(file, []byte(strings.Repeat("no database ", 1000)), 0o666)
	},
	"missing": os.Remove,
}

// A snapshot that is damaged is not restored: what is there stays.
func TestSnapshot_damaged(t *testing.T) {
	t.Parallel()
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			r := newRig(t, ledger, func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, state })
			for _, object := range []string{"a", "b", "c"} {
				r.get(`/put?name=` + object + `&arg=["k","saved"]`)
			}
			s := r.save("s")
			for _, object := range []string{"a", "b", "c"} {
				r.get(`/put?name=` + object + `&arg=["k","now"]`)
			}
			files, err := filepath.Glob(filepath.Join(state, "snapshots", "s", "*", "*.sqlite"))
			if err != nil || len(files) != 3 {
				t.Fatalf("got %v, %v, want three databases", files, err)
			}
			if err := harm(files[1]); err != nil {
				t.Fatal(err)
			}
			var damaged *snapshot.DamagedError
			if _, err := r.RestoreSnapshot(t.Context(), s, durable.CloseSockets); !errors.As(err, &damaged) || damaged.Object+".sqlite" != filepath.Base(files[1]) {
				t.Errorf("got %v, want that the snapshot is damaged", err)
			}
			if _, err := r.Snapshots().Load("s"); !errors.As(err, &damaged) {
				t.Errorf("for a world: got %v, want that the snapshot is damaged", err)
			}
			for _, object := range []string{"a", "b", "c"} {
				r.want(`/state?name=`+object, `[{"k":"now"},[],2]`)
			}
		})
	}
}

// When the disk fails in the middle of a restore, everything is as it was before, alarms and clock too.
func TestSnapshot_goesBack(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	r := newRig(t, ledger, func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, state })
	r.get(`/put?name=a&arg=["k","saved"]`)
	r.get(`/put?name=b&arg=["k","saved"]`)
	s := r.save("s")
	b := s.Namespaces[0].Objects[0].ID
	for _, o := range s.Namespaces[0].Objects {
		if o.Name == "b" {
			b = o.ID
		}
	}
	r.get(`/put?name=a&arg=["k","now"]`)
	r.get(`/put?name=new&arg=["k","now"]`)
	r.get(`/ring?name=a&arg=60000`)
	r.advance(time.Second)
	if err := r.EvictAll(t.Context(), durable.CloseSockets); err != nil {
		t.Fatal(err)
	}
	// Where the history of b has to go is something that cannot be removed.
	history := filepath.Join(state, "v3", "do", "test-Thing", b+".history")
	if err := errors.Join(os.RemoveAll(history), os.MkdirAll(filepath.Join(history, "x"), 0o777)); err != nil {
		t.Fatal(err)
	}
	_, err := r.RestoreSnapshot(t.Context(), s, durable.CloseSockets)
	if err == nil {
		t.Fatal("got no error")
	}
	if got := r.Clock().Now(); !got.Equal(start.Add(time.Second)) {
		t.Errorf("the clock: got %v, want it where it was", got)
	}
	r.want(`/state?name=a`, `[{"k":"now"},[],0]`)
	r.want(`/state?name=new`, `[{"k":"now"},[],0]`)
	if alarms := r.Namespace("test-Thing").Alarms(); len(alarms) != 1 {
		t.Errorf("got the alarms %v, want the one that was set", alarms)
	}
	t.Log(err)
}

// What a process left that died in the middle of a restore: it is done again, or taken back where the snapshot cannot be
// used any more; and where nothing can be done, the error names the file.
func TestSnapshot_cutOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, restoring string
		damage, before  bool
		want            string // what k has
		wantErr         string
	}{
		{"restored again", "s", false, true, "saved", ""},
		{"taken back", "s", true, true, "before", ""},
		{"cut, and taken back", "", false, true, "before", ""},
		{"unknown, and taken back", "gone", false, true, "before", ""},
		{"damaged", "s", true, false, "", "snapshots/.restoring says"},
		{"cut", "", false, false, "", "snapshots/.restoring says"},
		{"unknown", "nope", false, false, "", "Remove the file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			state, dir := t.TempDir(), newProject(t, ledger)
			snapshots := filepath.Join(state, "snapshots")
			begin := func() (*emulator.Emulator, error) {
				e, _, err := emulator.New(t.Context(), emulator.Options{Workers: newWorkers(dir), StateDir: state, Clock: clock.NewFrozen(start)})
				return e, err
			}
			e, err := begin()
			if err != nil {
				t.Fatal(err)
			}
			r := &rig{e, t, dir}
			r.get(`/put?arg=["k","saved"]`)
			r.save("s")
			r.get(`/put?arg=["k","before"]`)
			r.save("b")
			r.get(`/put?arg=["k","half"]`)
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if test.before {
				if err := os.Rename(filepath.Join(snapshots, "b"), filepath.Join(snapshots, ".before")); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(snapshots, ".restoring"), []byte(test.restoring), 0o666); err != nil {
				t.Fatal(err)
			}
			if test.damage {
				files, err := filepath.Glob(filepath.Join(snapshots, "s", "*", "*.sqlite"))
				if err != nil || len(files) != 1 {
					t.Fatalf("got %v, %v, want one database", files, err)
				}
				if err := damage["a bit flipped"](files[0]); err != nil {
					t.Fatal(err)
				}
			}
			e, err = begin()
			if test.wantErr != "" {
				if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), test.wantErr) {
					t.Errorf("got %v, want %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r = &rig{e, t, dir}
			r.want(`/state`, `[{"k":"`+test.want+`"},[],0]`)
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			for _, left := range []string{".before", ".restoring"} {
				if _, err := os.Stat(filepath.Join(snapshots, left)); err == nil {
					t.Errorf("%s is left", left)
				}
			}
		})
	}
}
