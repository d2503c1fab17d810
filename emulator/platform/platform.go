// Package platform is the Workers JavaScript platform: what every Worker finds as globals and
// built-in modules. Its face is TypeScript (src), bundled at start; behind it stand Go functions
// (ops), where Go is better. It knows nothing of Durable Objects.
//
// https://developers.cloudflare.com/workers/runtime-apis/
package platform

import (
	"github.com/doemu/doemu/emulator/isolate"
)

// Ops are the functions that the platform's TypeScript calls, in the order of their areas.
func Ops() []isolate.Op {
	var all []isolate.Op
	for _, area := range [][]isolate.Op{} {
		all = append(all, area...)
	}
	return all
}
