package peer

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/yamux"
)

// A stream of its own begins with the number under which it was offered; frames follow: a tag, the length,
// the content.

// Tags of frames.
const (
	tagData   = 'd' // bytes of a body
	tagEnd    = 'e' // a body has ended well
	tagFail   = 'x' // a body has failed, with a failure or nothing; or a WebSocket, with a text
	tagCancel = 'c' // nobody reads on, with a failure or nothing
	tagText   = 't' // messages of a WebSocket
	tagBinary = 'b'
	tagClose  = 'k' // the close of a WebSocket: two bytes for the code, the reason
	tagGone   = 'g' // a WebSocket that just went away
)

// numberTime is how long the number of a stream may take to come.
const numberTime = 10 * time.Second

func readNumber(s *yamux.Stream) (uint64, error) {
	if err := s.SetReadDeadline(time.Now().Add(numberTime)); err != nil {
		return 0, err
	}
	var b [8]byte
	if _, err := io.ReadFull(s, b[:]); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b[:]), s.SetReadDeadline(time.Time{})
}

func writeNumber(s *yamux.Stream, n uint64) error {
	_, err := s.Write(binary.BigEndian.AppendUint64(nil, n))
	return err
}

func writeTagged(w io.Writer, tag byte, content []byte) error {
	frame := make([]byte, 0, 5+len(content))
	frame = binary.BigEndian.AppendUint32(append(frame, tag), uint32(len(content)))
	_, err := w.Write(append(frame, content...))
	return err
}

// readTagged reads a frame into buf, which grows up to most bytes.
func readTagged(r io.Reader, buf []byte, most int) (tag byte, content []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := int(binary.BigEndian.Uint32(head[1:]))
	if size > most {
		return 0, nil, fmt.Errorf("a frame of %d bytes", size)
	}
	// Memory comes with the bytes, not with what is announced.
	content = buf[:0]
	for len(content) < size {
		if len(content) == cap(content) {
			content = append(content, 0)[:len(content)]
		}
		part := content[len(content):min(cap(content), size)]
		n, err := io.ReadFull(r, part)
		if err != nil {
			return 0, nil, io.ErrUnexpectedEOF
		}
		content = content[:len(content)+n]
	}
	return head[0], content, nil
}
