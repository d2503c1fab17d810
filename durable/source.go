package durable

import (
	"embed"

	"github.com/doemu/doemu/emulator/platform"
)

//go:embed js
var source embed.FS

// Source is the TypeScript of Durable Objects, which runs in every isolate.
func Source() platform.Source {
	return platform.Source{Name: "durable", Files: source, Entry: "js/index.ts"}
}
