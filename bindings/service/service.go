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

// Ops are the functions that the TypeScript calls.
func Ops() []isolate.Op {
	return []isolate.Op{
		{Name: "service.fetcher", Run: func(c *isolate.Call) (isolate.Value, error) {
			realm := c.Owner().(owner).Realm()
			return isolate.Int(realm.AddFetcher(realm.Service(c.Int(0)))), nil
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
