package platform

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// MessageLimit is how many bytes a received WebSocket message may have.
// https://developers.cloudflare.com/durable-objects/platform/limits/
const MessageLimit = 32 << 20

// ServeSocket joins a connection of the network with a socket: what comes from one goes to the
// other. It returns when the connection has ended. Admit, which may be nil, is called before each thing
// that comes, and waits until it may.
func ServeSocket(ctx context.Context, conn *websocket.Conn, s *Socket, admit func(context.Context) error) {
	conn.SetReadLimit(MessageLimit)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.Attach(&connWriter{ctx: ctx, conn: conn})
	for {
		kind, data, err := conn.Read(ctx)
		if admit != nil && admit(ctx) != nil {
			err = ctx.Err()
		}
		if err == nil {
			s.Send(kind == websocket.MessageText, data)
			continue
		}
		var closed websocket.CloseError
		switch {
		case errors.As(err, &closed):
			s.Close(int(closed.Code), closed.Reason)
		case errors.Is(err, websocket.ErrMessageTooBig):
			s.Fail(fmt.Errorf("WebSocket protocol error; protocolError.statusCode = 1009; protocolError.description = Message is too large: > %d", MessageLimit))
		default:
			s.Drop()
		}
		// The connection is unusable by now; closing it again gives the same error.
		_ = conn.CloseNow()
		return
	}
}

// connWriter writes what a socket receives to the network, on a goroutine that exists only while
// there is something to write.
type connWriter struct {
	ctx  context.Context
	conn *websocket.Conn

	mu      sync.Mutex
	queue   []func() error
	writing bool
}

// writeTime is how long a client may take no byte of a message.
const writeTime = 30 * time.Second

func (w *connWriter) push(f func() error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, f)
	if !w.writing {
		w.writing = true
		go w.run()
	}
}

func (w *connWriter) run() {
	for {
		w.mu.Lock()
		batch := w.queue
		w.queue = nil
		if len(batch) == 0 {
			w.writing = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		for _, f := range batch {
			if err := f(); err != nil {
				// The reader sees the broken connection and tells the socket.
				_ = w.conn.CloseNow()
			}
		}
	}
}

func (w *connWriter) Message(text bool, data []byte) {
	w.push(func() error {
		ctx, cancel := context.WithTimeout(w.ctx, writeTime)
		defer cancel()
		kind := websocket.MessageBinary
		if text {
			kind = websocket.MessageText
		}
		return w.conn.Write(ctx, kind, data)
	})
}

func (w *connWriter) Close(code int, reason string, clean bool) {
	w.push(func() error {
		if !clean {
			return w.conn.CloseNow()
		}
		if code == 1005 {
			return w.conn.Close(websocket.StatusNoStatusRcvd, "")
		}
		// Close waits for the other side's answer, which the reader takes; its error is the reader's.
		_ = w.conn.Close(websocket.StatusCode(code), reason)
		return nil
	})
}

func (w *connWriter) Fail(error) {
	w.push(func() error { return w.conn.CloseNow() })
}
