package emulator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/fault"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/random"
)

const victim = `export class Thing extends DurableObject {
	constructor(ctx, env) { super(ctx, env); this.lives = Date.now(); }
	add() {
		const n = (this.ctx.storage.kv.get("n") ?? 0) + 1;
		this.ctx.storage.kv.put("n", n);
		return n;
	}
	get() { return this.ctx.storage.kv.get("n") ?? 0; }
	async call(method) {
		const began = Date.now();
		let outcome;
		try {
			const victim = this.env.THING.getByName("victim");
			outcome = method === "fetch" ? await (await victim.fetch("http://x/")).text() : await victim[method]();
		} catch (error) {
			outcome = [error.message, error.retryable ?? false, error.durableObjectReset ?? false].join();
		}
		return [outcome, Date.now() - began, await this.env.THING.getByName("victim").get()];
	}
	ring(ms) { this.ctx.storage.setAlarm(Date.now() + ms); }
	alarm(info) { console.log("rang", info.retryCount, this.add()); }
	fetch(request) {
		if (!request.headers.get("Upgrade")) return new Response("fetched " + this.add());
		const [mine, theirs] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(mine);
		return new Response(null, { status: 101, webSocket: theirs });
	}
	webSocketMessage(ws, message) { ws.send(message + " at " + (Date.now() - this.lives)); }
	webSocketClose(ws, code) { console.log("closed", code); }
	webSocketError(ws, error) { console.log("failed", error.message); }
}`

// Each failure that can be asked for, and what its callers and the storage see of it.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method string
		rule   fault.Rule
		want   string
	}{
		{"add", fault.Rule{Where: fault.RPC, What: fault.Error, Message: "no"}, `["no,false,false",0,0]`},
		{"add", fault.Rule{Where: fault.RPC, What: fault.Disconnect}, `["Network connection lost.,true,false",0,1]`},
		{"add", fault.Rule{Where: fault.RPC, What: fault.Reset, Message: "reset"}, `["reset,true,true",0,0]`},
		{"fetch", fault.Rule{Where: fault.Fetch, What: fault.Error, Message: "no"}, `["no,false,false",0,0]`},
		{"fetch", fault.Rule{Where: fault.Fetch, What: fault.Disconnect}, `["Network connection lost.,true,false",0,1]`},
		{"add", fault.Rule{Where: fault.Commit, What: fault.Error, Message: "full"}, `["internal error; full,false,true",0,0]`},
		{"add", fault.Rule{Where: fault.Commit, What: fault.Disconnect}, `["Network connection lost.,true,false",0,1]`},
		{"add", fault.Rule{Where: fault.Commit, What: fault.Reset, Message: "reset"}, `["reset,true,true",0,0]`},
		{"add", fault.Rule{Where: fault.Fetch, What: fault.Error}, `[1,0,1]`}, // another point
	} {
		r := newRig(t, victim, nil)
		test.rule.Object, test.rule.Next = "name:victim", 1
		if err := r.Faults().Set([]fault.Rule{test.rule}); err != nil {
			t.Fatal(err)
		}
		if got := r.get(`/call?name=caller&arg="` + test.method + `"`); got != test.want {
			t.Errorf("%s: %s %s: got %s, want %s", test.method, test.rule.Where, test.rule.What, got, test.want)
		}
		if events, want := r.events(journal.Fault), 1; len(events) != want && test.rule.Where != fault.Fetch {
			t.Errorf("%s %s: got events %q, want one", test.rule.Where, test.rule.What, events)
		}
	}
}

func TestFaults_delay(t *testing.T) {
	t.Parallel()
	r := newRig(t, victim, nil)
	if err := r.Faults().Set([]fault.Rule{{Object: "name:victim", Where: fault.RPC, What: fault.Delay, Delay: time.Minute, Next: 1}}); err != nil {
		t.Fatal(err)
	}
	answer := make(chan string, 1)
	go func() { answer <- r.get(`/call?name=caller&arg="add"`) }()
	for n := r.Clock().Status().Next; n == nil || n.Detail != "rpc"; n = r.Clock().Status().Next {
		time.Sleep(time.Millisecond)
	}
	r.advance(time.Minute)
	if got, want := <-answer, `[1,60000,1]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// No failure loses an alarm, and only the program's own count as tries.
func TestFaults_alarm(t *testing.T) {
	t.Parallel()
	for what, count := range map[fault.Action]string{fault.Error: "3", fault.Disconnect: "0", fault.Reset: "0"} {
		r := newRig(t, victim, func(o *emulator.Options) { o.Random = random.Seeded(1) })
		if err := r.Faults().Set([]fault.Rule{{Where: fault.Alarm, What: what, Next: 3}}); err != nil {
			t.Fatal(err)
		}
		r.get("/ring?arg=1000")
		r.advance(time.Minute)
		got := r.events(journal.Console, journal.Uncaught)
		if len(got) != 1 || !strings.HasSuffix(got[0], "rang "+count+" 1") {
			t.Errorf("%s: got %q, want that it rang once, after %s counted failures", what, got, count)
		}
	}
	// Nor does one of the commit: the handler ran, but nothing of it is there.
	r := newRig(t, victim, func(o *emulator.Options) { o.Random = random.Seeded(1) })
	r.get("/ring?arg=1000")
	if err := r.Faults().Set([]fault.Rule{{Where: fault.Commit, What: fault.Error, Next: 2}}); err != nil {
		t.Fatal(err)
	}
	r.advance(time.Minute)
	if got := r.events(journal.Console); len(got) != 3 || !strings.HasSuffix(got[2], "rang 0 1") {
		t.Errorf("commits that fail: got %q, want three runs, the last of which counts", got)
	}
	r.want("/get", "1")
	if got := r.Namespace("test-Thing").Alarms(); len(got) != 0 {
		t.Errorf("got alarms %+v, want none", got)
	}
}

func TestFaults_websocket(t *testing.T) {
	t.Parallel()
	r := newRig(t, victim, nil)
	set := func(what fault.Action, delay time.Duration) {
		t.Helper()
		if err := r.Faults().Set([]fault.Rule{{Where: fault.WebSocket, What: what, Delay: delay, Message: "broken", Next: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	// A message that is delayed does not let the next one overtake it.
	conn := connect(t, r, "/")
	set(fault.Delay, 5*time.Second)
	for _, text := range []string{"a", "b"} {
		if err := conn.Write(t.Context(), 1, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for r.Clock().Status().Waiting < 3 { // two messages, and the object's time in memory
		time.Sleep(time.Millisecond)
	}
	r.advance(5 * time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, want := range []string{"a at 5000", "b at 5000"} {
		if _, got, err := conn.Read(ctx); err != nil || string(got) != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	for what, want := range map[fault.Action]string{fault.Error: "5s console a failed broken", fault.Disconnect: "5s console a closed 1006", fault.Reset: "5s reset a broken"} {
		conn := connect(t, r, "/")
		set(what, 0)
		if err := conn.Write(ctx, 1, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, text, err := conn.Read(ctx); err == nil {
			t.Errorf("%s: got %q, want the connection to end", what, text)
		}
		if got := r.events(journal.Console, journal.Reset); len(got) == 0 || got[len(got)-1] != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
}

// The same seed makes the same fail.
func TestFaults_rate(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		r := newRig(t, victim, func(o *emulator.Options) { o.Random = random.Seeded(seed) })
		if err := r.Faults().Set([]fault.Rule{{Object: "name:victim", Where: fault.Fetch, What: fault.Error, Rate: 0.3, Message: "x"}}); err != nil {
			t.Fatal(err)
		}
		var pattern strings.Builder
		for range 60 {
			got := r.get(`/call?name=caller&arg="fetch"`)
			pattern.WriteString(map[bool]string{true: "x", false: "."}[strings.HasPrefix(got, `["x`)])
		}
		return pattern.String()
	}
	first := run(1)
	if n := strings.Count(first, "x"); n < 5 || n > 35 {
		t.Errorf("got %d failures of 60 at a rate of 0.3: %s", n, first)
	}
	if second := run(1); second != first {
		t.Errorf("the same seed: got %s, want %s", second, first)
	}
	if other := run(2); other == first {
		t.Errorf("another seed: got the same")
	}
}
