package emulator

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// upload is the body of a request that a client sends. A Worker reads it as far as it likes, and lets go of it when it
// likes. None of that waits for the client: what was not read stays with the server, which knows whether the connection
// can be used again. So the server's own request must keep its body.
type upload struct {
	body  io.Reader
	most  int64        // how many bytes may come; 0 for any number
	came  atomic.Int64 // how many have
	begun atomic.Bool  // somebody has read from it
	ended atomic.Bool  // all of it has been read
	over  atomic.Bool  // nobody may read it any more
}

var errUploadLarge = isolate.Errorf("Error", "The request's body has more bytes than Cloudflare takes.")

// Read reads what the client sends.
func (u *upload) Read(p []byte) (int, error) {
	switch {
	case u.ended.Load():
		return 0, io.EOF // whatever has become of the server's body meanwhile
	case u.over.Load():
		return 0, platform.ErrRequestOver
	}
	return u.read(p)
}

func (u *upload) read(p []byte) (int, error) {
	u.begun.Store(true)
	n, err := u.body.Read(p)
	if err == io.EOF {
		u.ended.Store(true)
	}
	if came := u.came.Add(int64(n)); u.most > 0 && came > u.most {
		return 0, errUploadLarge
	}
	if errors.Is(err, http.ErrBodyReadAfterClose) {
		err = platform.ErrRequestOver
	}
	return n, err
}

// Close tells that the Worker reads no more. It does not wait.
func (u *upload) Close() error { return nil }

// smallUpload is how large a body may be to be read before the Worker gets its request: it then needs no stream.
const smallUpload = 64 << 10

// uploadPatience is how long that may take: a client that sends its body later gets a Worker that waits for it.
const uploadPatience = 50 * time.Millisecond

// takeUpload gives a request the body of the one that came, with its length; most is how many bytes it may have, 0 for any
// number. It is nil if there is none.
func takeUpload(req *platform.Request, r *http.Request, most int64) *upload {
	if r.ContentLength == 0 {
		return nil
	}
	u := &upload{body: r.Body, most: most}
	req.Body = platform.StreamBody(u, r.ContentLength)
	if r.ContentLength > 0 {
		req.Headers = append(req.Headers, platform.Header{Name: "Content-Length", Value: strconv.FormatInt(r.ContentLength, 10)})
		if r.ContentLength <= smallUpload {
			req.Body = early(u, r.ContentLength)
		}
	}
	return u
}

// leftover is how many bytes that nobody read are taken from a client so that it can use its connection again, and
// leftoverTime how long they may take.
const (
	leftover     = 256 << 10
	leftoverTime = 5 * time.Millisecond
)

// invite tells a client that waits to be asked for its body to send it: net/http does that at the first read, but not once an
// answer has begun, and the answer may be made of the body. It is called before the answer's headers are set.
func (u *upload) invite(w http.ResponseWriter, r *http.Request) {
	if u != nil && !u.begun.Load() && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		w.WriteHeader(http.StatusContinue)
	}
}

// answer is called before an answer begins; whole tells that all of it is there, so that nothing of the request will be
// read any more. An answer does not wait for the rest of the request, as net/http would have it, but then it is the last
// one on its connection: net/http cannot read the next request behind a body that it did not wait for.
func (u *upload) answer(w http.ResponseWriter, whole bool) {
	if u == nil || u.ended.Load() {
		return
	}
	if whole {
		u.end()
		if u.discard() {
			return
		}
	}
	// Where the server cannot do that, the answer waits.
	_ = http.NewResponseController(w).EnableFullDuplex()
	w.Header().Set("Connection", "close")
}

// discard reads what a client has sent that nobody wants. It reports whether that was all.
func (u *upload) discard() bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 32<<10)
		for taken := 0; taken <= leftover; {
			n, err := u.read(buf)
			if err != nil {
				return
			}
			taken += n
		}
	}()
	patience := time.NewTimer(leftoverTime)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
	}
	return u.ended.Load()
}

// end is called when the answer is over: nothing can be read after that.
func (u *upload) end() {
	if u != nil {
		u.over.Store(true)
	}
}

// early is a body of a known and small size: its bytes, if all of them come at once.
func early(u *upload, size int64) *platform.Body {
	s := &spool{ready: make(chan struct{}), bytes: make([]byte, 0, size)}
	s.arrived.L = &s.mu
	go s.fill(u)
	patience := time.NewTimer(uploadPatience)
	defer patience.Stop()
	select {
	case <-s.ready:
	case <-patience.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == io.EOF {
		return platform.BytesBody(s.bytes)
	}
	return platform.StreamBody(s, size)
}

// spool is a small body that comes slowly: what has come can be read.
type spool struct {
	ready chan struct{} // closed at the end

	mu      sync.Mutex
	arrived sync.Cond
	bytes   []byte
	end     error // after the bytes; nil if more may come
	closed  bool
}

func (s *spool) fill(from io.Reader) {
	defer close(s.ready)
	buf := make([]byte, cap(s.bytes)+1)
	for {
		n, err := from.Read(buf)
		s.mu.Lock()
		s.bytes, s.end = append(s.bytes, buf[:n]...), err
		s.arrived.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Read reads what has come, and waits if nothing has.
func (s *spool) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.bytes) == 0 && s.end == nil && !s.closed {
		s.arrived.Wait()
	}
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	n := copy(p, s.bytes)
	s.bytes = s.bytes[n:]
	if n == 0 && len(p) > 0 {
		return 0, s.end
	}
	return n, nil
}

// Close ends a Read that waits.
func (s *spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.arrived.Broadcast()
	return nil
}
