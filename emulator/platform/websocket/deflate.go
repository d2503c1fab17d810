package websocket

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"sync"
)

// Messages are compressed each for itself: what a compressor would have to keep between two messages is
// more than a megabyte, for every connection. RFC 7692 lets either side ask for that.
// https://www.rfc-editor.org/rfc/rfc7692#section-7.1.1
const extension = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

// acceptsDeflate tells whether an offer of extensions can be answered with ours: one that limits the window
// that we compress with cannot.
func acceptsDeflate(offer string) bool {
	for one := range strings.SplitSeq(offer, ",") {
		params := strings.Split(one, ";")
		if !strings.EqualFold(strings.TrimSpace(params[0]), "permessage-deflate") {
			continue
		}
		fits := true
		for _, p := range params[1:] {
			name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			switch strings.ToLower(name) {
			case "server_no_context_takeover", "client_no_context_takeover", "client_max_window_bits":
			case "server_max_window_bits":
				fits = fits && strings.Trim(value, `"`) == "15"
			default:
				fits = false
			}
		}
		if fits {
			return true
		}
	}
	return false
}

// errExtension is for a server that takes an offer otherwise than it was made.
var errExtension = errors.New("the server answered with a WebSocket extension that was not asked for")

// answeredDeflate tells whether a server took our offer.
func answeredDeflate(offered bool, answer string) (bool, error) {
	switch {
	case strings.TrimSpace(answer) == "":
		return false, nil
	case !offered || !acceptsDeflate(answer) || !strings.Contains(strings.ToLower(answer), "server_no_context_takeover"):
		return false, errExtension
	}
	return true, nil
}

// compressor and decompressor are kept for the next message of any connection.
type compressor struct {
	w   *flate.Writer
	buf bytes.Buffer
}

type decompressor struct {
	r  io.Reader
	in bytes.Reader
}

var compressors = sync.Pool{New: func() any {
	c := new(compressor)
	c.w, _ = flate.NewWriter(&c.buf, flate.BestSpeed) // this level is one that there is
	return c
}}

var decompressors = sync.Pool{New: func() any {
	d := new(decompressor)
	d.r = flate.NewReader(&d.in)
	return d
}}

// tail is what a sender takes off a compressed message, and lastBlock an empty last block, by which a reader
// knows that it has ended.
const (
	tail      = "\x00\x00\xff\xff"
	lastBlock = "\x01\x00\x00\xff\xff"
)

func deflate(data []byte) []byte {
	c := compressors.Get().(*compressor)
	defer compressors.Put(c)
	c.buf = bytes.Buffer{}
	c.w.Reset(&c.buf)
	_, _ = c.w.Write(data) // a buffer takes everything
	_ = c.w.Flush()
	return bytes.TrimSuffix(c.buf.Bytes(), []byte(tail))
}

// inflate gives a message as it was; it reads no further than the limit.
func inflate(data []byte, limit int64) ([]byte, error) {
	d := decompressors.Get().(*decompressor)
	defer decompressors.Put(d)
	d.in.Reset(append(data, tail+lastBlock...))
	if err := d.r.(flate.Resetter).Reset(&d.in, nil); err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(d.r, limit+1))
	switch {
	case int64(len(out)) > limit:
		return nil, &ProtocolError{codeTooLarge, "Message is too large"}
	case err != nil:
		return nil, protocolError("Decompression failed")
	}
	return out, nil
}
