package platform

import (
	"encoding/json"

	"github.com/doemu/doemu/emulator/isolate"
)

// Export is what is known of an export of the main module.
type Export struct {
	// Class is true for classes and functions, false for objects with handlers.
	Class bool `json:"class"`
	// Test tells whether it has a test handler.
	Test bool `json:"test"`
}

// Exports takes what the main module exports, by name.
type Exports interface{ SetExports(map[string]Export) }

func workerOps() []isolate.Op {
	return []isolate.Op{
		{Name: "worker.exports", Run: func(c *isolate.Call) (isolate.Value, error) {
			var kinds map[string]Export
			if err := json.Unmarshal([]byte(c.String(0)), &kinds); err != nil {
				return isolate.Value{}, err
			}
			c.Owner().(Exports).SetExports(kinds)
			return isolate.Undefined(), nil
		}},
		{Name: "worker.collect", Run: func(c *isolate.Call) (isolate.Value, error) {
			c.Isolate().Collect()
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

// serializedHead is the first byte of a serialized value, which JSON never begins with.
const serializedHead = 0xff

// AddTarget gives an entrypoint of the Worker, with its props as JSON or serialized, the number by which
// Handle reaches it; "" is the default export.
func AddTarget(t *isolate.Turn, number int, entrypoint string, props []byte) error {
	if entrypoint == "" {
		entrypoint = "default"
	}
	value := isolate.Undefined()
	switch {
	case len(props) == 0:
	case props[0] == serializedHead:
		value = isolate.Bytes(props)
	default:
		value = isolate.JSON(props)
	}
	return t.Deliver(t.Isolate().Engine().Event("worker.target"), isolate.Int(number), isolate.String(entrypoint), value)
}

// Event gives a target an event that is not a request: the handler of the kind's name runs. Done gets
// its outcome as JSON.
func (r *Realm) Event(t *isolate.Turn, target int, kind string, payload isolate.Value, done func(outcome []byte)) error {
	id := keep(r, &r.calls, done)
	return t.Deliver(t.Isolate().Engine().Event("worker.event"), isolate.Int(id), isolate.Int(target), isolate.String(kind), payload)
}
