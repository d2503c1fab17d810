package websocket_test

import (
	"bytes"
	"io"
	"sync"
	"testing"

	"github.com/gobwas/ws"

	"github.com/doemu/doemu/emulator/platform/websocket"
)

// script is a connection whose peer sends bytes and goes away. What it gets is kept.
type script struct {
	io.Reader
	mu  sync.Mutex
	got bytes.Buffer
}

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.Write(p)
}

func (s *script) Close() error { return nil }

// ends counts what comes.
type ends struct {
	t        *testing.T
	messages [][]byte
	ended    int
}

func (e *ends) Message(_ bool, data []byte) {
	if e.ended > 0 {
		e.t.Error("a message after the end")
	}
	if len(data) > limit {
		e.t.Errorf("a message of %d bytes, over the limit", len(data))
	}
	e.messages = append(e.messages, data)
}

func (e *ends) Close(int, string)             { e.ended++ }
func (e *ends) Fail(*websocket.ProtocolError) { e.ended++ }
func (e *ends) Drop(error)                    { e.ended++ }

// Whatever a peer sends, the connection comes to one end, and what it answers are whole frames.
func FuzzConn(f *testing.F) {
	for _, seed := range []string{"\x81\x02hi", "\x01\x01a\x89\x01p\x80\x01b", "\x88\x02\x03\xe8", "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\xc1\x05\xf2\x48\xcd\xc9\xc9", "\xc1\x01\x07", "\x83\x00", "\x88\x80\x01\x02\x03\x04"} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, sent []byte, compress bool) {
		s := &script{Reader: bytes.NewReader(sent)}
		conn := websocket.New(s, compress, limit)
		got := &ends{t: t}
		conn.Serve(got)
		if got.ended != 1 {
			t.Errorf("%d ends, want 1", got.ended)
		}
		s.mu.Lock() // each write is of whole frames
		defer s.mu.Unlock()
		for s.got.Len() > 0 {
			h, err := ws.ReadHeader(&s.got)
			if err == nil {
				err = ws.CheckHeader(h, ws.StateClientSide)
			}
			if err != nil || int64(s.got.Len()) < h.Length {
				t.Fatalf("answered a frame that is none: %+v, %v", h, err)
			}
			s.got.Next(int(h.Length))
		}
	})
}

// A message arrives as it was, wherever it is cut and whatever comes between.
func FuzzConn_fragments(f *testing.F) {
	f.Add([]byte("hello"), []byte{1, 2}, uint32(0x01020304))
	f.Add([]byte{}, []byte{}, uint32(0))
	f.Fuzz(func(t *testing.T, message, cuts []byte, mask uint32) {
		var sent bytes.Buffer
		op, rest := ws.OpBinary, message
		frame := func(op ws.OpCode, fin bool, data []byte) {
			h := ws.Header{Fin: fin, OpCode: op, Length: int64(len(data)), Masked: true}
			h.Mask = [4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}
			_ = ws.WriteHeader(&sent, h)
			data = bytes.Clone(data)
			ws.Cipher(data, h.Mask, 0)
			sent.Write(data)
		}
		for _, cut := range cuts {
			n := min(int(cut), len(rest))
			frame(op, false, rest[:n])
			frame(ws.OpPing, true, []byte{cut})
			op, rest = ws.OpContinuation, rest[n:]
		}
		frame(op, true, rest)
		got := &ends{t: t}
		websocket.New(&script{Reader: &sent}, false, limit).Serve(got)
		if len(message) <= limit && (len(got.messages) != 1 || !bytes.Equal(got.messages[0], message)) {
			t.Errorf("got %d messages %q, want %q", len(got.messages), got.messages, message)
		}
	})
}
