package emulator_test

import "testing"

// What a call to a Worker of another session costs, and one that carries a callback.
func BenchmarkSessions(b *testing.B) {
	registry := b.TempDir()
	a := newSession(b, registry, callerConfig, caller(`
		call: async ({ B }) => { for (let i = 0; i < 100; i++) await B.echo(i) },
		callback: async ({ B }) => { for (let i = 0; i < 100; i++) await B.both((x) => x) },
		fetch: async ({ B }) => { for (let i = 0; i < 100; i++) await (await B.fetch("http://x/")).text() },
	`))
	newSession(b, registry, calleeConfig, talkative)
	for _, kind := range []string{"call", "callback", "fetch"} {
		b.Run(kind, func(b *testing.B) {
			for n := 0; n < b.N; n += 100 {
				if _, got := a.get("/" + kind); got != "null" {
					b.Fatal(got)
				}
			}
		})
	}
}
