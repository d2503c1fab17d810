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
	platform.Fetcher
	// Event gives the Worker an event that is not a request. Done is called once, from any goroutine,
	// with the outcome as JSON.
	Event(kind string, payload isolate.Value, done func(outcome []byte, err error))
}

// Ops are the functions that the TypeScript calls.
func Ops() []isolate.Op {
	return []isolate.Op{
		{Name: "service.fetcher", Run: func(c *isolate.Call) (isolate.Value, error) {
			realm := c.Owner().(owner).Realm()
			return isolate.Int(realm.AddFetcher(realm.Service(c.Int(0)))), nil
		}},
		{Name: "service.event", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			target := c.Owner().(owner).Realm().Service(c.Int(0)).(Target)
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
		{Name: "service.loopback", Run: func(c *isolate.Call) (isolate.Value, error) {
			realm := c.Owner().(owner).Realm()
			var props []byte
			if !c.IsUndefined(1) {
				props = []byte(c.String(1))
			}
			return isolate.Int(realm.AddFetcher(realm.Loopback(c.String(0), props))), nil
		}},
	}
}
