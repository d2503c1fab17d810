package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/random"
)

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Date and performance.now stand still in a turn and follow the clock over waits.
func TestClock_date(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		now() {
			const times = new Set(), began = Date.now();
			for (let i = 0; i < 2e5; i++) times.add(Date.now()).add(performance.now()).add(+new Date());
			return [began, times.size];
		}
		async wait() {
			const began = performance.now();
			await scheduler.wait(1500);
			return [performance.now() - began, this.ctx.storage.sql.exec("SELECT datetime('now') AS now").one().now];
		}
	}`, nil)
	r.want("/now", fmt.Sprintf("[%d,1]", start.UnixMilli()))
	answer := make(chan string, 1)
	r.Clock().At(start.Add(time.Second), clock.Due{}, func() { go func() { answer <- r.get("/wait") }() })
	r.advance(time.Second)
	// The request comes from outside: it may take a moment until it has set its timer.
	for r.Clock().Status().Next == nil || r.Clock().Status().Next.Kind != clock.KindTimer {
		time.Sleep(time.Millisecond)
	}
	r.advance(time.Minute)
	if got, want := <-answer, `[1500,"2026-01-02 03:04:07"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

const tower = `export class Thing extends DurableObject {
	start() {
		this.ctx.storage.setAlarm(Date.now() + 30 * 60_000);
		setInterval(() => console.log("interval"), 20 * 60_000);
		setTimeout(() => console.log("timeout"), 30 * 60_000);
	}
	async alarm() {
		console.log("alarm");
		await scheduler.wait(5 * 60_000);
		console.log("alarm went on");
		this.ctx.storage.setAlarm(Date.now() + 10 * 60_000);
	}
}`

// Timers and alarms of all objects run in the order of their times, each at its own.
func TestClock_hour(t *testing.T) {
	t.Parallel()
	r := newRig(t, tower, func(o *emulator.Options) { o.Eviction = durable.NoEviction })
	r.get("/start?name=a")
	p := r.advance(time.Hour)
	wantLines(t, r.events(journal.Console, journal.AlarmSet),
		"0s alarm.set a 2026-01-02T03:34:05.000Z",
		"20m0s console a interval",
		"30m0s console a timeout",
		"30m0s console a alarm", // it was set with the commit, after the timer
		"35m0s console a alarm went on",
		"35m0s alarm.set a 2026-01-02T03:49:05.000Z",
		"40m0s console a interval",
		"45m0s console a alarm",
		"50m0s console a alarm went on",
		"50m0s alarm.set a 2026-01-02T04:04:05.000Z",
		"1h0m0s console a interval",
		"1h0m0s console a alarm",
	)
	var ran []string
	for _, due := range p.Ran {
		ran = append(ran, fmt.Sprint(due.At.Sub(start), " ", due.Kind, " ", due.Name))
	}
	wantLines(t, ran, "20m0s timer a", "30m0s timer a", "30m0s alarm a", "35m0s timer a", "40m0s timer a", "45m0s alarm a",
		"50m0s timer a", "1h0m0s timer a", "1h0m0s alarm a")
}

// A ladder of retries that takes minutes is over at once, and all of it is in the journal.
func TestClock_retries(t *testing.T) {
	t.Parallel()
	began := time.Now()
	r := newRig(t, `export class Thing extends DurableObject {
		start() { this.ctx.storage.setAlarm(Date.now() + 1000); }
		get() { return this.ctx.storage.getAlarm(); }
		alarm(info) { console.log(info.retryCount, info.isRetry); throw new RangeError("no"); }
	}`, func(o *emulator.Options) { o.Random = random.Seeded(1) })
	r.get("/start")
	p := r.advance(10 * time.Minute)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	var kinds []string
	last := start.Add(time.Second)
	for _, due := range p.Ran {
		if due.Kind == clock.KindEvict {
			continue
		}
		if n := len(kinds); n > 0 {
			wait, least := due.At.Sub(last), 2*time.Second<<(n-1)
			if wait < least || wait > least+least/4 {
				t.Errorf("retry %d: got it after %v, want %v to a quarter more", n, wait, least)
			}
		}
		kinds, last = append(kinds, string(due.Kind)), due.At
	}
	wantLines(t, kinds, "alarm", "retry", "retry", "retry", "retry", "retry", "retry")
	events := r.events(journal.Alarm, journal.AlarmRetry, journal.AlarmGiveUp)
	for n, line := range events {
		events[n] = strings.Join(strings.Fields(line)[1:5], " ")
	}
	wantLines(t, events,
		"alarm a attempt 1", "alarm.retry a attempt 2", "alarm a attempt 2", "alarm.retry a attempt 3",
		"alarm a attempt 3", "alarm.retry a attempt 4", "alarm a attempt 4", "alarm.retry a attempt 5",
		"alarm a attempt 5", "alarm.retry a attempt 6", "alarm a attempt 6", "alarm.retry a attempt 7",
		"alarm a attempt 7", "alarm.giveup a after 7")
	r.want("/get", "null")
}

// The runs of two alarms of one object do not overlap.
func TestClock_alarmsDoNotOverlap(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		start() { this.ctx.storage.setAlarm(Date.now() + 1000); }
		async alarm(info) {
			console.log("begin");
			if (!this.again) this.ctx.storage.setAlarm(this.again = Date.now() + 1000);
			await scheduler.wait(10_000);
			console.log("end");
		}
	}`, nil)
	r.get("/start")
	r.advance(time.Minute)
	wantLines(t, r.events(journal.Console), "1s console a begin", "11s console a end", "11s console a begin", "21s console a end")
}

// A handler may not take longer than 15 minutes; that counts as a failure.
func TestClock_alarmTooLong(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		start() { this.ctx.storage.setAlarm(Date.now()); }
		alarm(info) { if (info.retryCount === 0) return scheduler.wait(16 * 60_000); }
	}`, nil)
	r.get("/start")
	r.advance(16 * time.Minute)
	got := r.events(journal.Alarm, journal.Reset)
	if len(got) != 3 || got[0] != "15m0s alarm a attempt 1 Alarm exceeded its allowed execution time" ||
		got[1] != "15m0s reset a Alarm exceeded its allowed execution time" || !strings.HasSuffix(got[2], "alarm a attempt 2") {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
}

// An object that nobody uses leaves memory after 10 seconds, one with a timer after 70.
func TestClock_eviction(t *testing.T) {
	t.Parallel()
	r := newRig(t, `export class Thing extends DurableObject {
		touch() { }
		pin() { setInterval(() => {}, 3600_000); }
		wait() { setTimeout(() => {}, 15_000); }
	}`, nil)
	r.get("/touch?name=quiet")
	r.get("/pin?name=pinned")
	r.get("/wait?name=waits")
	r.advance(9 * time.Second)
	r.get("/touch?name=quiet")
	r.advance(10 * time.Minute)
	wantLines(t, r.events(journal.Wake, journal.Evict), "0s wake quiet rpc touch", "0s wake pinned rpc pin", "0s wake waits rpc wait",
		"19s evict quiet idle for 10s", "25s evict waits idle for 10s", "1m10s evict pinned idle for 1m10s")
	if s := r.Clock().Status(); s.Waiting != 0 {
		t.Errorf("%d things wait, want 0: next %+v", s.Waiting, s.Next)
	}
}

// What a handler asks of a server is waited for, and time stands still meanwhile; a request to the
// emulator itself comes in.
func TestClock_network(t *testing.T) {
	t.Parallel()
	var r *rig
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/slow" {
			time.Sleep(50 * time.Millisecond)
			fmt.Fprint(w, "slow")
			return
		}
		r.ServeHTTP(w, req)
	}))
	defer server.Close()
	source := fmt.Sprintf(`export class Thing extends DurableObject {
		start() { this.ctx.storage.setAlarm(Date.now() + 1000); setTimeout(() => console.log("later"), 2000); }
		touch() { return "touched"; }
		async alarm() {
			const slow = await (await fetch("%[1]s/slow")).text();
			const own = await (await fetch("%[1]s/touch?name=b")).json();
			console.log(slow, own);
		}
	}`, server.URL)
	for name, random := range map[string]*random.Source{"in parallel": random.System(), "one by one": random.Seeded(1)} {
		t.Run(name, func(t *testing.T) {
			r = newRig(t, source, func(o *emulator.Options) { o.Random = random })
			r.get("/start")
			if p := r.advance(5 * time.Second); len(p.Pending) != 0 {
				t.Errorf("pending: got %q", p.Pending)
			}
			wantLines(t, r.events(journal.Console), "1s console a slow touched", "2s console a later")
		})
	}
}

const dice = `export class Thing extends DurableObject {
	constructor(ctx, env) {
		super(ctx, env);
		ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t(a, b)");
	}
	async roll(rounds) {
		const sql = this.ctx.storage.sql;
		console.log(Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(2)).join(), sql.exec("SELECT random() AS n").one().n);
		console.log(this.env.THING.newUniqueId().toString(), await this.ctx.storage.getCurrentBookmark());
		sql.exec("INSERT INTO t VALUES (?, ?)", Date.now(), Math.random());
		this.ctx.storage.setAlarm(Date.now() + 1000 * Math.random());
		if (rounds > 0) {
			const stubs = [..."abcdefgh"].map((name) => this.env.THING.getByName(name + rounds));
			await Promise.all(stubs.map((stub) => stub.roll(rounds - 1)));
			this.ctx.waitUntil(stubs[3].roll(0));
		}
		setTimeout(() => console.log("timeout"), 0);
	}
	alarm() { console.log("alarm", Math.random()); if (Math.random() < 0.6) throw new Error("again"); }
}`

// With a seed and a clock that stands, the same events give the same journal, byte for byte.
func TestSeed(t *testing.T) {
	t.Parallel()
	record := func(seed uint64, dir string) string {
		r := newRig(t, dice, func(o *emulator.Options) {
			o.Random = random.Seeded(seed)
			if dir != "" {
				o.Ephemeral, o.StateDir = false, dir
			}
		})
		for range 3 {
			r.get("/roll?arg=2")
			r.get("/roll?name=b")
			r.advance(time.Second)
		}
		r.advance(5 * time.Minute)
		if err := r.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r.Journal().Since(0))
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), r.dir, "") // which stacks name
	}
	for name, dir := range map[string]func() string{"in memory": func() string { return "" }, "on disk": t.TempDir} {
		first, second := record(7, dir()), record(7, dir())
		if n := strings.Count(first, `"seq"`); n < 300 {
			t.Errorf("%s: got %d events, want some hundred", name, n)
		}
		if first != second {
			at := 0
			for first[at] == second[at] {
				at++
			}
			t.Errorf("%s: two runs differ:\n%s\n%s", name, first[max(at-300, 0):at+100], second[max(at-300, 0):at+100])
		}
		if other := record(8, dir()); other == first {
			t.Errorf("%s: another seed gives the same", name)
		}
	}
}
