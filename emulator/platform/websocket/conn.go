package websocket

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Codes of a close that the protocol itself gives.
// https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
const (
	CodeNone     = 1005 // a close that has no code
	codeProtocol = 1002
	codeTooLarge = 1009
)

// Handler takes what the peer sends, in order, on the goroutine of [Conn.Serve]. Nothing is read while a
// method runs.
type Handler interface {
	Message(text bool, data []byte)
	// Close is the peer's close: nothing follows it. The connection stays open until [Conn.Close] answers
	// it or the peer goes away.
	Close(code int, reason string)
	// Fail is what the peer did against the protocol. The peer has been told, and the connection ends.
	Fail(err *ProtocolError)
	// Drop is the end of a connection without a close. The error is nil when the peer went away, and says
	// why when this side gave the peer up.
	Drop(why error)
}

// ProtocolError is what a peer did against the protocol.
type ProtocolError struct {
	Code        int
	Description string
}

// Error is in workerd's words.
func (e *ProtocolError) Error() string {
	return fmt.Sprintf("WebSocket protocol error; protocolError.statusCode = %d; protocolError.description = %s", e.Code, e.Description)
}

// What a peer that reads slowly may do: so much may wait for it beside the message that is being written,
// and so long may it take nothing of that.
const (
	mostWaiting = 64 << 20
	writeTime   = 30 * time.Second
	// alwaysWaiting may wait even where a budget is used up, and frameCost is what any frame counts beside its bytes.
	alwaysWaiting = 256 << 10
	frameCost     = 64
)

// Why this side gives a peer up.
var (
	ErrBehind = fmt.Errorf("the peer reads so slowly that %d MiB wait for it", mostWaiting>>20)
	ErrCrowd  = errors.New("the peers of all connections read so slowly that there is no room for what waits for this one")
	ErrStuck  = fmt.Errorf("the peer has taken nothing for %v", writeTime)
)

// Conn is one end of a connection. Send, Close, Finish and Drop may be called from any goroutine; they
// do not wait for the peer.
type Conn struct {
	rwc     io.ReadWriteCloser
	br      *bufio.Reader
	client  bool // this side asked for the connection: it masks its frames
	deflate bool
	limit   int64 // of a message's bytes
	header  [12]byte

	mu        sync.Mutex
	queue     []frame
	waiting   int // bytes in queue, and what its frames cost
	budget    *Budget
	pong      []byte // the payload to answer the last ping with; nil for none
	writing   bool
	sentClose bool // queued or written
	gotClose  bool
	finishing bool          // the connection ends with what is queued
	failed    bool          // the peer broke the protocol
	ended     bool          // rwc is closed
	why       error         // this side gave up
	done      chan struct{} // closed when the connection has ended
}

// smallRead is the buffer of a connection. Most messages fit in; longer ones are read in place.
const smallRead = 512

// New is the server's end of a connection on which the handshake is done. If deflate was agreed, messages are
// compressed. Limit is how many bytes a received message may have.
func New(rwc io.ReadWriteCloser, deflate bool, limit int64) *Conn {
	return newConn(rwc, nil, false, deflate, limit)
}

func newConn(rwc io.ReadWriteCloser, early []byte, client, deflate bool, limit int64) *Conn {
	var r io.Reader = rwc
	if len(early) > 0 {
		r = io.MultiReader(newBytesReader(early), rwc)
	}
	return &Conn{rwc: rwc, br: bufio.NewReaderSize(r, smallRead), client: client, deflate: deflate, limit: limit, done: make(chan struct{})}
}

// Serve reads what the peer sends until the connection has ended.
func (c *Conn) Serve(h Handler) {
	defer c.Drop()
	for {
		m, err := c.read()
		var broken *ProtocolError
		switch {
		case errors.As(err, &broken):
			c.fail(broken)
			h.Fail(broken)
			c.drain()
			return
		case err != nil:
			c.mu.Lock()
			why := c.why
			c.mu.Unlock()
			h.Drop(why)
			return
		case m.closed:
			h.Close(m.code, m.reason)
			c.closed()
			// A peer that waits for the answer may go away meanwhile. What it sends is not to be read.
			_, _ = io.Copy(io.Discard, c.br)
			return
		default:
			h.Message(m.text, m.data)
		}
	}
}

// Send sends a message, unless this side has closed.
func (c *Conn) Send(text bool, data []byte) {
	op := opBinary
	if text {
		op = opText
	}
	c.push(frame{op, data}, false)
}

// Close tells the peer that nothing more comes. Code 1005 sends none. When the peer has closed too, the
// connection ends.
func (c *Conn) Close(code int, reason string) {
	c.push(frame{opClose, closePayload(code, reason)}, true)
}

// Finish ends the connection once what is queued has been sent.
func (c *Conn) Finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finishing = true
	c.rest()
}

// Drop ends the connection at once. The peer sees it end without a close, if it has not had one.
func (c *Conn) Drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(nil)
}

// end closes the connection; the lock is held.
func (c *Conn) end(why error) {
	if c.ended {
		return
	}
	c.budget.add(-c.waiting)
	c.ended, c.why, c.queue, c.pong, c.waiting = true, why, nil, nil, 0
	_ = c.rwc.Close() // there is nobody to tell
	close(c.done)
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// closed notes the peer's close.
func (c *Conn) closed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gotClose = true
	c.rest()
}

// rest ends a connection on which nothing is left to be done. The lock is held.
func (c *Conn) rest() {
	switch {
	case c.writing:
	case c.failed:
		c.halfClose()
	case c.finishing || c.sentClose && c.gotClose:
		c.end(nil)
	}
}

// fail tells the peer of its mistake. Nothing is sent afterwards.
func (c *Conn) fail(err *ProtocolError) {
	c.push(frame{opClose, closePayload(err.Code, err.Description)}, true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = true
	c.rest()
}

// lingerTime and mostLinger are how long, and for how many bytes, a peer that broke the protocol is still
// listened to: an end of the connection with bytes unread would take the close away from it.
const (
	lingerTime = 2 * time.Second
	mostLinger = 64 << 20
)

func (c *Conn) drain() {
	timer := time.AfterFunc(lingerTime, c.Drop)
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, c.br, mostLinger)
}

// halfClose says that nothing more is sent. The lock is held.
func (c *Conn) halfClose() {
	if half, ok := c.rwc.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		c.end(nil)
	}
}

func closePayload(code int, reason string) []byte {
	if code == CodeNone {
		return nil
	}
	if len(reason) > mostReason {
		reason = cutText(reason, mostReason)
	}
	return append([]byte{byte(code >> 8), byte(code)}, reason...)
}

// mostReason is what fits into a close beside its code.
const mostReason = mostControl - 2

// cutText cuts a text to so many bytes, between two characters.
func cutText(s string, most int) string {
	for most > 0 && s[most]&0xc0 == 0x80 {
		most--
	}
	return s[:most]
}
