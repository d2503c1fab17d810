// Package platform is the Workers JavaScript platform: what every Worker finds as globals and
// built-in modules. Its face is TypeScript (src), bundled at start; behind it stand Go functions
// (ops), where Go is better. It knows nothing of Durable Objects.
//
// https://developers.cloudflare.com/workers/runtime-apis/
package platform

import (
	"slices"

	"github.com/doemu/doemu/emulator/isolate"
)

// Ops are the functions that the platform's TypeScript calls.
func Ops() []isolate.Op {
	return slices.Concat(moduleOps(), nodeOps(), contextOps(), consoleOps(), timerOps(), cryptoOps(), encodingOps(), localeOps(), urlOps(), bodyOps(),
		fetchOps(), handleOps(), formOps(), socketOps(), socketLimitOps(), workerOps(), commonJSOps(), refOps(), rpcOps(), exportOps())
}

// Events are what Go delivers to the platform's TypeScript.
func Events() []string {
	return []string{
		isolate.EventUnhandled, isolate.EventHandled, "timer", "timer.end", "fetch", "fetch.ended", "body.left", "socket.message", "socket.close",
		"socket.error", "worker.configure", "worker.loaded", "worker.target", "worker.event", "rpc.deliver", "rpc.release", "rpc.revoke",
	}
}
