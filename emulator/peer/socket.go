package peer

import (
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/yamux"

	"github.com/doemu/doemu/emulator/platform"
)

// mostWaiting is how many bytes of messages may wait for a WebSocket of another session.
const mostWaiting = 64 << 20

// socketLine carries a WebSocket over a stream: it is the receiver of what this side sends.
type socketLine struct {
	stream *yamux.Stream
	wake   chan struct{}
	done   chan struct{} // closed when the stream has ended

	mu      sync.Mutex
	queue   []socketFrame
	waiting int
	ended   bool // the last frame is in the queue
}

type socketFrame struct {
	tag     byte
	content []byte
}

// serveSocket joins a socket with a stream until both sides have closed it, or either is gone.
func serveSocket(stream *yamux.Stream, err error, s *platform.Socket) {
	if err != nil {
		s.Attach(nobody{})
		s.Drop()
		if stream != nil {
			_ = stream.Close()
		}
		return
	}
	l := &socketLine{stream: stream, wake: make(chan struct{}, 1), done: make(chan struct{})}
	written := make(chan struct{})
	go func() {
		defer close(written)
		l.write()
	}()
	s.Attach(l)
	if !readSocket(stream, s) {
		// It has gone: the connection, the other end, or all sense in what it sends.
		s.Drop()
		close(l.done)
		_ = stream.SetWriteDeadline(time.Now())
		_ = stream.Close()
		<-written
		return
	}
	// The other side has closed; this one may still send, until it closes too.
	<-written
	close(l.done)
	_ = stream.Close()
}

// readSocket gives a socket what comes. It reports whether the other side closed it.
func readSocket(stream *yamux.Stream, s *platform.Socket) bool {
	for {
		tag, content, err := readTagged(stream, nil, platform.MessageLimit)
		if err != nil {
			return false
		}
		switch tag {
		case tagText, tagBinary:
			s.Send(tag == tagText, content)
		case tagClose:
			if len(content) < 2 {
				return false
			}
			s.Close(int(binary.BigEndian.Uint16(content)), string(content[2:]))
			return true
		case tagFail:
			s.Fail(errors.New(string(content)))
			return false
		default: // tagGone, or no tag of a WebSocket
			return false
		}
	}
}

// write sends the frames until the last one.
func (l *socketLine) write() {
	for {
		l.mu.Lock()
		batch, ended := l.queue, l.ended
		l.queue, l.waiting = nil, 0
		l.mu.Unlock()
		for _, f := range batch {
			if writeTagged(l.stream, f.tag, f.content) != nil {
				_ = l.stream.Close() // whoever reads it sees that
				return
			}
		}
		switch {
		case len(batch) > 0:
		case ended:
			return
		default:
			select {
			case <-l.wake:
			case <-l.done:
				return
			}
		}
	}
}

func (l *socketLine) push(tag byte, content []byte, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.queue = append(l.queue, socketFrame{tag, content})
	l.waiting += len(content)
	l.ended = last
	if l.waiting > mostWaiting {
		l.queue, l.ended = []socketFrame{{tagGone, nil}}, true
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Message implements platform.Receiver.
func (l *socketLine) Message(m platform.Message) {
	tag := byte(tagBinary)
	if m.Text {
		tag = tagText
	}
	l.push(tag, m.Data, false)
	m.Taken()
}

// Close implements platform.Receiver.
func (l *socketLine) Close(code int, reason string, clean bool) {
	if !clean {
		l.push(tagGone, nil, true)
		return
	}
	l.push(tagClose, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...), true)
}

// Fail implements platform.Receiver.
func (l *socketLine) Fail(err error) { l.push(tagFail, []byte(err.Error()), true) }

// nobody takes what comes to a socket whose other end is lost.
type nobody struct{}

func (nobody) Message(m platform.Message) { m.Taken() }
func (nobody) Close(int, string, bool)    {}
func (nobody) Fail(error)                 {}

// offerSocket offers a socket to the other side.
func (c *conn) offerSocket(s *platform.Socket) uint64 {
	return c.offer(func(stream *yamux.Stream, err error) { serveSocket(stream, err, s) })
}

// takeSocket is a socket that the other side offers.
func (c *conn) takeSocket(number uint64) *platform.Socket {
	ours, theirs := platform.NewPair()
	c.open(number, func(stream *yamux.Stream, err error) { serveSocket(stream, err, ours) })
	return theirs
}
