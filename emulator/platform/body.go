package platform

import (
	"bytes"
	"io"
	"sync"

	"github.com/doemu/doemu/emulator/isolate"
)

// Body is the content of a message: all of its bytes, or a stream of them. It is read once.
type Body struct {
	whole  []byte
	stream io.ReadCloser // nil when whole has everything
	length int64         // -1 if not known

	writer *io.PipeWriter // when JavaScript writes it
	// ended is told when a body that JavaScript writes is over: gone, when the reader left before its
	// end. It may be nil.
	ended func(gone bool)
}

// BytesBody is a body with these bytes.
func BytesBody(b []byte) *Body { return &Body{whole: b, length: int64(len(b))} }

// StreamBody is a body that is read from r; its length is -1 if it is not known.
func StreamBody(r io.ReadCloser, length int64) *Body { return &Body{stream: r, length: length} }

// Length is the number of bytes, or -1.
func (b *Body) Length() int64 { return b.length }

// Whole is all bytes, if they are there.
func (b *Body) Whole() ([]byte, bool) { return b.whole, b.stream == nil }

// Reader reads the body.
func (b *Body) Reader() io.ReadCloser {
	if b.stream != nil {
		return b.stream
	}
	return io.NopCloser(bytes.NewReader(b.whole))
}

// Close tells the sender that nobody reads on.
func (b *Body) Close() {
	if b.ended != nil {
		b.ended(true)
	}
	if b.stream != nil {
		// A stream that cannot be closed has ended already.
		_ = b.stream.Close()
	}
}

// chunkSize is how much of a stream crosses into JavaScript at once.
const chunkSize = 64 << 10

var chunks = sync.Pool{New: func() any { b := make([]byte, chunkSize); return &b }}

// bodyArgument is a body as JavaScript gives it: nothing, its content, or a number.
func bodyArgument(c *isolate.Call, n int) *Body {
	switch {
	case c.IsUndefined(n) || c.IsNull(n):
		return nil
	case c.IsString(n):
		return BytesBody([]byte(c.String(n)))
	}
	if b := c.Bytes(n); b != nil {
		return BytesBody(b)
	}
	r := realmOf(c)
	return take(r, r.bodies, c.Int(n))
}

// bodyValue is a body as JavaScript gets it: small ones at once, others by their number.
func (r *Realm) bodyValue(b *Body) isolate.Value {
	if b == nil {
		return isolate.Undefined()
	}
	return isolate.Int(keep(r, &r.bodies, b))
}

func bodyOps() []isolate.Op {
	return []isolate.Op{
		{Name: "body.take", Run: func(c *isolate.Call) (isolate.Value, error) {
			if b := takeWhole(c); b != nil {
				return isolate.Bytes(b.whole), nil
			}
			return isolate.Undefined(), nil
		}},
		{Name: "body.takeText", Run: func(c *isolate.Call) (isolate.Value, error) {
			if b := takeWhole(c); b != nil {
				return isolate.String(validText(bytes.TrimPrefix(b.whole, []byte("\ufeff")))), nil
			}
			return isolate.Undefined(), nil
		}},
		{Name: "body.all", Waits: true, Run: readAll},
		{Name: "body.read", Waits: true, Run: readChunk},
		{Name: "body.cancel", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if b := take(r, r.bodies, c.Int(0)); b != nil {
				b.Close()
			}
			return isolate.Undefined(), nil
		}},
		{Name: "body.copy", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			b := look(r, r.bodies, c.Int(0))
			if b == nil || b.stream != nil {
				return isolate.Undefined(), nil
			}
			return isolate.Int(keep(r, &r.bodies, BytesBody(b.whole))), nil
		}},
		{Name: "body.length", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if b := look(r, r.bodies, c.Int(0)); b != nil {
				return isolate.Number(float64(b.length)), nil
			}
			return isolate.Int(-1), nil
		}},
		{Name: "body.open", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			reader, writer := io.Pipe()
			b := &Body{stream: reader, length: int64(c.Number(0)), writer: writer}
			n := keep(r, &r.bodies, b)
			r.mu.Lock()
			if r.writers == nil {
				r.writers = map[int]*Body{}
			}
			r.writers[n] = b
			r.mu.Unlock()
			return isolate.Int(n), nil
		}},
		{Name: "body.write", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			w, b := look(r, r.writers, c.Int(0)).writer, c.Bytes(1)
			resolver := c.Resolver("response", "a body that is being written")
			c.Turn().Send(func() {
				go func() {
					if _, err := w.Write(b); err != nil {
						resolver.Reject(isolate.Errorf("Error", "Network connection lost."))
						return
					}
					resolver.Resolve(isolate.Undefined())
				}()
			})
			return isolate.Undefined(), nil
		}},
		{Name: "body.end", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), endWriting(c, nil)
		}},
		{Name: "body.fail", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Undefined(), endWriting(c, isolate.Errorf("Error", "%s", c.String(1)))
		}},
	}
}

func takeWhole(c *isolate.Call) *Body {
	r := realmOf(c)
	b := look(r, r.bodies, c.Int(0))
	if b == nil || b.stream != nil {
		return nil
	}
	return take(r, r.bodies, c.Int(0))
}

func endWriting(c *isolate.Call, why error) error {
	r := realmOf(c)
	b := take(r, r.writers, c.Int(0))
	if b == nil {
		return nil
	}
	if b.ended != nil {
		b.ended(false)
	}
	c.Turn().Send(func() { b.writer.CloseWithError(why) })
	return nil
}

func readAll(c *isolate.Call) (isolate.Value, error) {
	r := realmOf(c)
	b := take(r, r.bodies, c.Int(0))
	if b == nil {
		return isolate.Value{}, isolate.Errorf("TypeError", "Body has already been used.")
	}
	resolver := c.Resolver("response", "a body that is being read")
	go func() {
		all, err := io.ReadAll(b.Reader())
		b.Close()
		if err != nil {
			resolver.Reject(networkError(err))
			return
		}
		resolver.Resolve(isolate.Bytes(all))
	}()
	return isolate.Undefined(), nil
}

func readChunk(c *isolate.Call) (isolate.Value, error) {
	r := realmOf(c)
	n := c.Int(0)
	b := look(r, r.bodies, n)
	if b == nil {
		return isolate.Value{}, isolate.Errorf("TypeError", "Body has already been used.")
	}
	if b.stream == nil {
		b.stream = b.Reader()
	}
	resolver := c.Resolver("response", "a body that is being read")
	go func() {
		buf := chunks.Get().(*[]byte)
		size, err := b.stream.Read(*buf)
		switch {
		case size > 0:
			chunk := bytes.Clone((*buf)[:size])
			resolver.Resolve(isolate.Bytes(chunk))
		case err == io.EOF:
			take(r, r.bodies, n)
			b.Close()
			resolver.Resolve(isolate.Null())
		case err != nil:
			take(r, r.bodies, n)
			resolver.Reject(networkError(err))
		default:
			resolver.Resolve(isolate.Bytes(nil))
		}
		chunks.Put(buf)
	}()
	return isolate.Undefined(), nil
}
