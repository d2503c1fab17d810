package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator"
)

// How long another command that works on the state is waited for, or a doemu that is about to start, and how
// often is looked.
const (
	lockPatience = time.Second
	lockInterval = 20 * time.Millisecond
)

// open finds the doemu that runs or, if none does, opens the state itself: what needs no code is done the same way
// then.
func (f *adminFlags) open(ctx context.Context) (*admin, error) {
	if f.adminURL != "" {
		return f.find(ctx)
	}
	state, classes, err := f.state()
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(lockPatience)
	for {
		a, err := f.findOn(state)
		var none notRunningError
		if !errors.As(err, &none) {
			return a, err
		}
		e, restErr := emulator.OpenAtRest(ctx, emulator.RestOptions{StateDir: state, Classes: classes})
		var locked *storage.LockedError
		switch {
		case restErr == nil:
			return atRest(e), nil
		case errors.Is(restErr, emulator.ErrNoState):
			return nil, err
		case !errors.As(restErr, &locked) || time.Now().After(deadline):
			return nil, restErr
		}
		select {
		case <-time.After(lockInterval):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look finds the doemu that runs or, if none does, looks into the state without waiting for anybody.
func (f *adminFlags) look(ctx context.Context) (*admin, error) {
	if f.adminURL != "" {
		return f.find(ctx)
	}
	state, classes, err := f.state()
	if err != nil {
		return nil, err
	}
	a, err := f.findOn(state)
	var none notRunningError
	if !errors.As(err, &none) {
		return a, err
	}
	e, err := emulator.OpenAtRest(ctx, emulator.RestOptions{StateDir: state, Classes: classes, Unlocked: true})
	if err != nil {
		return nil, err
	}
	return atRest(e), nil
}

// atRest is the admin API of an emulator in this process.
func atRest(e *emulator.Emulator) *admin {
	api := adminapi.New(e, adminapi.Options{Version: version})
	return &admin{url: "http://localhost", client: &http.Client{Transport: inProcess{api}}, close: e.Close}
}

// inProcess brings requests to a handler in this process. It implements http.RoundTripper.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	asked := req.Clone(req.Context())
	asked.Host, asked.RequestURI, asked.RemoteAddr = req.URL.Host, req.URL.RequestURI(), "127.0.0.1:0"
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	body, writer := io.Pipe()
	a := &answer{header: http.Header{}, body: writer, begun: make(chan struct{})}
	go func() {
		p.handler.ServeHTTP(a, asked)
		a.WriteHeader(http.StatusOK)
		writer.Close() // who reads to the end knows that nothing happens any more
	}()
	<-a.begun
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Body: body, ContentLength: -1, Request: req,
	}, nil
}

// answer hands an answer on as it is written. It implements http.ResponseWriter.
type answer struct {
	header http.Header
	body   *io.PipeWriter
	begun  chan struct{} // closed with the status
	status int
	sent   http.Header // as it was then
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
		close(a.begun)
	}
}

func (a *answer) Write(text []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(text)
}
