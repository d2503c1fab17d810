package emulator_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/fault"
	"github.com/doemu/doemu/emulator/journal"
)

var (
	soakTime = flag.Duration("soak", 2*time.Second, "how long TestSoak goes on; make soak takes a minute")
	soakSeed = flag.Uint64("soak.seed", 0, "the seed of what TestSoak does; 0 takes the time")
)

// diary keeps what it is told in its storage: keys, and tokens for which an alarm has to ring.
const diary = `export class Thing extends DurableObject {
	constructor(ctx, env) {
		super(ctx, env);
		this.sql = ctx.storage.sql;
		this.sql.exec("CREATE TABLE IF NOT EXISTS keys(k TEXT)");
		this.sql.exec("CREATE TABLE IF NOT EXISTS tokens(token TEXT, at INTEGER, rang INTEGER DEFAULT 0)");
	}
	put(key) { this.sql.exec("INSERT INTO keys VALUES (?)", key); }
	async slowPut(key) { this.put(key + " begun"); await scheduler.wait(5); this.put(key); }
	async far([other, key]) { await this.env.THING.getByName(other).put(key); }
	schedule() {
		const { at } = this.sql.exec("SELECT min(at) AS at FROM tokens WHERE rang = 0").one();
		if (at !== null) this.ctx.storage.setAlarm(at);
	}
	ring([token, ms]) {
		this.sql.exec("INSERT INTO tokens(token, at) VALUES (?, ?)", token, Date.now() + ms);
		this.schedule();
	}
	async alarm() {
		if (Math.random() < 0.3) await scheduler.wait(3);
		this.sql.exec("UPDATE tokens SET rang = rang + 1 WHERE rang = 0 AND at <= ?", Date.now());
		this.schedule();
		if (Math.random() < 0.1) throw new Error("a handler that fails");
	}
	keys() { return this.sql.exec("SELECT k FROM keys").raw().toArray().flat(); }
	tokens() { return this.sql.exec("SELECT token, rang FROM tokens").raw().toArray(); }
	fetch() {
		const [mine, theirs] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(mine);
		return new Response(null, { status: 101, webSocket: theirs });
	}
	webSocketMessage(ws, key) { this.put(key); ws.send(key); }
}`

// soak is what has been acknowledged, by the name of the object.
type soak struct {
	t    *testing.T
	mu   sync.Mutex
	last int
	keys map[string][]string
	ring map[string][]string
	done map[string]int // what was done, for people
}

func (s *soak) key() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return fmt.Sprint("k", s.last)
}

func (s *soak) acknowledged(to map[string][]string, object, key, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to[object] = append(to[object], key)
	s.done[what]++
}

func (s *soak) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done[what]++
}

// mostAnswer is how long any request may wait for its answer: nothing may hang.
const mostAnswer = 20 * time.Second

// call calls a method over HTTP, and tells whether it succeeded.
func (s *soak) call(client *http.Client, base, method, object string, arg any) bool {
	text, err := json.Marshal(arg)
	if err != nil {
		s.t.Error(err)
		return false
	}
	res, err := client.Get(base + "/" + method + "?name=" + object + "&arg=" + url.QueryEscape(string(text)))
	if err != nil {
		s.t.Errorf("%s of %s: no answer: %v", method, object, err)
		return false
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return false
	}
	if res.StatusCode != http.StatusOK {
		s.count("failed")
	}
	return res.StatusCode == http.StatusOK
}

// guest talks to an object over a WebSocket, until it fails or has said enough.
func (s *soak) guest(base, object string, messages int) {
	ctx, cancel := context.WithTimeout(context.Background(), mostAnswer)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, base+"/?name="+object, nil)
	if err != nil {
		s.count("failed")
		return
	}
	defer conn.CloseNow()
	s.count("connected")
	for range messages {
		key := s.key()
		if conn.Write(ctx, websocket.MessageText, []byte(key)) != nil {
			return
		}
		_, got, err := conn.Read(ctx)
		if ctx.Err() != nil {
			s.t.Errorf("a message to %s: neither an answer nor an end", object)
		}
		if err != nil {
			return
		}
		if string(got) == key {
			s.acknowledged(s.keys, object, key, "messages")
		}
	}
	if messages%2 == 0 {
		_ = conn.Close(websocket.StatusNormalClosure, "") // whoever has gone already cannot be told
	}
}

func (s *soak) client(ctx context.Context, dice *rand.Rand, base string) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: mostAnswer}
	for ctx.Err() == nil {
		object, other, key := fmt.Sprint("o", dice.IntN(8)), fmt.Sprint("o", dice.IntN(8)), s.key()
		switch dice.IntN(6) {
		case 0, 1:
			if s.call(client, base, "put", object, key) {
				s.acknowledged(s.keys, object, key, "puts")
			}
		case 2:
			if s.call(client, base, "slowPut", object, key) {
				s.acknowledged(s.keys, object, key, "slow puts")
			}
		case 3:
			if other != object && s.call(client, base, "far", object, []string{other, key}) {
				s.acknowledged(s.keys, other, key, "puts from afar")
			}
		case 4:
			if s.call(client, base, "ring", object, []any{key, dice.IntN(300)}) {
				s.acknowledged(s.ring, object, key, "alarms")
			}
		case 5:
			s.guest(base, object, dice.IntN(8))
		}
	}
}

// trouble lets failures, evictions and reloads happen.
func (s *soak) trouble(ctx context.Context, dice *rand.Rand, e *emulator.Emulator) {
	rules := []fault.Rule{
		{Where: fault.Commit, What: fault.Error}, {Where: fault.Commit, What: fault.Disconnect}, {Where: fault.Commit, What: fault.Reset},
		{Where: fault.RPC, What: fault.Error}, {Where: fault.RPC, What: fault.Disconnect}, {Where: fault.RPC, What: fault.Reset},
		{Where: fault.RPC, What: fault.Delay, Delay: 20 * time.Millisecond}, {Where: fault.Fetch, What: fault.Error},
		{Where: fault.Alarm, What: fault.Disconnect}, {Where: fault.Alarm, What: fault.Reset}, {Where: fault.Alarm, What: fault.Delay, Delay: 20 * time.Millisecond},
		{Where: fault.WebSocket, What: fault.Error}, {Where: fault.WebSocket, What: fault.Disconnect}, {Where: fault.WebSocket, What: fault.Reset},
		{Where: fault.WebSocket, What: fault.Delay, Delay: 20 * time.Millisecond},
	}
	for ctx.Err() == nil {
		switch dice.IntN(8) {
		case 0:
			if _, err := e.Services()[0].Reload(ctx); err != nil && ctx.Err() == nil {
				s.t.Errorf("reload: %v", err)
			}
			s.count("reloads")
		case 1, 2:
			short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			mode := []durable.SocketMode{durable.HibernateSockets, durable.CloseSockets}[dice.IntN(2)]
			if e.EvictAll(short, mode) == nil { // what is busy stays
				s.count("evictions of all")
			}
			cancel()
		default:
			dice.Shuffle(len(rules), func(a, b int) { rules[a], rules[b] = rules[b], rules[a] })
			some := slices.Clone(rules[:dice.IntN(5)])
			for n := range some {
				some[n].Rate = 0.05 + 0.3*dice.Float64()
			}
			if err := e.Faults().Set(some); err != nil {
				s.t.Error(err)
			}
			s.count("sets of faults")
		}
		select {
		case <-time.After(time.Duration(dice.IntN(60)) * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// phase runs an emulator on the state for a time. The last one lets all alarms ring and looks at what is
// there; the others end in the middle of everything.
func (s *soak) phase(dice *rand.Rand, project, state string, d time.Duration, last bool) {
	t := s.t
	e, _, err := emulator.New(t.Context(), emulator.Options{
		Workers: newWorkers(project), StateDir: state,
		Clock: clock.New(), Eviction: durable.Eviction{Hibernate: 20 * time.Millisecond, Forget: time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	var all sync.WaitGroup
	for range 6 {
		own := rand.New(rand.NewPCG(dice.Uint64(), 0))
		all.Go(func() { s.client(ctx, own, server.URL) })
	}
	own := rand.New(rand.NewPCG(dice.Uint64(), 0))
	all.Go(func() { s.trouble(ctx, own, e) })
	all.Wait()

	if last {
		s.peace(&rig{e, t, project})
	}
	server.Close()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	for _, event := range e.Journal().Since(0) {
		if event.Kind == journal.Uncaught {
			t.Errorf("uncaught: %s", event.Error)
			break
		}
	}
}

// peace lets all alarms ring, those that are tried again too, and looks at what the objects have.
func (s *soak) peace(r *rig) {
	t := s.t
	if err := r.Faults().Set(nil); err != nil {
		t.Error(err)
	}
	calm, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := r.Clock().Advance(calm, 24*time.Hour); err != nil {
		t.Fatalf("let all alarms ring: %v", err)
	}
	s.verify(r)
	for _, a := range r.Namespace("test-Thing").Alarms() {
		t.Errorf("an alarm is left: %+v", a)
	}
}

// verify compares what the objects have with what was acknowledged.
func (s *soak) verify(r *rig) {
	t := s.t
	for object := range s.keys {
		var keys []string
		if err := json.Unmarshal([]byte(r.get("/keys?name="+object)), &keys); err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, key := range keys {
			there[key] = true
		}
		lost := slices.DeleteFunc(slices.Clone(s.keys[object]), func(key string) bool { return there[key] })
		if len(lost) > 0 {
			t.Errorf("%s lost %d of %d acknowledged writes: %.10q", object, len(lost), len(s.keys[object]), lost)
		}
		var tokens [][]any
		if err := json.Unmarshal([]byte(r.get("/tokens?name="+object)), &tokens); err != nil {
			t.Fatal(err)
		}
		rang := map[string]float64{}
		for _, token := range tokens {
			rang[token[0].(string)] = token[1].(float64)
		}
		for _, token := range s.ring[object] {
			if rang[token] != 1 {
				t.Errorf("%s: the alarm for %s rang %v times, want once", object, token, rang[token])
			}
		}
	}
}

// resources are what a process must not lose.
type resources struct {
	goroutines, files int
	heap              uint64
}

func measure() resources {
	// What ends takes a moment to end, and esbuild's timers come and go.
	r := resources{goroutines: runtime.NumGoroutine()}
	for lowest := time.Now(); time.Since(lowest) < time.Second; time.Sleep(20 * time.Millisecond) {
		if n := runtime.NumGoroutine(); n < r.goroutines {
			r.goroutines, lowest = n, time.Now()
		}
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r.heap = m.HeapAlloc
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		r.files = len(files)
	}
	return r
}

// A minute of everything at once: no acknowledged write and no alarm is lost, no request hangs, and when
// it is over nothing is left. It is alone, since it looks at the process.
func TestSoak(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("go test ./emulator -run TestSoak -soak %v -soak.seed %d", *soakTime, seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	s := &soak{t: t, keys: map[string][]string{}, ring: map[string][]string{}, done: map[string]int{}}
	project, state := newProject(t, diary), filepath.Join(t.TempDir(), "state")
	const phases = 4
	var before resources
	for phase := range phases {
		s.phase(dice, project, state, *soakTime/phases, phase == phases-1)
		if phase == 0 {
			before = measure()
		}
	}
	after := measure()
	t.Logf("acknowledged and done: %v", s.done)
	t.Logf("before: %+v, after: %+v", before, after)
	if after.goroutines > before.goroutines {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines more:\n%s", after.goroutines-before.goroutines, stacks[:runtime.Stack(stacks, true)])
	}
	if after.files > before.files {
		t.Errorf("%d files more", after.files-before.files)
	}
	if grown := int64(after.heap) - int64(before.heap); grown > 16<<20 {
		t.Errorf("%d bytes more", grown)
	}
	for _, what := range []string{"puts", "messages", "alarms", "sets of faults"} {
		if s.done[what] == 0 {
			t.Errorf("there were no %s", what)
		}
	}
}
