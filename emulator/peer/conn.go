package peer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/yamux"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// conn is the connection with one other session. It takes messages from its first moment on: they leave,
// in order, once the connection stands.
//
// The first stream of the connection is the control stream, on which messages go both ways. Each body,
// stream and WebSocket has a stream of its own, which whoever receives the reference opens: so one that
// nobody reads holds up nothing else.
type conn struct {
	network *Network
	id      [idSize]byte // of the other session

	ctx  context.Context // ends with the connection
	stop context.CancelFunc
	wake chan struct{} // told when something was queued

	mu       sync.Mutex
	session  *yamux.Session // nil until the connection stands
	control  *yamux.Stream
	stands   chan struct{} // closed then
	failed   error         // why it has ended
	queue    [][]byte      // frames that wait to be written
	queued   int           // in bytes
	last     uint64        // number given to a question, a stub or a stream
	waiting  map[uint64]func(*message, error)
	stubs    map[uint64]platform.Stub              // of this process, which the other side has
	offers   map[uint64]func(*yamux.Stream, error) // streams that the other side is to open
	serving  map[uint64]context.CancelFunc
	taken    int        // bytes of questions of the other side that have no answer yet
	streams  int        // that are open or offered
	borrowed int        // values of the other side that stubs here lead to
	incoming []question // of the other side that wait to be let in
	letting  bool       // whether a goroutine lets them in
}

// limits are those of one connection. What goes over them ends in an error for who asks, or ends the
// connection.
type limits struct {
	// queued is how many bytes may wait because the other side reads too slowly.
	queued int
	// taken is how many bytes of questions may wait for an answer of this side, and served how many
	// questions.
	taken, served int
	// streams is how many bodies, streams and WebSockets may be under way, and borrowed how many values of
	// the other side there may be stubs of.
	streams, borrowed int
	// write is how long the other side may take no message.
	write time.Duration
}

var usualLimits = limits{queued: 256 << 20, taken: 256 << 20, served: 1 << 16, streams: 1 << 14, borrowed: 1 << 18, write: 30 * time.Second}

// errLost is what callers get when the other session has gone, in workerd's words.
var errLost = &isolate.Error{Message: "Network connection lost.", Props: `{"retryable":true}`}

var errBusy = &isolate.Error{Message: "Too much is waiting for the Workers of another session.", Props: `{"overloaded":true}`}

func newConn(n *Network, id [idSize]byte) *conn {
	ctx, stop := context.WithCancel(context.Background())
	return &conn{
		network: n, id: id, ctx: ctx, stop: stop, wake: make(chan struct{}, 1), stands: make(chan struct{}),
		waiting: map[uint64]func(*message, error){}, stubs: map[uint64]platform.Stub{},
		offers: map[uint64]func(*yamux.Stream, error){}, serving: map[uint64]context.CancelFunc{},
	}
}

func muxConfig() *yamux.Config {
	c := yamux.DefaultConfig()
	c.LogOutput = io.Discard // what goes wrong is the error of those who wait
	return c
}

// attach gives the conn its connection: dialed tells who called. It reports false if it has one already,
// or has failed.
func (c *conn) attach(raw net.Conn, dialed bool) (ok bool, err error) {
	c.mu.Lock()
	if c.session != nil || c.failed != nil {
		c.mu.Unlock()
		return false, nil
	}
	make := yamux.Server
	if dialed {
		make = yamux.Client
	}
	session, err := make(raw, muxConfig())
	if err != nil {
		c.mu.Unlock()
		return false, err
	}
	c.session = session
	c.mu.Unlock()
	c.network.run(func() { c.work(session, dialed) })
	return true, nil
}

// work serves the connection until it ends.
func (c *conn) work(session *yamux.Session, dialed bool) {
	control, err := openControl(session, dialed)
	if err != nil {
		c.fail(errLost)
		return
	}
	c.mu.Lock()
	c.control = control
	close(c.stands)
	c.mu.Unlock()
	c.network.run(func() { c.write(control) })
	c.network.run(func() { c.accept(session) })
	err = c.read(control)
	if err != io.EOF && c.ctx.Err() == nil {
		c.network.log.Debug("connection with another session ended", "err", err)
	}
	c.fail(errLost)
}

func openControl(session *yamux.Session, dialed bool) (*yamux.Stream, error) {
	if dialed {
		return session.OpenStream()
	}
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTime)
	defer cancel()
	return session.AcceptStreamWithContext(ctx)
}

// read takes the messages of the other side until there are no more. Nothing that it calls waits.
func (c *conn) read(control *yamux.Stream) error {
	r := bufio.NewReaderSize(control, 64<<10)
	for {
		m, err := readMessage(r)
		if err != nil {
			return err
		}
		if err := c.take(m); err != nil {
			return err
		}
	}
}

// write sends what is queued.
func (c *conn) write(control *yamux.Stream) {
	w := bufio.NewWriterSize(control, 64<<10)
	for {
		select {
		case <-c.wake:
		case <-c.ctx.Done():
			return
		}
		for {
			c.mu.Lock()
			batch := c.queue
			c.queue, c.queued = nil, 0
			c.mu.Unlock()
			if len(batch) == 0 {
				break
			}
			for _, frame := range batch {
				if err := c.writeFrame(control, w, frame); err != nil {
					c.fail(errLost)
					return
				}
			}
			if err := w.Flush(); err != nil {
				c.fail(errLost)
				return
			}
		}
	}
}

func (c *conn) writeFrame(control *yamux.Stream, w io.Writer, frame []byte) error {
	if err := control.SetWriteDeadline(time.Now().Add(c.network.limits.write)); err != nil {
		return err
	}
	_, err := w.Write(frame)
	return err
}

// send queues a message. It does nothing once the connection has ended.
func (c *conn) send(m *message) error {
	frame, err := m.encode()
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.failed != nil {
		c.mu.Unlock()
		return nil
	}
	c.queue = append(c.queue, frame)
	c.queued += len(frame)
	full := c.queued > c.network.limits.queued
	c.mu.Unlock()
	if full {
		c.fail(errLost)
		return nil
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return nil
}

// accept takes the streams that the other side opens.
func (c *conn) accept(session *yamux.Session) {
	unnamed := make(chan struct{}, 64)
	for {
		s, err := session.AcceptStream()
		if err != nil {
			c.fail(errLost)
			return
		}
		unnamed <- struct{}{}
		c.network.run(func() {
			number, err := readNumber(s)
			<-unnamed
			offer := c.takeOffer(number)
			if err != nil || offer == nil {
				// It has gone in the meantime, or never was: the other side sees the end.
				_ = s.Close()
				return
			}
			offer(s, nil)
			c.closed()
		})
	}
}

// closed counts a stream that has ended.
func (c *conn) closed() {
	c.mu.Lock()
	c.streams--
	c.mu.Unlock()
}

// offer keeps a stream for the other side to open, and gives its number. When does that, it is served by a
// goroutine of its own; if the connection ends before, serve gets the error.
func (c *conn) offer(serve func(*yamux.Stream, error)) uint64 {
	c.mu.Lock()
	failed := c.failed
	if failed == nil && c.streams >= c.network.limits.streams {
		failed = errBusy
	}
	if failed != nil {
		c.mu.Unlock()
		serve(nil, failed)
		return 0
	}
	c.streams++
	c.last++
	n := c.last
	c.offers[n] = serve
	c.mu.Unlock()
	return n
}

func (c *conn) takeOffer(n uint64) func(*yamux.Stream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	serve := c.offers[n]
	delete(c.offers, n)
	return serve
}

// open opens a stream that the other side offered, and serves it on a goroutine of its own.
func (c *conn) open(number uint64, serve func(*yamux.Stream, error)) {
	c.mu.Lock()
	failed, session := c.failed, c.session
	if failed == nil && c.streams >= c.network.limits.streams {
		failed = errBusy
	}
	if failed == nil {
		c.streams++
	}
	c.mu.Unlock()
	if failed != nil {
		serve(nil, failed)
		return
	}
	c.network.run(func() {
		defer c.closed()
		s, err := session.OpenStream()
		if err == nil {
			err = writeNumber(s, number)
		}
		serve(s, err)
	})
}

// lasts tells whether the connection has not ended.
func (c *conn) lasts() bool { return c.ctx.Err() == nil }

// isAttached tells whether it has a connection, or has ended.
func (c *conn) isAttached() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session != nil || c.failed != nil
}

// answers tells whether the other side still has the connection.
func (c *conn) answers() bool {
	c.mu.Lock()
	session := c.session
	c.mu.Unlock()
	if session == nil {
		return false
	}
	_, err := session.Ping()
	return err == nil
}

// fail ends the connection: whoever waits for it gets the error, and what the other side held is let go of.
func (c *conn) fail(why error) { c.failIf(why, func() bool { return true }) }

// failUnlessAttached ends a conn that gets no connection.
func (c *conn) failUnlessAttached(why error) {
	c.failIf(why, func() bool { return c.session == nil })
}

func (c *conn) failIf(why error, holds func() bool) {
	c.mu.Lock()
	if c.failed != nil || !holds() {
		c.mu.Unlock()
		return
	}
	c.failed = why
	session, waiting, stubs, offers, serving, incoming := c.session, c.waiting, c.stubs, c.offers, c.serving, c.incoming
	c.queue, c.waiting, c.stubs, c.offers, c.serving, c.incoming = nil, nil, nil, nil, nil, nil
	c.mu.Unlock()
	c.stop()
	if session != nil {
		_ = session.Close() // it is of no use any more
	}
	c.network.forget(c)
	for _, answer := range waiting {
		answer(nil, why)
	}
	for _, cancel := range serving {
		cancel()
	}
	for _, q := range incoming {
		q.drop()
	}
	for _, serve := range offers {
		serve(nil, why)
	}
	for _, stub := range stubs {
		platform.Drop(stub)
	}
}

func protocolError(format string, args ...any) error {
	return fmt.Errorf("another session does not keep to the protocol: "+format, args...)
}
