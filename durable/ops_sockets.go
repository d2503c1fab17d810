package durable

import (
	"encoding/json"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// hibernateOps are what durable/js/hibernation.ts calls. A socket that is not there any more takes
// everything and does nothing.
func hibernateOps() []isolate.Op {
	find := func(c *isolate.Call) *socket { return objectOf(c).sockets.find(c.Int(0)) }
	return []isolate.Op{
		{Name: "hibernate.accept", Run: func(c *isolate.Call) (isolate.Value, error) {
			var tags []string
			if err := json.Unmarshal([]byte(c.String(1)), &tags); err != nil {
				return isolate.Value{}, err
			}
			end := c.Owner().(realmOwner).Realm().TakeSocket(c.Int(0))
			n, err := objectOf(c).sockets.accept(end, tags)
			return isolate.Int(n), err
		}},
		{Name: "hibernate.list", Run: func(c *isolate.Call) (isolate.Value, error) {
			var tag *string
			if !c.IsUndefined(0) {
				text := c.String(0)
				tag = &text
			}
			return jsonList(objectOf(c).sockets.list(tag), nil)
		}},
		{Name: "hibernate.version", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Number(float64(objectOf(c).sockets.version())), nil
		}},
		{Name: "hibernate.state", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := find(c)
			return isolate.Bool(s == nil || s.isClosed()), nil
		}},
		{Name: "hibernate.send", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				text, data := platform.MessageArgument(c, 1)
				send := platform.Sending(c, text, data)
				c.Turn().Send(func() {
					s.seen(false, text, data, false)
					send(s.Socket)
				})
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.close", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				s.close(c.Turn().Send, c.Int(1), c.String(2))
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.tags", Run: func(c *isolate.Call) (isolate.Value, error) {
			tags := []string{}
			if s := find(c); s != nil {
				tags = append(tags, s.tags...)
			}
			return jsonList(tags, nil)
		}},
		{Name: "hibernate.attach", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil {
				attachment, all := c.Bytes(1), &s.object.sockets
				all.mu.Lock()
				s.attachment = attachment
				all.mu.Unlock()
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.attachment", Run: func(c *isolate.Call) (isolate.Value, error) {
			if s := find(c); s != nil && s.attachment != nil {
				return isolate.Bytes(s.attachment), nil
			}
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.setAutoResponse", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := &objectOf(c).sockets
			s.mu.Lock()
			defer s.mu.Unlock()
			s.auto, s.request, s.response = !c.IsUndefined(0), c.String(0), c.String(1)
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.autoResponse", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := &objectOf(c).sockets
			s.mu.Lock()
			defer s.mu.Unlock()
			if !s.auto {
				return isolate.Null(), nil
			}
			return jsonList([2]string{s.request, s.response}, nil)
		}},
		{Name: "hibernate.autoResponseTime", Run: func(c *isolate.Call) (isolate.Value, error) {
			s := find(c)
			if s == nil {
				return isolate.Null(), nil
			}
			all := &objectOf(c).sockets
			all.mu.Lock()
			defer all.mu.Unlock()
			if s.answered.IsZero() {
				return isolate.Null(), nil
			}
			return isolate.Number(float64(s.answered.UnixMilli())), nil
		}},
		{Name: "hibernate.setTimeout", Run: func(c *isolate.Call) (isolate.Value, error) {
			objectOf(c).sockets.setTimeout(time.Duration(c.Number(0)) * time.Millisecond)
			return isolate.Undefined(), nil
		}},
		{Name: "hibernate.timeout", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Number(float64(objectOf(c).sockets.eventTimeout().Milliseconds())), nil
		}},
	}
}
