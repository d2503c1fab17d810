package emulator_test

import (
	"fmt"
	"testing"
)

const rpcWorker = `
import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
class Counter extends RpcTarget { n = 0; up() { return ++this.n; } }
export class Thing extends DurableObject {
  n = 0;
  up() { return ++this.n; }
  object(o) { return o; }
  call(f) { return f(1); }
  counter() { return new Counter(); }
}
export class Entry extends WorkerEntrypoint { up() { return 1; } }
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const n = Number(searchParams.get("n"));
    const thing = env.THING.getByName("a");
    const entry = ctx.exports.Entry;
    const counter = await thing.counter();
    const f = (x) => x, o = { id: 1, name: "one", tags: ["a", "b"] };
    const work = {
      method: () => thing.up(),
      object: () => thing.object(o),
      callback: () => thing.call(f),
      stub: () => counter.up(),
      pipelined: () => thing.counter().up(),
      entrypoint: () => entry.up(),
    }[pathname.slice(1)];
    for (let i = 0; i < n; i++) await work();
    return new Response("done");
  },
}`

// BenchmarkRPC measures calls, each made when the one before has its answer.
func BenchmarkRPC(b *testing.B) {
	get := serveBench(b, rpcWorker)
	for _, kind := range []string{"method", "object", "callback", "stub", "pipelined", "entrypoint"} {
		b.Run(kind, func(b *testing.B) {
			get(b, fmt.Sprintf("/%s?n=%d", kind, b.N))
		})
	}
}
