package platform

import (
	"encoding/json"

	"github.com/doemu/doemu/emulator/isolate"
)

// Exports takes what the main module exports: names, and "function" or "object".
type Exports interface{ SetExports(map[string]string) }

func workerOps() []isolate.Op {
	return []isolate.Op{
		{Name: "worker.exports", Run: func(c *isolate.Call) (isolate.Value, error) {
			var kinds map[string]string
			if err := json.Unmarshal([]byte(c.String(0)), &kinds); err != nil {
				return isolate.Value{}, err
			}
			c.Owner().(Exports).SetExports(kinds)
			return isolate.Undefined(), nil
		}},
		{Name: "worker.return", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			result := []byte(c.String(1))
			if done := take(r, r.calls, c.Int(0)); done != nil {
				c.Turn().Send(func() { done(result) })
			}
			return isolate.Undefined(), nil
		}},
	}
}

// Scheduled runs the Worker's scheduled handler. Done gets the outcome as JSON.
func (r *Realm) Scheduled(t *isolate.Turn, timeMS float64, cron string, done func(result []byte)) error {
	id := keep(r, &r.calls, done)
	return t.Deliver(t.Isolate().Engine().Event("worker.scheduled"), isolate.Int(id), isolate.Number(timeMS), isolate.String(cron))
}
