package main

import (
	"io"
	"strings"
	"sync"
)

// lines writes lines in their order on a goroutine of its own, so that whoever reads them slowly does
// not slow the Worker. It is safe for use by many goroutines.
type lines struct {
	waiting chan string
	done    chan struct{}

	mu    sync.RWMutex // held for reading while something is put in
	ended bool
}

// waitingLines is how many lines may wait for the reader.
const waitingLines = 4096

func newLines(out io.Writer) *lines {
	l := &lines{waiting: make(chan string, waitingLines), done: make(chan struct{})}
	go l.run(out)
	return l
}

func (l *lines) run(out io.Writer) {
	var b strings.Builder
	for line := range l.waiting {
		b.Reset()
		b.WriteString(line)
		b.WriteByte('\n')
		for len(l.waiting) > 0 && b.Len() < 64<<10 {
			b.WriteString(<-l.waiting)
			b.WriteByte('\n')
		}
		// A reader that has gone cannot be told of anything.
		_, _ = io.WriteString(out, b.String())
	}
	close(l.done)
}

// line writes a line, and waits for its turn. After close it does nothing.
func (l *lines) line(text string) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if !l.ended {
		l.waiting <- text
	}
}

// try writes a line if fewer than thousands wait already.
func (l *lines) try(text string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.ended {
		return false
	}
	select {
	case l.waiting <- text:
		return true
	default:
		return false
	}
}

// close writes what waits. It may be called more than once.
func (l *lines) close() {
	l.mu.Lock()
	if !l.ended {
		l.ended = true
		close(l.waiting)
	}
	l.mu.Unlock()
	<-l.done
}
