package main

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressDelay is how long something takes before its progress is shown.
const progressDelay = time.Second

// progress shows on a terminal how far something is that takes long. One that is nil shows nothing. It is safe for use by many
// goroutines.
type progress struct {
	out  io.Writer
	what string

	mu          sync.Mutex
	timer       *time.Timer
	total, done int64 // the total is -1 while nobody knows it
	bytes       bool
	bar         *progressbar.ProgressBar // nil before it is shown
	ended       bool
}

// newProgress is the progress of what a command does, or nil if nobody can see it. The time until it is shown begins with begin.
func newProgress(out io.Writer, what string) *progress {
	if file, ok := out.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return &progress{out: out, what: what, total: -1}
}

// begin tells that it begins; further calls do nothing.
func (p *progress) begin() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil {
		p.timer = time.AfterFunc(progressDelay, p.show)
	}
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.draw()
}

// draw begins a bar, or what turns while nobody knows how much there is to do. The lock is held.
func (p *progress) draw() {
	options := []progressbar.Option{
		progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(p.what), progressbar.OptionSetWidth(30), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowBytes(p.bytes), progressbar.OptionUseANSICodes(true), progressbar.OptionClearOnFinish(), progressbar.OptionSetRenderBlankState(true),
	}
	if p.total >= 0 {
		options = append(options, progressbar.OptionShowCount())
	}
	p.bar = progressbar.NewOptions64(p.total, options...)
	_ = p.bar.Set64(p.done) // a terminal that has gone shows nothing
}

// set tells how much of how much is done: of bytes, or of things.
func (p *progress) set(done, total int64, bytes bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	other := total != p.total || bytes != p.bytes
	p.done, p.total, p.bytes = done, total, bytes
	switch {
	case p.bar == nil || p.ended:
	case other:
		_ = p.bar.Finish()
		p.draw()
	default:
		_ = p.bar.Set64(done)
	}
}

// end takes it off the terminal; further calls do nothing.
func (p *progress) end() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.timer != nil {
		p.timer.Stop()
	}
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// counted counts the bytes that are read, of as many as there are; -1 if that is not known.
func (p *progress) counted(from io.Reader, total int64) io.Reader {
	if p == nil {
		return from
	}
	return &countingReader{from, p, 0, total}
}

type countingReader struct {
	from        io.Reader
	progress    *progress
	done, total int64
}

func (r *countingReader) Read(into []byte) (n int, err error) {
	n, err = r.from.Read(into)
	r.done += int64(n)
	r.progress.set(r.done, r.total, true)
	return n, err
}

// progressInterval is how often progress that has to be asked for is asked for.
const progressInterval = 200 * time.Millisecond

// follow asks how many things are left of those that there are now, until stop is called.
func (p *progress) follow(ctx context.Context, left func(context.Context) (int64, error)) (stop func()) {
	if p == nil {
		return func() {}
	}
	total, err := left(ctx)
	if err != nil {
		return func() {} // what is to be done says what is wrong
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(progressInterval):
			}
			if n, err := left(ctx); err == nil {
				p.set(max(0, total-n), total, false)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}
