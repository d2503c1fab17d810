package emulator_test

import (
	"testing"

	"github.com/doemu/doemu/emulator"
)

// scheduledSource has a handler for which the cron says what it does.
const scheduledSource = `
import { waitUntil } from "cloudflare:workers";
const soon = () => new Promise((resolve) => queueMicrotask(resolve));
const fail = async () => { await soon(); throw new Error("no"); };
const crons = {
  fine() {},
  throws() { throw new Error("no"); },
  rejects: fail,
  waits(ctx) { ctx.waitUntil(soon()); },
  waitUntil(ctx) { ctx.waitUntil(fail()); },
  imported() { waitUntil(fail()); },
  later(ctx) { ctx.waitUntil(soon().then(() => { ctx.waitUntil(fail()); })); },
  noRetry(ctx, controller) { controller.noRetry(); ctx.waitUntil(fail()); },
  value(ctx) { ctx.waitUntil(5); },
};
export default { scheduled(controller, env, ctx) { return crons[controller.cron](ctx, controller); } };
`

func TestService_Scheduled(t *testing.T) {
	t.Parallel()
	dir := writeProject(t, scheduledSource, `{ "name": "test", "main": "index.js", "compatibility_date": "2026-01-01" }`)
	e, _, err := emulator.New(t.Context(), emulator.Options{Workers: newWorkers(dir), Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	const ok, exception = `{"outcome":"ok","noRetry":false}`, `{"outcome":"exception","noRetry":false}`
	for cron, want := range map[string]string{
		"fine": ok, "waits": ok, "value": ok, "throws": exception, "rejects": exception, "waitUntil": exception, "imported": exception,
		"later": exception, "noRetry": `{"outcome":"exception","noRetry":true}`,
	} {
		got, err := e.Services()[0].Scheduled(t.Context(), cron, start)
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", cron, got, err, want)
		}
	}
}
