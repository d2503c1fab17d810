package websocket

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// acceptKey is a server's answer to a client's key.
// https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Asks tells whether a request asks for a WebSocket.
func Asks(r *http.Request) bool { return hasToken(r.Header["Upgrade"], "websocket") }

func hasToken(values []string, token string) bool {
	for _, v := range values {
		for one := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(one), token) {
				return true
			}
		}
	}
	return false
}

// Accept answers a request for a WebSocket with status 101 and the headers, in which
// Sec-WebSocket-Protocol is the program's choice. If the client offers compression in a way that suits, and
// compress allows it, messages are compressed. Limit is how many bytes a received message may have.
//
// A request that does not ask rightly gets status 400 or 426, and the error says why. Nothing of the request may be
// used afterwards: the connection does not belong to the server any more.
func Accept(w http.ResponseWriter, r *http.Request, header http.Header, compress bool, limit int64) (*Conn, error) {
	key := strings.TrimSpace(r.Header.Get("Sec-WebSocket-Key"))
	problem, status := "", http.StatusBadRequest
	switch {
	case r.Method != http.MethodGet || !r.ProtoAtLeast(1, 1) || r.ProtoMajor != 1:
		problem = "A WebSocket is asked for with GET of HTTP/1.1."
	case !Asks(r):
		problem = "The request does not ask for a WebSocket."
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Sec-WebSocket-Version", "13")
		problem, status = "The requested WebSocket version is not supported.", http.StatusUpgradeRequired
	case key == "":
		problem = "Missing Sec-WebSocket-Key"
	}
	if problem != "" {
		http.Error(w, "ERROR: "+problem, status)
		return nil, errors.New(problem)
	}
	deflate := compress && acceptsDeflate(strings.Join(r.Header["Sec-Websocket-Extensions"], ","))
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("take over the connection: %w", err)
	}
	head := header.Clone()
	if head == nil {
		head = http.Header{}
	}
	head.Set("Upgrade", "websocket")
	head.Set("Connection", "Upgrade")
	head.Set("Sec-WebSocket-Accept", acceptKey(key))
	head.Del("Sec-WebSocket-Extensions")
	if deflate {
		head.Set("Sec-WebSocket-Extensions", extension)
	}
	early, err := buffered.Reader.Peek(buffered.Reader.Buffered())
	if err == nil {
		err = writeHead(conn, head)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return newConn(conn, early, false, deflate, limit), nil
}

func writeHead(w io.Writer, head http.Header) error {
	out := bufio.NewWriterSize(w, 1<<10)
	if _, err := out.WriteString("HTTP/1.1 101 Switching Protocols\r\n"); err != nil {
		return err
	}
	if err := head.Write(out); err != nil {
		return err
	}
	if _, err := out.WriteString("\r\n"); err != nil {
		return err
	}
	return out.Flush()
}

// Dial asks a server for a WebSocket. The request has the URL (http or https) and the headers; messages are
// compressed if compress offers it and the server takes the offer. The connection is nil when the server
// answers with something else than status 101: then the response's body is the caller's to close.
func Dial(ctx context.Context, client *http.Client, url string, header http.Header, compress bool, limit int64) (*Conn, *http.Response, error) {
	// The request's context would end the connection too, which is to outlive it.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end)
	req, err := http.NewRequestWithContext(life, http.MethodGet, url, nil)
	if err != nil {
		end()
		return nil, nil, err
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // it does not fail
	key := base64.StdEncoding.EncodeToString(nonce[:])
	req.Header = header.Clone()
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", key)
	req.Header.Del("Sec-WebSocket-Extensions")
	if compress {
		req.Header.Set("Sec-WebSocket-Extensions", extension)
	}
	res, err := client.Do(req)
	stop()
	if err != nil {
		end()
		return nil, nil, err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		res.Body = &endingBody{res.Body, end}
		return nil, res, nil
	}
	rwc, ok := res.Body.(io.ReadWriteCloser)
	deflate, err := answeredDeflate(compress, res.Header.Get("Sec-WebSocket-Extensions"))
	switch {
	case !ok:
		err = errors.New("the connection cannot be written to")
	case !hasToken(res.Header["Upgrade"], "websocket") || res.Header.Get("Sec-WebSocket-Accept") != acceptKey(key):
		err = errors.New("the server's answer to the WebSocket handshake is wrong")
	}
	if err != nil {
		end()
		return nil, nil, errors.Join(err, res.Body.Close())
	}
	return newConn(&endingConn{rwc, end}, nil, true, deflate, limit), res, nil
}

// endingBody and endingConn free a request's context when they are closed.
type endingBody struct {
	io.ReadCloser
	end func()
}

func (b *endingBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

type endingConn struct {
	io.ReadWriteCloser
	end func()
}

func (c *endingConn) Close() error {
	defer c.end()
	return c.ReadWriteCloser.Close()
}
