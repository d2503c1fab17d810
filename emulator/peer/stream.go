package peer

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/hashicorp/yamux"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

const (
	// chunkSize is how much of a body travels at once.
	chunkSize = 64 << 10
	// mostFailure is how many bytes an error at the end of a stream may have.
	mostFailure = 1 << 20
)

// pumpOut sends a body to the other side, as fast as that reads it.
func pumpOut(s *yamux.Stream, err error, b *platform.Body) {
	if err != nil {
		b.Close()
		if s != nil {
			_ = s.Close()
		}
		return
	}
	cancelled := make(chan struct{})
	go func() {
		defer close(cancelled)
		// Nothing but the end of reading comes this way.
		if tag, content, err := readTagged(s, nil, mostFailure); err == nil && tag == tagCancel {
			b.CloseWith(parseFailure(content))
		} else {
			b.Close()
		}
		_ = s.SetWriteDeadline(time.Now()) // what is being written arrives nowhere
	}()
	sendBody(s, b.Reader())
	_ = s.Close() // what was written still arrives
	<-cancelled
}

func sendBody(s io.Writer, r io.Reader) {
	buf := make([]byte, chunkSize)
	for {
		n, err := r.Read(buf)
		if n > 0 && writeTagged(s, tagData, buf[:n]) != nil {
			return
		}
		switch {
		case err == io.EOF:
			_ = writeTagged(s, tagEnd, nil) // if that fails, the reader sees a stream without an end
			return
		case err != nil:
			_ = writeTagged(s, tagFail, encodeFailure(err))
			return
		}
	}
}

// pumpIn writes what comes of a body into a pipe, when what came before has been read. It ends the
// pipe as the sender ends the body.
func (c *conn) pumpIn(s *yamux.Stream, err error, to *io.PipeWriter) {
	if err != nil {
		to.CloseWithError(lostStream(err))
		if s != nil {
			_ = s.Close()
		}
		return
	}
	defer s.Close()
	// Without the connection nothing more comes, however long the reader waits.
	defer context.AfterFunc(c.ctx, func() { to.CloseWithError(io.ErrUnexpectedEOF) })()
	buf := make([]byte, 0, chunkSize)
	for {
		tag, content, err := readTagged(s, buf, mostFailure)
		switch {
		case err != nil:
			to.CloseWithError(io.ErrUnexpectedEOF)
			return
		case tag == tagData:
			buf = content
			if _, err := to.Write(content); err != nil {
				_ = writeTagged(s, tagCancel, encodeFailure(err))
				return
			}
		case tag == tagEnd:
			to.Close()
			return
		case tag == tagFail:
			to.CloseWithError(orUnexpected(parseFailure(content)))
			return
		default:
			to.CloseWithError(io.ErrUnexpectedEOF)
			return
		}
	}
}

func lostStream(err error) error {
	var told *isolate.Error
	if errors.As(err, &told) {
		return told
	}
	return io.ErrUnexpectedEOF
}

// orUnexpected is the error that a sender gave, or the general one.
func orUnexpected(told *isolate.Error) error {
	if told == nil {
		return io.ErrUnexpectedEOF
	}
	return told
}

// encodeFailure is an error that has words for the other side, or nothing.
func encodeFailure(err error) []byte {
	var told *isolate.Error
	if !errors.As(err, &told) {
		return nil
	}
	b, err := encoder.Marshal(failureOf(told))
	if err != nil || len(b) > mostFailure {
		return nil
	}
	return b
}

func parseFailure(b []byte) *isolate.Error {
	var f failure
	if len(b) == 0 || decoder.Unmarshal(b, &f) != nil || f.check() != nil {
		return nil
	}
	return &isolate.Error{Class: f.Class, Message: f.Message, Props: f.Props, Thrown: f.Thrown, Stack: f.Stack}
}

// inbound is the readable end of a body that comes. The sender hears at once when it is closed, not only
// with the next bytes.
type inbound struct {
	*io.PipeReader
	once   sync.Once
	closed chan struct{}
	why    error
}

func (b *inbound) Close() error { return b.CloseWithError(nil) }

// CloseWithError tells the sender why nobody reads on.
func (b *inbound) CloseWithError(why error) error {
	b.once.Do(func() {
		b.why = why
		close(b.closed)
	})
	return b.PipeReader.CloseWithError(why)
}

// reading is what readers have of an inbound. If they forget it, without reading to the end or closing it,
// the sender must not wait for ever: it is closed when it is garbage.
type reading struct{ *inbound }

// receiveBody is a body that the other side sends.
func (c *conn) receiveBody(number uint64, length int64) *platform.Body {
	pipe, writer := io.Pipe()
	b := &inbound{PipeReader: pipe, closed: make(chan struct{})}
	c.open(number, func(s *yamux.Stream, err error) {
		if err == nil {
			ended := make(chan struct{})
			defer close(ended)
			go func() {
				select {
				case <-b.closed:
					// pumpIn may say it too, which does no harm.
					_ = writeTagged(s, tagCancel, encodeFailure(b.why))
					_ = s.Close()
				case <-ended:
				}
			}()
		}
		c.pumpIn(s, err, writer)
	})
	reader := &reading{b}
	runtime.AddCleanup(reader, func(b *inbound) { _ = b.Close() }, b)
	return platform.StreamBody(reader, length)
}

// sendBody offers a body to the other side; small ones travel with the message. Done is called when the
// body has gone over, or ended otherwise.
func (c *conn) sendBody(b *platform.Body, done func()) *body {
	if b == nil {
		done()
		return nil
	}
	if whole, ok := b.Whole(); ok && len(whole) <= chunkSize {
		done()
		return &body{Whole: whole, Length: int64(len(whole))}
	}
	number := c.offer(func(s *yamux.Stream, err error) {
		pumpOut(s, err, b)
		done()
	})
	return &body{Stream: true, Number: number, Length: b.Length()}
}

func (c *conn) takeBody(b *body) *platform.Body {
	switch {
	case b == nil:
		return nil
	case !b.Stream:
		return platform.BytesBody(b.Whole)
	}
	return c.receiveBody(b.Number, max(b.Length, -1))
}
