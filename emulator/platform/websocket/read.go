package websocket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gobwas/ws"
)

const (
	opContinuation = ws.OpContinuation
	opText         = ws.OpText
	opBinary       = ws.OpBinary
	opClose        = ws.OpClose
	opPing         = ws.OpPing
	opPong         = ws.OpPong
)

// mostControl is how many bytes a ping, a pong or a close may carry.
const mostControl = ws.MaxControlFramePayloadSize

// compressed is the bit of a frame that says that its message is.
const compressed = 0b100

// message is what the peer sent: a message, or its close.
type message struct {
	text   bool
	data   []byte
	closed bool
	code   int
	reason string
}

func newBytesReader(b []byte) io.Reader { return bytes.NewReader(bytes.Clone(b)) }

func protocolError(format string, args ...any) error {
	return &ProtocolError{codeProtocol, fmt.Sprintf(format, args...)}
}

// read reads up to the next message or close, and answers pings on the way.
func (c *Conn) read() (message, error) {
	var (
		data    []byte
		op      ws.OpCode // of the message; opContinuation before its first frame
		deflate bool
		room    = c.limit // what the message may still have
	)
	for {
		h, err := c.readHeader(room)
		if err != nil {
			return message{}, err
		}
		switch {
		case !c.client && !h.Masked:
			return message{}, protocolError("Received frame of a client that is not masked")
		case h.Rsv&^compressed != 0:
			return message{}, protocolError("Received frame had RSV bits 2 or 3 set")
		case h.OpCode.IsControl():
			m, err := c.control(h)
			if err != nil || m.closed {
				return m, err
			}
			continue
		case h.Length > room:
			return message{}, tooLarge(uint64(h.Length), room)
		case h.OpCode == opContinuation && op == opContinuation:
			return message{}, protocolError("Unexpected continuation frame")
		case h.OpCode != opContinuation && op != opContinuation:
			return message{}, protocolError("Missing continuation frame")
		case h.OpCode == opText || h.OpCode == opBinary:
			op, deflate = h.OpCode, h.Rsv == compressed
			if deflate && !c.deflate {
				return message{}, protocolError("Received a WebSocket frame whose compression bit was set, but the compression " +
					"extension was not negotiated for this connection.")
			}
		case h.OpCode != opContinuation:
			return message{}, protocolError("Unknown opcode %d", h.OpCode)
		}
		if data, err = c.payload(data, h); err != nil {
			return message{}, err
		}
		room -= h.Length
		if !h.Fin {
			continue
		}
		if deflate {
			if data, err = inflate(data, c.limit); err != nil {
				return message{}, err
			}
		}
		return message{text: op == opText, data: data}, nil
	}
}

// readHeader reads the head of a frame. What is larger than can be said in a signed number is larger than
// the room.
func (c *Conn) readHeader(room int64) (ws.Header, error) {
	h, err := ws.ReadHeaderBuffer(c.br, c.header[:])
	if errors.Is(err, ws.ErrHeaderLengthMSB) {
		return h, tooLarge(binary.BigEndian.Uint64(c.header[:8]), room)
	}
	return h, err
}

func tooLarge(size uint64, room int64) error {
	return &ProtocolError{codeTooLarge, fmt.Sprintf("Message is too large: %d > %d", size, room)}
}

// control takes a frame that is not part of a message.
func (c *Conn) control(h ws.Header) (message, error) {
	switch {
	case h.OpCode > opPong:
		return message{}, protocolError("Unknown opcode %d", h.OpCode)
	case !h.Fin:
		return message{}, protocolError("Received fragmented control frame")
	case h.Length > mostControl:
		return message{}, protocolError("Received control frame of %d bytes, more than %d", h.Length, mostControl)
	}
	data, err := c.payload(nil, h)
	if err != nil {
		return message{}, err
	}
	switch h.OpCode {
	case opPing:
		c.answerPing(data)
	case opClose:
		m := message{closed: true, code: CodeNone}
		if len(data) >= 2 {
			m.code, m.reason = int(binary.BigEndian.Uint16(data)), string(data[2:])
		}
		return m, nil
	}
	return message{}, nil
}

// firstPart is what is set aside for a frame before its bytes have come: a peer that only announces them
// costs nothing.
const firstPart = 4 << 10

// payload appends a frame's payload to what there is.
func (c *Conn) payload(data []byte, h ws.Header) ([]byte, error) {
	offset := 0
	for left := int(h.Length); left > 0; {
		part := min(left, max(firstPart, len(data)))
		old := len(data)
		data = append(data, make([]byte, part)...)
		if _, err := io.ReadFull(c.br, data[old:]); err != nil {
			return nil, err
		}
		if h.Masked {
			ws.Cipher(data[old:], h.Mask, offset)
		}
		offset += part
		left -= part
	}
	return data, nil
}
