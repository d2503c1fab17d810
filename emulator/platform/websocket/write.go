package websocket

import (
	"bytes"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// frame is something to send.
type frame struct {
	op   ws.OpCode
	data []byte
}

// push queues a frame. A close is the last one that is taken.
func (c *Conn) push(f frame, last bool) {
	size := len(f.data) + frameCost
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended || c.sentClose || c.finishing:
		return
	case !c.writing || c.waiting == 0:
	case c.waiting+size > mostWaiting+mostWaiting/64: // what the frames of large messages cost aside
		c.end(ErrBehind)
		return
	case c.waiting+size > alwaysWaiting && c.budget.short(size):
		c.end(ErrCrowd)
		return
	}
	c.sentClose = last
	c.queue = append(c.queue, f)
	c.waiting += size
	c.budget.add(size)
	c.startWriting()
}

// answerPing answers a ping. Of pings that come before the answer to one has left, the last is answered.
func (c *Conn) answerPing(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || c.sentClose {
		return
	}
	c.pong = append([]byte{}, data...)
	c.startWriting()
}

// startWriting sees to it that a goroutine writes, which exists only while there is something to write.
func (c *Conn) startWriting() {
	if !c.writing {
		c.writing = true
		go c.write()
	}
}

// buffers are for frames on their way to the network.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// mostTogether is how many bytes of small messages leave in one write.
const mostTogether = 64 << 10

func (c *Conn) write() {
	buf := buffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= 2*mostTogether {
			buffers.Put(buf)
		}
	}()
	for {
		buf.Reset()
		if !c.take(buf) {
			return
		}
		stuck := time.AfterFunc(writeTime, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.end(ErrStuck)
		})
		_, err := c.rwc.Write(buf.Bytes())
		stuck.Stop()
		if err != nil {
			c.Drop() // the reader tells
		}
	}
}

// take puts what is next to be sent into the buffer. It is false when there is nothing, and the goroutine
// has to end.
func (c *Conn) take(buf *bytes.Buffer) bool {
	c.mu.Lock()
	if c.pong != nil {
		c.append(buf, frame{opPong, c.pong})
		c.pong = nil
	}
	var batch []frame
	size := 0
	for size < mostTogether && len(batch) < len(c.queue) {
		size += len(c.queue[len(batch)].data) + frameCost
		batch = c.queue[:len(batch)+1]
	}
	c.queue = c.queue[len(batch):]
	if len(c.queue) == 0 {
		c.queue = nil
	}
	c.waiting -= size
	c.budget.add(-size)
	if len(batch) == 0 && buf.Len() == 0 {
		c.writing = false
		c.rest()
		c.mu.Unlock()
		return false
	}
	c.mu.Unlock()
	for _, f := range batch {
		c.append(buf, f)
	}
	return true
}

// smallMessage is a message that compressing would not make smaller by much.
const smallMessage = 128

// append puts a frame into the buffer as the peer gets it.
func (c *Conn) append(buf *bytes.Buffer, f frame) {
	h := ws.Header{Fin: true, OpCode: f.op}
	data := f.data
	if c.deflate && f.op.IsData() && len(data) >= smallMessage {
		data, h.Rsv = deflate(data), compressed
	}
	h.Length = int64(len(data))
	if c.client {
		h.Masked, h.Mask = true, ws.NewMask()
	}
	_ = ws.WriteHeader(buf, h) // a buffer takes everything
	start := buf.Len()
	buf.Write(data)
	if h.Masked {
		ws.Cipher(buf.Bytes()[start:], h.Mask, 0)
	}
}
