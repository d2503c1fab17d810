package platform

import (
	"context"
	"sync"

	"github.com/doemu/doemu/emulator/platform/websocket"
)

// mostUntaken is how many bytes of messages a program may be behind its peer before no more is read.
const mostUntaken = 1 << 20

// ServeSocket joins a connection of the network with a socket: what comes from one goes to the
// other. It returns when the connection has ended: with an error, if that was given up because the peer
// takes nothing. Admit, which may be nil, is called before each thing that comes, and waits until it may.
func ServeSocket(conn *websocket.Conn, s *Socket, admit func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := &wire{conn: conn, socket: s, admit: func() {
		if admit != nil {
			_ = admit(ctx) // nobody cancels
		}
	}}
	s.Attach(toWire{conn})
	conn.Serve(w)
	return w.gaveUp
}

// wire gives the socket what comes from the network.
type wire struct {
	conn   *websocket.Conn
	socket *Socket
	admit  func()
	gaveUp error

	mu      sync.Mutex
	untaken int           // bytes of messages that the program has not had
	room    chan struct{} // closed when there is room, if somebody waits for that
}

func (w *wire) Message(text bool, data []byte) {
	w.admit()
	size := len(data) + messageCost
	w.mu.Lock()
	w.untaken += size
	w.mu.Unlock()
	w.socket.pass(Message{Text: text, Data: data, taken: sync.OnceFunc(func() { w.take(size) })})
	w.mu.Lock()
	var room chan struct{}
	if w.untaken > mostUntaken {
		room = make(chan struct{})
		w.room = room
	}
	w.mu.Unlock()
	if room != nil {
		select {
		case <-room:
		case <-w.conn.Done():
		}
	}
}

func (w *wire) take(size int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.untaken -= size
	if w.room != nil && w.untaken <= mostUntaken {
		close(w.room)
		w.room = nil
	}
}

func (w *wire) Close(code int, reason string) {
	w.admit()
	w.socket.Close(code, reason)
}

func (w *wire) Fail(err *websocket.ProtocolError) {
	w.admit()
	w.socket.Fail(err)
}

func (w *wire) Drop(why error) {
	w.gaveUp = why
	w.admit()
	w.socket.Drop()
}

// toWire gives the network what comes from the socket.
type toWire struct{ conn *websocket.Conn }

// Message implements Receiver. A message that waits for the network is bounded there.
func (w toWire) Message(m Message) {
	w.conn.Send(m.Text, m.Data)
	m.Taken()
}

// Close implements Receiver.
func (w toWire) Close(code int, reason string, clean bool) {
	if !clean {
		w.conn.Drop()
		return
	}
	w.conn.Close(code, reason)
}

// Fail implements Receiver.
func (w toWire) Fail(error) { w.conn.Drop() }
