package emulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/platform/websocket"
)

// mostUnread is how many bytes may wait for the clients of all WebSockets together. One that takes nothing is given up
// when there is no more room, or when too much waits for it alone.
const mostUnread = 256 << 20

// connections are the clients' WebSockets.
type connections struct {
	unread *websocket.Budget
	mu     sync.Mutex
	open   map[*websocket.Conn]struct{}
	done   sync.WaitGroup
}

// serve joins a connection with a socket until it ends.
func (c *connections) serve(conn *websocket.Conn, serve func()) {
	c.mu.Lock()
	if c.open == nil {
		c.open = map[*websocket.Conn]struct{}{}
	}
	c.open[conn] = struct{}{}
	c.mu.Unlock()
	c.done.Go(func() {
		serve()
		c.mu.Lock()
		delete(c.open, conn)
		c.mu.Unlock()
	})
}

// closeTime is how long clients may take the last of what was sent to them.
const closeTime = time.Second

// close ends the connections once what they were sent has left.
func (c *connections) close() {
	c.mu.Lock()
	open := slices.Collect(maps.Keys(c.open))
	c.mu.Unlock()
	for _, conn := range open {
		conn.Finish()
	}
	late := time.AfterFunc(closeTime, func() {
		for _, conn := range open {
			conn.Drop()
		}
	})
	defer late.Stop()
	c.done.Wait()
}

// serveSocket joins the client with the socket that the Worker returned. The connection has a goroutine of
// its own, which costs less than the server's.
func (e *Emulator) serveSocket(w http.ResponseWriter, r *http.Request, a answer) {
	socket := a.res.Socket
	if !websocket.Asks(r) {
		socket.Drop()
		writeError(w, r, `TypeError: Worker tried to return a WebSocket in a response to a request which did not contain the header "Upgrade: websocket".`)
		return
	}
	header := http.Header{}
	for _, h := range a.res.Headers {
		header.Add(h.Name, h.Value)
	}
	// A Worker can say what it wants of extensions: nothing at all, for example.
	compress := a.compress
	if extensions, ok := header["Sec-Websocket-Extensions"]; ok {
		compress = compress && strings.Contains(strings.Join(extensions, ","), "permessage-deflate")
	}
	// Which origins may connect is the Worker's affair.
	conn, err := websocket.Accept(w, r, header, compress, e.options.Limits.sockets().MessageBytes())
	if err != nil {
		socket.Drop()
		return
	}
	conn.ShareOf(e.connections.unread)
	e.connections.serve(conn, func() {
		if err := platform.ServeSocket(conn, socket, e.admit); err != nil {
			e.options.Log.Warn("A WebSocket was ended: "+err.Error()+".", "client", r.RemoteAddr)
		}
	})
}
