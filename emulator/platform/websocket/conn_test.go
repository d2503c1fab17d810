package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	other "github.com/coder/websocket"

	"github.com/doemu/doemu/emulator/platform/websocket"
)

const limit = 1 << 20

// record is what a connection brought, a line for each event.
type record struct {
	lines chan string
	echo  *websocket.Conn
}

func newRecord() *record { return &record{lines: make(chan string, 100)} }

func (r *record) Message(text bool, data []byte) {
	if r.echo != nil {
		r.echo.Send(text, data)
		return
	}
	r.lines <- fmt.Sprintf("%v %.20q %d", text, data, len(data))
}

func (r *record) Close(code int, reason string) { r.lines <- fmt.Sprint("close ", code, " ", reason) }
func (r *record) Fail(err *websocket.ProtocolError) {
	r.lines <- fmt.Sprint("fail ", err.Code, " ", err.Description)
}
func (r *record) Drop(why error) { r.lines <- fmt.Sprint("drop ", why) }

func (r *record) want(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-r.lines:
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("got nothing, want %s", want)
	}
}

// serve starts a server whose connections go to accepted.
func serve(t *testing.T, compress bool, accepted func(*websocket.Conn)) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, http.Header{"X-More": {"yes"}}, compress, limit)
		if err != nil {
			t.Error(err)
			return
		}
		go accepted(conn)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func echo(conn *websocket.Conn) { conn.Serve(&record{lines: make(chan string, 10), echo: conn}) }

func dial(t *testing.T, url string, compress bool) (*websocket.Conn, *http.Response) {
	t.Helper()
	conn, res, err := websocket.Dial(t.Context(), http.DefaultClient, url, http.Header{}, compress, limit)
	if err != nil || conn == nil {
		t.Fatalf("dial: got %v, %v", res, err)
	}
	t.Cleanup(conn.Drop)
	return conn, res
}

// Messages of all sizes go to and fro, compressed if both sides want it.
func TestConn_messages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		server, client bool
		want           string
	}{
		{true, true, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
		{true, false, ""}, {false, true, ""}, {false, false, ""},
	} {
		t.Run(fmt.Sprint(test.server, test.client), func(t *testing.T) {
			t.Parallel()
			conn, res := dial(t, serve(t, test.server, echo), test.client)
			if got := res.Header.Get("Sec-WebSocket-Extensions"); got != test.want {
				t.Errorf("the extensions: got %q, want %q", got, test.want)
			}
			if got := res.Header.Get("X-More"); got != "yes" {
				t.Errorf("the program's header: got %q, want yes", got)
			}
			heard := newRecord()
			go conn.Serve(heard)
			for _, size := range []int{0, 1, 125, 126, 127, 128, 65535, 65536, limit} {
				for _, text := range []bool{true, false} {
					data := bytes.Repeat([]byte("abcdefghij"), size/10+1)[:size]
					conn.Send(text, data)
					heard.want(t, fmt.Sprintf("%v %.20q %d", text, data, size))
				}
			}
			conn.Send(true, make([]byte, limit+1))
			if test.want != "" {
				heard.want(t, "close 1009 Message is too large")
			} else {
				heard.want(t, fmt.Sprintf("close 1009 Message is too large: %d > %d", limit+1, limit))
			}
		})
	}
}

// Another library takes what is sent, compressed in each of its ways.
func TestConn_compression(t *testing.T) {
	t.Parallel()
	url := serve(t, true, echo)
	for name, mode := range map[string]other.CompressionMode{
		"no": other.CompressionDisabled, "each": other.CompressionNoContextTakeover, "together": other.CompressionContextTakeover,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, res, err := other.Dial(t.Context(), url, &other.DialOptions{CompressionMode: mode, CompressionThreshold: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			if got, want := strings.HasPrefix(res.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate"), mode != other.CompressionDisabled; got != want {
				t.Errorf("compressed: got %v, want %v", got, want)
			}
			conn.SetReadLimit(limit)
			for n := range 5 {
				want := strings.Repeat(fmt.Sprint("again and again ", n), 1000)
				if err := conn.Write(t.Context(), other.MessageText, []byte(want)); err != nil {
					t.Fatal(err)
				}
				if _, got, err := conn.Read(t.Context()); err != nil || string(got) != want {
					t.Fatalf("got %.40s, %v, want %.40s", got, err, want)
				}
			}
		})
	}
}

// Offers that cannot be answered are declined, and the connection is there without compression.
func TestAccept_offers(t *testing.T) {
	t.Parallel()
	url := serve(t, true, echo)
	for offer, want := range map[string]bool{
		"permessage-deflate":                                                     true,
		"permessage-deflate; client_max_window_bits":                             true,
		"permessage-deflate; client_max_window_bits=10":                          true,
		"permessage-deflate; server_max_window_bits=15":                          true,
		"permessage-deflate; server_max_window_bits=10":                          false,
		"permessage-deflate; server_max_window_bits=10, permessage-deflate":      true,
		"permessage-deflate; color=blue":                                         false,
		"x-webkit-deflate-frame, Permessage-Deflate; server_no_context_takeover": true,
		"": false,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Upgrade": {"WebSocket"}, "Connection": {"keep-alive, Upgrade"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Extensions": {offer}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Sec-WebSocket-Extensions") != ""; got != want {
			t.Errorf("%q: got %v, want %v", offer, got, want)
		}
	}
}

// A server that answers something else than was asked is refused.
func TestDial_refuses(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{
		"a wrong key":                   {"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Accept": {"x"}},
		"another protocol":              {"Upgrade": {"h2c"}, "Connection": {"Upgrade"}},
		"an extension nobody asked for": {"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Extensions": {"permessage-deflate"}},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, out, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprint(out, "HTTP/1.1 101 Switching Protocols\r\n")
			_ = header.Write(out)
			fmt.Fprint(out, "\r\n")
			_ = out.Flush()
		}))
		conn, _, err := websocket.Dial(t.Context(), http.DefaultClient, server.URL, http.Header{}, false, limit)
		if err == nil {
			t.Errorf("%s: got %v and no error", name, conn)
		}
		server.Close()
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	conn, res, err := websocket.Dial(t.Context(), http.DefaultClient, plain.URL, http.Header{}, false, limit)
	if err != nil || conn != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("a server without WebSockets: got %v, %v, %v, want its answer", conn, res, err)
	}
	res.Body.Close()
}

// pipe is a server's end of a connection whose client's end is in the test's hands.
func pipe(t *testing.T, compress bool) (server *websocket.Conn, client net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	return websocket.New(near, compress, limit), far
}

// A peer that does not read is given up when too much waits for it, and when it takes too long.
func TestConn_slowReader(t *testing.T) {
	t.Parallel()
	t.Run("too much", func(t *testing.T) {
		t.Parallel()
		conn, client := pipe(t, false)
		defer client.Close()
		heard := newRecord()
		go conn.Serve(heard)
		large := make([]byte, 1<<20)
		for range 64 {
			conn.Send(false, large)
		}
		select {
		case <-conn.Done():
			t.Fatal("given up for 64 MiB")
		default:
		}
		for range 3 { // one more is being written
			conn.Send(false, large)
		}
		heard.want(t, "drop "+websocket.ErrBehind.Error())
	})
	t.Run("too many", func(t *testing.T) {
		t.Parallel()
		conn, client := pipe(t, false)
		defer client.Close()
		heard := newRecord()
		go conn.Serve(heard)
		for range 10_000_000 {
			conn.Send(true, nil)
		}
		heard.want(t, "drop "+websocket.ErrBehind.Error())
	})
	t.Run("many peers", func(t *testing.T) {
		t.Parallel()
		const most = 8 << 20
		budget := websocket.NewBudget(most)
		small := make([]byte, 64<<10)
		peers, given := 0, 0
		for range 64 {
			conn, client := pipe(t, false)
			defer client.Close()
			conn.ShareOf(budget)
			heard := newRecord()
			go conn.Serve(heard)
			for range 16 {
				conn.Send(true, small)
			}
			peers++
			select {
			case <-conn.Done():
				given++
				heard.want(t, "drop "+websocket.ErrCrowd.Error())
			default:
				defer conn.Drop()
			}
		}
		if used := budget.Used(); used > most+(256<<10)*64 || given == 0 || given == peers {
			t.Errorf("got %d bytes waiting and %d of %d peers given up", used, given, peers)
		}
	})
	t.Run("too long", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			conn, client := pipe(t, false)
			defer client.Close()
			heard := newRecord()
			go conn.Serve(heard)
			began := time.Now()
			conn.Send(true, []byte("hello?"))
			if got, want := <-heard.lines, "drop "+websocket.ErrStuck.Error(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got, want := time.Since(began), 30*time.Second; got != want {
				t.Errorf("given up after %v, want %v", got, want)
			}
		})
	})
}

// Of many pings the last is answered: a peer that does not read its answers costs nothing.
func TestConn_pings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, client := pipe(t, false)
		defer client.Close()
		go conn.Serve(newRecord())
		for n := range 100 {
			if _, err := client.Write([]byte{0x89, 0x81, 0, 0, 0, 0, byte(n)}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // the first pong is being written
		}
		got := make([]byte, 6)
		if _, err := io.ReadFull(client, got); err != nil {
			t.Fatal(err)
		}
		if want := []byte{0x8a, 1, 0, 0x8a, 1, 99}; !bytes.Equal(got, want) {
			t.Errorf("the pongs: got %v, want %v", got, want)
		}
	})
}

// A frame that is announced costs nothing before it comes.
func TestConn_announced(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const conns = 500
	for range conns {
		conn, client := pipe(t, false)
		done := make(chan struct{})
		go func() {
			defer close(done)
			conn.Serve(newRecord())
		}()
		if _, err := client.Write([]byte{0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 1, 2, 3}); err != nil {
			t.Fatal(err)
		}
		client.Close()
		<-done
	}
	runtime.ReadMemStats(&after)
	if got, most := (after.TotalAlloc-before.TotalAlloc)/conns, uint64(32<<10); got > most {
		t.Errorf("a connection that announces 1 MiB costs %d bytes, want at most %d", got, most)
	}
}

// A compressed message that is larger than the limit ends the connection before it is there.
func TestConn_bomb(t *testing.T) {
	t.Parallel()
	heard := newRecord()
	url := serve(t, true, func(c *websocket.Conn) { c.Serve(heard) })
	conn, _, err := websocket.Dial(t.Context(), http.DefaultClient, url, http.Header{}, true, limit)
	if err != nil {
		t.Fatal(err)
	}
	go conn.Serve(newRecord())
	conn.Send(false, make([]byte, 100*limit))
	heard.want(t, "fail 1009 Message is too large")
}

// What is queued when the connection is to end still leaves.
func TestConn_Finish(t *testing.T) {
	t.Parallel()
	url := serve(t, false, func(c *websocket.Conn) {
		c.Send(true, []byte("last words"))
		c.Close(1001, "going")
		c.Finish()
	})
	conn, _ := dial(t, url, false)
	heard := newRecord()
	go conn.Serve(heard)
	heard.want(t, `true "last words" 10`)
	heard.want(t, "close 1001 going")
}

// A context that ends before the server answers ends the attempt, and one that ends later does nothing.
func TestDial_context(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, _, err := websocket.Dial(ctx, http.DefaultClient, "http://"+silent.Addr().String(), http.Header{}, false, limit); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was canceled", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	conn, _, err := websocket.Dial(ctx, http.DefaultClient, serve(t, false, echo), http.Header{}, false, limit)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Drop()
	cancel()
	heard := newRecord()
	go conn.Serve(heard)
	conn.Send(true, []byte("still here"))
	heard.want(t, `true "still here" 10`)
}
