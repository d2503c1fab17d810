// Package service is service bindings and ctx.exports: how a Worker's code reaches other Workers and
// its own entrypoints.
//
// https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
package service

import (
	"embed"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

//go:embed js
var source embed.FS

// Source is the bindings' TypeScript, which runs in every isolate.
func Source() platform.Source {
	return platform.Source{Name: "service", Files: source, Entry: "js/index.ts"}
}

// owner is every owner of an isolate that has service bindings.
type owner interface{ Realm() *platform.Realm }

// Target is what a service binding leads to.
type Target interface {
	platform.Target
	// Event gives the Worker an event that is not a request. Done is called once, from any goroutine,
	// with the outcome as JSON.
	Event(kind string, payload isolate.Value, done func(outcome []byte, err error))
}

// Ops are the functions that the TypeScript calls.
func Ops() []isolate.Op {
	bound := func(c *isolate.Call) platform.Target { return realmOf(c).Service(c.Int(0)) }
	loopback := func(c *isolate.Call) platform.Target {
		var props []byte
		if b := c.Bytes(1); b != nil {
			props = b
		}
		return realmOf(c).Loopback(c.String(0), props)
	}
	return []isolate.Op{
		{Name: "service.fetcher", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Int(realmOf(c).AddFetcher(bound(c))), nil
		}},
		{Name: "service.ref", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Int(realmOf(c).AddRef(platform.ServiceRef(bound(c)))), nil
		}},
		{Name: "service.call", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			return platform.Invoke(c, 1, bound(c))
		}},
		{Name: "service.event", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			target := bound(c).(Target)
			kind, payload := c.String(1), c.Value(2)
			resolver := c.Resolver("service", kind)
			c.Turn().Send(func() {
				target.Event(kind, payload, func(outcome []byte, err error) {
					if err != nil {
						resolver.Reject(err)
						return
					}
					resolver.Resolve(isolate.JSON(outcome))
				})
			})
			return isolate.Undefined(), nil
		}},
		{Name: "service.loopbackRef", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Int(realmOf(c).AddRef(platform.ServiceRef(loopback(c)))), nil
		}},
	}
}

func realmOf(c *isolate.Call) *platform.Realm { return c.Owner().(owner).Realm() }
