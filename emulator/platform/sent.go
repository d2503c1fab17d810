package platform

import (
	"errors"
	"io"
	"sync"

	"github.com/doemu/doemu/emulator/isolate"
)

// sent is a request that a program has sent. It is over when the body of its answer is: until then it can be taken back.
type sent struct {
	asker    *Asker
	resolver *isolate.Resolver
	// release is called once, when it is over.
	release func()

	mu      sync.Mutex
	settled bool
	why     error // why it was taken back, or nil
	over    bool
	body    *Body // of the answer, if it comes bit by bit
}

// errAborted says that the program took the request back; JavaScript has the reason.
var errAborted = isolate.Errorf("Error", "The request was aborted.")

// settle calls f with the resolver, unless that has been used.
func (s *sent) settle(f func(*isolate.Resolver)) {
	s.mu.Lock()
	before := s.settled
	s.settled = true
	s.mu.Unlock()
	if !before {
		f(s.resolver)
	}
}

// cut takes the request back: its answer, and the rest of the answer's body, do not come any more. Who waits for the answer
// gets the error, or never hears of it if that is errDeparted.
func (s *sent) cut(why error) {
	s.mu.Lock()
	if s.why != nil || s.over {
		s.mu.Unlock()
		return
	}
	s.why = why
	body := s.body
	s.mu.Unlock()
	if s.asker == nil {
		return // it has not been sent yet
	}
	s.asker.Leave()
	if body != nil {
		body.Close()
	}
	s.settle(func(resolver *isolate.Resolver) {
		if why == errDeparted {
			resolver.Resolve(isolate.Null())
			return
		}
		resolver.Reject(why)
	})
	s.end()
}

// answered takes the answer, or the error that there will be none. It reports whether somebody still waits.
func (s *sent) answered(res *Response) (wanted bool) {
	s.mu.Lock()
	cut := s.why != nil
	if !cut && res != nil && res.Body != nil && res.Body.stream != nil {
		under := *res.Body
		s.body = &under
		res.Body = &Body{stream: &answerStream{s, &under}, length: under.length, coding: under.coding, url: under.url}
		s.mu.Unlock()
		return true
	}
	s.mu.Unlock()
	s.end()
	return !cut
}

func (s *sent) end() {
	s.mu.Lock()
	before := s.over
	s.over = true
	s.mu.Unlock()
	if !before && s.release != nil {
		s.release()
	}
}

// answerStream is the body of an answer whose request can be taken back.
type answerStream struct {
	sent *sent
	body *Body
}

// Read reads what came, until the request is taken back.
func (a *answerStream) Read(p []byte) (int, error) {
	n, err := a.body.stream.Read(p)
	a.sent.mu.Lock()
	if a.sent.why != nil {
		n, err = 0, a.sent.why
	}
	a.sent.mu.Unlock()
	if err != nil {
		a.sent.end()
	}
	return n, err
}

// Close tells the sender that nobody reads on.
func (a *answerStream) Close() error {
	a.sent.end()
	a.body.Close()
	return nil
}

// CloseWithError is Close with a reason for the sender.
func (a *answerStream) CloseWithError(err error) error {
	a.sent.end()
	if pipe, ok := a.body.stream.(failing); ok {
		var why *isolate.Error
		errors.As(err, &why)
		a.body.tellEnded(why)
		return pipe.CloseWithError(err)
	}
	a.body.Close()
	return nil
}

var _ io.ReadCloser = (*answerStream)(nil)
