package emulator_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
)

const benchRoom = `
export class Thing extends DurableObject {
	fetch() {
		const [mine, theirs] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(mine);
		return new Response(null, { status: 101, webSocket: theirs });
	}
	webSocketMessage(ws, message) {
		if (message === "all") for (const socket of this.ctx.getWebSockets()) socket.send(message);
		else ws.send(message);
	}
	webSocketClose(ws) { ws.close(1000); }
}`

// guests are many WebSocket clients, as cheap as they can be.
type guests struct {
	b       *testing.B
	address string
	all     []net.Conn
}

// join opens a WebSocket to an object.
func (g *guests) join(object string) {
	g.b.Helper()
	conn, err := net.Dial("tcp", g.address)
	if err != nil {
		g.b.Fatal(err)
	}
	g.all = append(g.all, conn)
	fmt.Fprintf(conn, "GET /?name=%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", object)
	head, err := bufio.NewReaderSize(conn, 1).ReadString('\n')
	for err == nil && head != "\r\n" {
		if strings.HasPrefix(head, "HTTP/") && !strings.Contains(head, " 101 ") {
			g.b.Fatalf("open a WebSocket: got %s", head)
		}
		head, err = readLine(conn)
	}
	if err != nil {
		g.b.Fatal(err)
	}
}

// readLine reads a line and nothing after it.
func readLine(conn net.Conn) (string, error) {
	var line []byte
	for !strings.HasSuffix(string(line), "\n") {
		var b [1]byte
		if _, err := conn.Read(b[:]); err != nil {
			return "", err
		}
		line = append(line, b[0])
	}
	return string(line), nil
}

// say sends a short message.
func say(b *testing.B, conn net.Conn, text string) {
	b.Helper()
	if _, err := conn.Write(append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)); err != nil {
		b.Fatal(err)
	}
}

// hear reads a message that is known.
func hear(conn net.Conn, text string) error {
	got := make([]byte, 2+len(text))
	if _, err := io.ReadFull(conn, got); err != nil {
		return err
	}
	if string(got[2:]) != text {
		return fmt.Errorf("heard %q, want %q", got[2:], text)
	}
	return nil
}

func (g *guests) leave() {
	for _, conn := range g.all {
		conn.Close()
	}
}

// resident is the memory of this process in bytes: of the clients and the emulator.
func resident(b *testing.B) int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("the memory is measured on Linux")
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		b.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// benchSockets runs rooms with guests that are asleep; each costs so many bytes.
func benchSockets(b *testing.B, rooms, each int) (r *rig, g *guests, cost int) {
	b.Helper()
	r = newRig(b, benchRoom, func(o *emulator.Options) { o.Clock = clock.New(); o.Eviction = durable.NoEviction })
	server := httptest.NewServer(r)
	b.Cleanup(server.Close)
	g = &guests{b: b, address: strings.TrimPrefix(server.URL, "http://")}
	b.Cleanup(g.leave)
	g.join("warm")
	r.sleep(b)
	runtime.GC()
	before := resident(b)
	for room := range rooms {
		for range each {
			g.join(fmt.Sprint("room", room))
		}
	}
	r.sleep(b)
	runtime.GC()
	cost = (resident(b) - before) / (rooms * each)
	g.all = g.all[1:]
	return r, g, cost
}

// sleep lets all objects hibernate.
func (r *rig) sleep(b *testing.B) {
	b.Helper()
	if err := r.EvictAll(b.Context(), durable.HibernateSockets); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSockets measures hibernated WebSockets: the memory of each, client included, how long a sleeping
// object takes to answer the first message (the median), and broadcasts.
//
// The client's ends are in the same process: both need a file each, of which there must be enough.
func BenchmarkSockets(b *testing.B) {
	for _, test := range []struct{ rooms, each int }{{1, 2000}, {1, 9000}, {900, 10}} {
		b.Run(fmt.Sprintf("%dx%d", test.rooms, test.each), func(b *testing.B) {
			b.Run("wake", func(b *testing.B) {
				r, g, cost := benchSockets(b, test.rooms, test.each)
				var times []time.Duration
				for n := 0; b.Loop(); n++ {
					b.StopTimer()
					r.sleep(b)
					guest := g.all[n*test.each%len(g.all)]
					b.StartTimer()
					began := time.Now()
					say(b, guest, "one")
					if err := hear(guest, "one"); err != nil {
						b.Fatal(err)
					}
					times = append(times, time.Since(began))
				}
				slices.Sort(times)
				b.ReportMetric(float64(cost)/1024, "KiB/socket")
				b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/wake")
			})
			if test.rooms > 1 {
				return
			}
			b.Run("broadcast", func(b *testing.B) {
				_, g, _ := benchSockets(b, test.rooms, test.each)
				begin, done := make([]chan struct{}, len(g.all)), sync.WaitGroup{}
				for n, guest := range g.all {
					begin[n] = make(chan struct{}, 1)
					go func() {
						for range begin[n] {
							if err := hear(guest, "all"); err != nil {
								b.Error(err)
							}
							done.Done()
						}
					}()
				}
				for b.Loop() {
					done.Add(len(g.all))
					for _, c := range begin {
						c <- struct{}{}
					}
					say(b, g.all[0], "all")
					done.Wait()
				}
				b.ReportMetric(float64(len(g.all)*b.N)/b.Elapsed().Seconds(), "messages/s")
				for _, c := range begin {
					close(c)
				}
			})
		})
	}
}
