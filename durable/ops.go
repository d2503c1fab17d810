package durable

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/doemu/doemu/durable/id"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// Caller is the owner of an isolate whose code can reach Durable Objects: it resolves the numbers
// by which its bindings name namespaces.
type Caller interface {
	Namespace(number int) *Namespace
}

// Ops are the functions that Durable Objects' TypeScript calls.
func Ops() []isolate.Op {
	return slices.Concat(idOps(), stubOps(), objectOps(), sectionOps(), kvOps(), transactionOps(), sqlOps(), experimentalOps(), unsafeOps(), alarmOps(), hibernateOps(), facetOps())
}

// Events are what Go delivers to Durable Objects' TypeScript.
func Events() []string {
	return []string{
		"object.construct", "object.alarm", "object.run", "object.message", "object.closed", "object.failed", "section",
	}
}

func namespaceOf(c *isolate.Call, n int) *Namespace { return c.Owner().(Caller).Namespace(c.Int(n)) }

// thrown is an error as JavaScript gives it: class, message, further properties as JSON.
func thrown(c *isolate.Call, n int) *isolate.Error {
	return &isolate.Error{Class: c.String(n), Message: c.String(n + 1), Props: c.String(n + 2)}
}

// toJS gives a failure of ids or storage its class and text.
func toJS(err error) error {
	var ids *id.Error
	if errors.As(err, &ids) {
		return &isolate.Error{Class: ids.Class, Message: ids.Message}
	}
	var stored *storage.Error
	if errors.As(err, &stored) {
		if stored.ResetProperty {
			return &isolate.Error{Class: stored.Class, Message: stored.Message, Props: `{"durableObjectReset":true}`, Cause: stored}
		}
		return &isolate.Error{Class: stored.Class, Message: stored.Message, Cause: stored}
	}
	return err
}

func idOps() []isolate.Op {
	within := func(c *isolate.Call, n int) (id.Namespace, error) {
		ids := namespaceOf(c, 0).ids
		if c.IsUndefined(n) {
			return ids, nil
		}
		ids, err := ids.Within(id.Jurisdiction(c.String(n)))
		return ids, toJS(err)
	}
	return []isolate.Op{
		{Name: "id.fromName", Run: func(c *isolate.Call) (isolate.Value, error) {
			ids, err := within(c, 2)
			if err != nil {
				return isolate.Value{}, err
			}
			return isolate.String(ids.FromName(c.String(1)).String()), nil
		}},
		{Name: "id.unique", Run: func(c *isolate.Call) (isolate.Value, error) {
			ids, err := within(c, 1)
			if err != nil {
				return isolate.Value{}, err
			}
			unique, err := ids.New(c.Owner().(realmOwner).Realm().Random)
			return isolate.String(unique.String()), err
		}},
		{Name: "id.fromString", Run: func(c *isolate.Call) (isolate.Value, error) {
			ids, err := within(c, 2)
			if err != nil {
				return isolate.Value{}, err
			}
			parsed, err := ids.FromString(c.String(1))
			return isolate.String(parsed.String()), toJS(err)
		}},
		{Name: "id.jurisdiction", Run: func(c *isolate.Call) (isolate.Value, error) {
			parsed, err := namespaceOf(c, 0).ids.FromString(c.String(1))
			if err != nil || parsed.Jurisdiction() == "" {
				return isolate.Undefined(), nil
			}
			return isolate.String(string(parsed.Jurisdiction())), nil
		}},
	}
}

func stubOps() []isolate.Op {
	return []isolate.Op{
		{Name: "stub.bind", Run: func(c *isolate.Call) (isolate.Value, error) {
			if c.Turn() == nil {
				return isolate.Value{}, isolate.Errorf("Error", "Durable Objects cannot be called in the global scope. To fix this error, call them within a handler.")
			}
			return isolate.Number(float64(namespaceOf(c, 0).bind(c.String(1), c.String(2)))), nil
		}},
		{Name: "stub.locate", Run: func(c *isolate.Call) (isolate.Value, error) {
			namespaceOf(c, 0).locate(c.String(1), c.String(2))
			hintLocation(c)
			return isolate.Undefined(), nil
		}},
		{Name: "stub.fetcher", Run: func(c *isolate.Call) (isolate.Value, error) {
			o, err := namespaceOf(c, 0).bound(c.String(1), c.String(2), uint64(c.Number(3)))
			if err != nil {
				return isolate.Value{}, err
			}
			return isolate.Int(c.Owner().(realmOwner).Realm().AddFetcher(o)), nil
		}},
		{Name: "stub.call", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			o, err := namespaceOf(c, 0).bound(c.String(1), c.String(2), uint64(c.Number(3)))
			if err != nil {
				return platform.Refuse(c, 4, err)
			}
			return platform.Invoke(c, 4, o)
		}},
		{Name: "stub.ref", Run: func(c *isolate.Call) (isolate.Value, error) {
			to := namespaceOf(c, 0).anywhere(c.String(1), c.String(2))
			return isolate.Int(c.Owner().(realmOwner).Realm().AddRef(platform.ServiceRef(to))), nil
		}},
	}
}

func objectOps() []isolate.Op {
	return []isolate.Op{
		{Name: "object.return", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), objectOf(c).finishTurn(c.Turn(), uint64(c.Number(0)), nil)
		}},
		{Name: "object.throw", Run: func(c *isolate.Call) (isolate.Value, error) {
			err := thrown(c, 1)
			err.Stack = c.String(4)
			return isolate.Undefined(), objectOf(c).finishTurn(c.Turn(), uint64(c.Number(0)), err)
		}},
		{Name: "object.unconstructed", Run: func(c *isolate.Call) (isolate.Value, error) {
			c.Turn().Break(thrown(c, 0))
			return isolate.Undefined(), nil
		}},
		{Name: "object.abort", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			if !c.Bool(1) {
				o.dropAlarm()
			}
			c.Turn().Break(flagged("Error", c.String(0), flags{DurableObjectReset: true}))
			return isolate.Undefined(), nil
		}},
	}
}

// finishTurn ends a call: what must be written with it now, the answer when that is durable.
func (o *Object) finishTurn(t *isolate.Turn, call uint64, err error) error {
	if settle := o.settler(call); settle != nil {
		if err := settle(t, err); err != nil {
			return err
		}
	}
	t.Send(func() { o.complete(call, err) })
	return nil
}

func (o *Object) settler(id uint64) func(*isolate.Turn, error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.calls[id]; c != nil {
		return c.settle
	}
	return nil
}

func sectionOps() []isolate.Op {
	const deepest = 64
	return []isolate.Op{
		{Name: "section.begin", Run: func(c *isolate.Call) (isolate.Value, error) {
			o, number := objectOf(c), c.Number(0)
			if c.Turn().Section().Depth() >= deepest {
				return isolate.Value{}, isolate.Errorf("Error", "blockConcurrencyWhile() calls are nested too deeply.")
			}
			start := o.starting
			if start != nil {
				start.sections++
			}
			c.Turn().Begin(func(t *isolate.Turn, s *isolate.Section) error {
				o.sections[number] = openSection{s, o.limitSection(t, s), start}
				return t.Deliver(o.event("section"), isolate.Number(number))
			})
			return isolate.Undefined(), nil
		}},
		{Name: "section.end", Run: func(c *isolate.Call) (isolate.Value, error) {
			o, number := objectOf(c), c.Number(0)
			section := o.sections[number]
			section.limit.Stop()
			c.Turn().End(section.Section)
			delete(o.sections, number)
			if start := section.start; start != nil {
				if start.sections--; start.sections == 0 {
					o.hintStart(start.computing, o.namespace.now().Sub(start.began))
				}
			}
			return isolate.Undefined(), nil
		}},
		{Name: "section.fail", Run: func(c *isolate.Call) (isolate.Value, error) {
			c.Turn().Break(thrown(c, 0))
			return isolate.Undefined(), nil
		}},
	}
}

func alarmOps() []isolate.Op {
	return []isolate.Op{
		{Name: "alarm.get", Run: func(c *isolate.Call) (isolate.Value, error) {
			at, err := objectOf(c).alarmTime()
			if err != nil || at.IsZero() {
				return isolate.Null(), toJS(err)
			}
			return isolate.Number(float64(at.UnixMilli())), nil
		}},
		{Name: "alarm.set", Run: func(c *isolate.Call) (isolate.Value, error) {
			o := objectOf(c)
			if c.IsNull(0) {
				return isolate.Undefined(), toJS(o.deleteAlarm(c.Turn()))
			}
			return isolate.Undefined(), toJS(o.setAlarm(c.Turn(), time.UnixMilli(int64(math.Trunc(c.Number(0))))))
		}},
	}
}
