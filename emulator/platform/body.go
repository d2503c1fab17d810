package platform

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/doemu/doemu/emulator/isolate"
)

// Body is the content of a message: all of its bytes, or a stream of them. It is read once.
type Body struct {
	whole  []byte
	stream io.ReadCloser // nil when whole has everything
	length int64         // -1 if not known
	weight int           // bytes of whole, in a table of a realm; it never changes

	// coding is that of the bytes; what is read is their content.
	coding Coding

	url string // of the request that it is the answer to, or ""

	writtenBy *Realm // whose program writes it; nil for others
	// ended is told when a body that JavaScript writes is over: gone, when the reader left before its
	// end. It may be nil.
	ended func(gone bool)
	// left tells the program that writes the body that nobody reads on; begun tells whether anybody ever did, and why is
	// the reader's reason if it gave one. It may be nil.
	left func(begun bool, why *isolate.Error)
}

// BytesBody is a body with these bytes.
func BytesBody(b []byte) *Body { return &Body{whole: b, length: int64(len(b)), weight: len(b)} }

// StreamBody is a body that is read from r; its length is -1 if it is not known.
func StreamBody(r io.ReadCloser, length int64) *Body { return &Body{stream: r, length: length} }

// reading says what keeps an isolate in memory that reads the body.
func (b *Body) reading() string {
	if b.url == "" {
		return "a body that is being read"
	}
	return "the body of " + b.url
}

// Length is the number of bytes of the content, or -1.
func (b *Body) Length() int64 {
	if b.coding != Identity {
		return -1
	}
	return b.length
}

// Whole is the whole content, if it is there.
func (b *Body) Whole() ([]byte, bool) { return b.whole, b.stream == nil && b.coding == Identity }

// Reader reads the content of the body.
func (b *Body) Reader() io.ReadCloser {
	if b.coding != Identity {
		return decompress(b.raw(), b.coding)
	}
	if b.stream != nil {
		return b.stream
	}
	return io.NopCloser(bytes.NewReader(b.whole))
}

// tellEnded tells the program that writes the body that nobody reads on.
func (b *Body) tellEnded(why *isolate.Error) {
	if b.ended != nil {
		b.ended(true)
	}
	if b.left != nil {
		b.left(true, why)
	}
}

// Drop lets go of a body that nobody will ever read: its stream is not cancelled, for it never began.
func (b *Body) Drop() {
	if b.left != nil {
		b.left(false, nil)
	}
	b.Close()
}

// Close tells the sender that nobody reads on.
func (b *Body) Close() {
	b.tellEnded(nil)
	if b.stream != nil {
		// A stream that cannot be closed has ended already.
		_ = b.stream.Close()
	}
}

// failing is a stream whose sender can be told why it is not read on; see io.PipeReader.
type failing interface{ CloseWithError(error) error }

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
			b := take(r, r.bodies, c.Int(0))
			if b == nil {
				return isolate.Undefined(), nil
			}
			if c.IsUndefined(1) {
				b.Close()
			} else {
				b.CloseWith(&isolate.Error{Class: c.String(1), Message: c.String(2), Thrown: c.Bytes(3)})
			}
			return isolate.Undefined(), nil
		}},
		{Name: "body.length", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			if b := look(r, r.bodies, c.Int(0)); b != nil {
				return isolate.Number(float64(b.length)), nil
			}
			return isolate.Int(-1), nil
		}},
		{Name: "body.copy", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			b := look(r, r.bodies, c.Int(0))
			if b == nil || b.stream != nil {
				return isolate.Undefined(), nil
			}
			copied := BytesBody(b.whole)
			copied.coding = b.coding
			return isolate.Int(keep(r, &r.bodies, copied)), nil
		}},
		{Name: "body.open", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			reader, pipe := io.Pipe()
			b := &Body{stream: reader, length: int64(c.Number(0)), writtenBy: r}
			n := keep(r, &r.bodies, b)
			w := &writer{pipe: pipe, body: b}
			if t := c.Turn(); t != nil {
				b.left = tellLeft(r, t, n)
			}
			if !c.IsUndefined(1) {
				w.gone = &isolate.Error{Message: c.String(1)}
			}
			r.mu.Lock()
			if r.writers == nil {
				r.writers = map[int]*writer{}
			}
			r.writers[n] = w
			r.mu.Unlock()
			return isolate.Int(n), nil
		}},
		{Name: "body.write", Waits: true, Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			w, b := look(r, r.writers, c.Int(0)), c.Bytes(1)
			if w == nil {
				return isolate.Value{}, isolate.Errorf("TypeError", "This WritableStream has been closed.")
			}
			resolver := c.Resolver(PinResponse, "a body that is being written")
			c.Turn().Send(func() {
				done := r.Clock.Work().Outside("writing a body")
				go func() {
					defer done()
					if _, err := w.pipe.Write(b); err != nil {
						resolver.Reject(networkError(err))
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
			return isolate.Undefined(), endWriting(c, errors.New(c.String(1)))
		}},
	}
}

// tellLeft makes what tells the program that writes a body, once, that its reader has gone.
func tellLeft(r *Realm, t *isolate.Turn, n int) func(begun bool, why *isolate.Error) {
	post := t.Poster()
	var once sync.Once
	return func(begun bool, why *isolate.Error) {
		once.Do(func() {
			if look(r, r.writers, n) == nil {
				return // all of it has been written
			}
			post(func(t *isolate.Turn) error {
				if look(r, r.writers, n) == nil {
					return nil
				}
				reason := isolate.Undefined()
				if why != nil && why.Thrown != nil {
					reason = isolate.Bytes(why.Thrown)
				}
				return t.Deliver(t.Isolate().Engine().Event("body.left"), isolate.Int(n), isolate.Bool(begun), reason)
			})
		})
	}
}

func takeWhole(c *isolate.Call) *Body {
	r := realmOf(c)
	b := look(r, r.bodies, c.Int(0))
	if b == nil || b.stream != nil || b.coding != Identity {
		return nil
	}
	return take(r, r.bodies, c.Int(0))
}

func endWriting(c *isolate.Call, why error) error {
	r := realmOf(c)
	w := take(r, r.writers, c.Int(0))
	if w == nil {
		return nil
	}
	if w.body != nil && w.body.ended != nil {
		w.body.ended(false)
	}
	if why != nil && w.gone != nil {
		why = w.gone
	}
	c.Turn().Send(func() { w.pipe.CloseWithError(why) })
	return nil
}

// writer is the end of a stream that JavaScript writes.
type writer struct {
	pipe *io.PipeWriter
	body *Body // what is written, if it is the body of a message
	// gone is what the reader gets when the writer fails or its isolate is gone; nil for the general
	// error of connections.
	gone error
}

// drop ends a stream whose writer is gone.
func (w *writer) drop() {
	if w.gone != nil {
		w.pipe.CloseWithError(w.gone)
		return
	}
	w.pipe.CloseWithError(io.ErrUnexpectedEOF)
}

func readAll(c *isolate.Call) (isolate.Value, error) {
	r := realmOf(c)
	b := take(r, r.bodies, c.Int(0))
	if b == nil {
		return isolate.Value{}, isolate.Errorf("TypeError", "Body has already been used.")
	}
	resolver := c.Resolver(PinResponse, b.reading())
	done := r.Clock.Work().Outside("reading a body")
	go func() {
		defer done()
		all, err := r.readAll(b.Reader())
		b.Close()
		if err != nil {
			resolver.Reject(networkError(err))
			return
		}
		resolver.Resolve(isolate.Bytes(all))
	}()
	return isolate.Undefined(), nil
}

// readAll reads to the end, or until the isolate has exceeded what it may make the host keep: a few bytes may decode to
// any number of them.
func (r *Realm) readAll(from io.Reader) ([]byte, error) {
	charge := r.charge(0)
	defer charge.free()
	var all bytes.Buffer
	for {
		n, err := io.CopyN(&all, from, 1<<20)
		charge.add(n)
		switch {
		case err == io.EOF:
			return all.Bytes(), nil
		case err != nil:
			return nil, err
		case r.exceeded.Load():
			return nil, isolate.ErrMemoryLimit
		}
	}
}

func readChunk(c *isolate.Call) (isolate.Value, error) {
	r := realmOf(c)
	n := c.Int(0)
	b := look(r, r.bodies, n)
	if b == nil {
		return isolate.Value{}, isolate.Errorf("TypeError", "Body has already been used.")
	}
	if b.stream == nil || b.coding != Identity {
		b.stream = b.Reader()
		b.coding = Identity
	}
	resolver := c.Resolver(PinResponse, b.reading())
	done := r.Clock.Work().Outside("reading a body")
	go func() {
		defer done()
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
