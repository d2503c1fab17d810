package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/journal"
)

// heldSource has methods that make the host keep things for the object.
const heldSource = `
const block = "x".repeat(1 << 20);
const pairs = () => Object.values(new WebSocketPair());
export class Thing extends DurableObject {
  ping() { return "pong"; }
  big() { return new Uint8Array(1 << 20); }
  async take(value) { await scheduler.wait(1000); return value.length; }
  async fetch() { return new Response(new Uint8Array(5 << 20)); }

  // Messages to an end that nobody has taken.
  unaccepted() { const [a, b] = pairs(); this.kept = a; b.accept(); for (let n = 0; n < 300; n++) b.send(block); return "sent"; }
  async unacceptedSlowly() { const [a, b] = pairs(); this.kept = a; b.accept(); for (let n = 0; n < 300; n++) { b.send(block); await scheduler.wait(0); } return "sent"; }
  hibernatable() { const [a, b] = pairs(); this.kept = a; this.ctx.acceptWebSocket(b); for (let n = 0; n < 300; n++) b.send(block); return "sent"; }
  empty() { const [a, b] = pairs(); this.kept = a; b.accept(); for (let n = 0; n < 3e6; n++) b.send(""); return "sent"; }
  async answers() { const kept = []; for (let n = 0; n < 60; n++) kept.push(await this.env.THING.getByName("answers").fetch("http://x/")); return kept.length; }
  async calls() { const waits = []; for (let n = 0; n < 300; n++) waits.push(this.env.THING.getByName("calls").take(block)); return (await Promise.all(waits)).length; }

  // The same, let go of in time.
  async dropped() { for (let n = 0; n < 300; n++) { const [a, b] = pairs(); b.accept(); b.send(block); b.close(); await scheduler.wait(0); } return "sent"; }
  async accepted() {
    const [a, b] = pairs();
    let heard = 0;
    a.addEventListener("message", () => heard++);
    a.accept(); b.accept();
    for (let n = 0; n < 300; n++) { b.send(block); await scheduler.wait(0); }
    a.close(); b.close();
    return heard;
  }
  async read() { let sum = 0; for (let n = 0; n < 60; n++) sum += (await (await this.env.THING.getByName("read").fetch("http://x/")).arrayBuffer()).byteLength; return sum; }
  async unread() { for (let n = 0; n < 60; n++) { await this.env.THING.getByName("unread").fetch("http://x/"); } return "dropped"; }
  async called() { let sum = 0; for (let n = 0; n < 200; n++) sum += (await this.env.THING.getByName("called").big()).length; return sum; }

  // A pair of which both ends stay here.
  pair() { const [a, b] = pairs(); a.accept(); b.accept(); this.kept = [a, b]; return "kept"; }
  half() { const [a, b] = pairs(); b.accept(); this.kept = [a, b]; return "kept"; }
}
`

func TestHeld_limit(t *testing.T) {
	t.Parallel()
	r := newRig(t, heldSource, func(o *emulator.Options) { o.Clock = nil })
	for _, method := range []string{"unaccepted", "unacceptedSlowly", "hibernatable", "empty", "answers", "calls"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			r := r.in(t)
			if got, want := r.failed("/"+method+"?name=x"+method), "Durable Object's isolate exceeded its memory limit and was reset."; !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			r.want("/ping?name=x"+method, `"pong"`)
		})
	}
	for method, want := range map[string]string{
		"dropped": `"sent"`, "accepted": "300", "read": "314572800", "unread": `"dropped"`, "called": "209715200",
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			r.in(t).want("/"+method+"?name=y"+method, want)
		})
	}
}

func TestHeld_pairsDoNotPin(t *testing.T) {
	t.Parallel()
	r := newRig(t, heldSource, nil)
	for _, method := range []string{"pair", "half"} {
		r.want("/"+method+"?name="+method, `"kept"`)
	}
	r.advance(time.Minute)
	if got := r.events(journal.Evict); len(got) != 2 {
		t.Errorf("got %q, want two objects to have left", got)
	}
}
