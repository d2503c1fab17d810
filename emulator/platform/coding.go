package platform

import (
	"compress/gzip"
	"errors"
	"io"

	"github.com/andybalholm/brotli"

	"github.com/doemu/doemu/emulator/isolate"
)

// Coding is how the bytes of a body are compressed: by a name of Content-Encoding that the platform knows, or not at all.
// https://developers.cloudflare.com/workers/runtime-apis/response/#parameters (encodeBody)
type Coding string

// The codings.
const (
	Identity Coding = ""
	Gzip     Coding = "gzip"
	Brotli   Coding = "br"
)

// Coding is what the headers of a response say of its body. Names that the platform does not know, in other letters and
// lists among them, are the program's own matter.
func (h Headers) Coding() Coding {
	switch c := Coding(h.Get("Content-Encoding")); c {
	case Gzip, Brotli:
		return c
	default:
		return Identity
	}
}

// Encoded says that the body has the bytes that the headers speak of: it came from elsewhere.
func (r *Response) Encoded() {
	r.Coding = r.Headers.Coding()
	if r.Body != nil {
		r.Body.coding = r.Coding
	}
}

// coding is what headers say of a body to the programs of the realm: brotli came with a compatibility date.
func (r *Realm) coding(h Headers) Coding {
	if c := h.Coding(); c != Brotli || r.Brotli {
		return c
	}
	return Identity
}

// Recoded is the body as it leaves: its content in a coding. A body whose bytes have that coding already passes as it is.
// What is compressed or decompressed has no length, and is made as it is read.
func (b *Body) Recoded(to Coding) *Body {
	if b == nil {
		return nil
	}
	if b.coding == to {
		plain := *b
		plain.coding = Identity
		return &plain
	}
	if whole, ok := b.Whole(); ok && len(whole) == 0 {
		return b // nothing is left as it is
	}
	content := b.Reader()
	if to != Identity {
		content = compress(content, to)
	}
	return &Body{stream: content, length: -1, url: b.url, ended: b.ended, left: b.left}
}

// labelled is a body that leaves in one coding and arrives under headers that say another: its content is what that one
// decodes to.
func (b *Body) labelled(leaves, label Coding) *Body {
	if whole, ok := b.Whole(); leaves == label && !(ok && len(whole) == 0) {
		return b
	}
	arrived := *b.Recoded(leaves)
	arrived.coding = label
	return &arrived
}

// raw reads the bytes of the body as they are.
func (b *Body) raw() io.ReadCloser {
	plain := *b
	plain.coding = Identity
	return plain.Reader()
}

// compress gives what is read from r in a coding. Each part that comes leaves at once, so that the other end need not
// wait for more.
func compress(r io.ReadCloser, to Coding) io.ReadCloser {
	out, pipe := io.Pipe()
	c := &compressed{PipeReader: out, source: r}
	c.start = func() {
		var w interface {
			io.WriteCloser
			Flush() error
		}
		if to == Brotli {
			w = brotli.NewWriterLevel(pipe, brotli.DefaultCompression)
		} else {
			w = gzip.NewWriter(pipe)
		}
		pipe.CloseWithError(copyFlushing(w, r))
	}
	return c
}

// compressed is the reading end of compress, whose work begins with the first read.
type compressed struct {
	*io.PipeReader
	source  io.ReadCloser
	start   func()
	started bool
}

func (c *compressed) Read(p []byte) (int, error) {
	if !c.started {
		c.started = true
		go c.start()
	}
	return c.PipeReader.Read(p)
}

func (c *compressed) Close() error { return errors.Join(c.PipeReader.Close(), c.source.Close()) }

// CloseWithError tells the sender why nobody reads on.
func (c *compressed) CloseWithError(err error) error {
	c.PipeReader.CloseWithError(err)
	if pipe, ok := c.source.(failing); ok {
		return pipe.CloseWithError(err)
	}
	return c.source.Close()
}

func copyFlushing(w interface {
	io.WriteCloser
	Flush() error
}, r io.Reader) error {
	buf := chunks.Get().(*[]byte)
	defer chunks.Put(buf)
	for {
		n, err := r.Read(*buf)
		if n > 0 {
			if _, err := w.Write((*buf)[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return w.Close()
		case err != nil:
			return err
		case n > 0:
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
}

// decompress gives the content of what is read from r. It reads no more than it is asked for, however much the content
// is.
func decompress(r io.ReadCloser, from Coding) io.ReadCloser {
	d := &decompressed{source: &remembering{ReadCloser: r}, coding: from}
	if from == Brotli {
		d.content = brotli.NewReader(d.source)
	}
	return d
}

type decompressed struct {
	source  *remembering
	coding  Coding
	content io.Reader // nil for gzip until its first bytes are read
}

// remembering keeps the error of a reader, so that errors of its content are told from it.
type remembering struct {
	io.ReadCloser
	err error
}

func (r *remembering) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

func (d *decompressed) Read(p []byte) (int, error) {
	if d.content == nil {
		content, err := gzip.NewReader(d.source)
		if err != nil {
			return 0, d.failure(err)
		}
		d.content = content
	}
	n, err := d.content.Read(p)
	if err != nil && err != io.EOF {
		err = d.failure(err)
	}
	return n, err
}

func (d *decompressed) failure(err error) error {
	if d.source.err != nil {
		return d.source.err
	}
	name := "Gzip"
	if d.coding == Brotli {
		name = "Brotli"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return isolate.Errorf("TypeError", "%s compressed stream ended prematurely.", name)
	}
	return isolate.Errorf("TypeError", "%s decompression failed.", name)
}

func (d *decompressed) Close() error { return d.source.Close() }

// CloseWithError tells the sender why nobody reads on.
func (d *decompressed) CloseWithError(err error) error {
	if pipe, ok := d.source.ReadCloser.(failing); ok {
		return pipe.CloseWithError(err)
	}
	return d.source.Close()
}

// Recode makes the body what the response has to leave with: its content, in a coding.
func (r *Response) Recode(to Coding) {
	if r.Body != nil {
		r.Body = r.Body.labelled(r.Coding, r.Headers.Coding()).Recoded(to)
	}
	r.Coding = to
}
