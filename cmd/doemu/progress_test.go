package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(p *progress)
		want string // what is seen last before the end; "" for nothing at all
	}{
		"short":        {func(*progress) { time.Sleep(progressDelay - time.Millisecond) }, ""},
		"of no length": {func(*progress) { time.Sleep(progressDelay + time.Second) }, "deleting"},
		"things":       {func(p *progress) { p.set(1, 4, false); time.Sleep(2 * progressDelay); p.set(3, 4, false) }, "(3/4)"},
		"known later":  {func(p *progress) { time.Sleep(2 * progressDelay); p.set(3, 4, false) }, "75%"},
		"bytes":        {func(p *progress) { time.Sleep(2 * progressDelay); p.set(1000, 2000, true) }, "(1.0/2.0 kB)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				p := &progress{out: &out, what: "deleting", total: -1}
				p.begin()
				test.do(p)
				synctest.Wait()
				shown := out.String()
				if !strings.Contains(shown, test.want) || test.want == "" && shown != "" {
					t.Errorf("got %q, want %q", shown, test.want)
				}
				p.end()
				p.end()
				if end := strings.TrimPrefix(out.String(), shown); test.want != "" && !strings.HasSuffix(end, "\x1b[2K\r") {
					t.Errorf("got %q at the end, want that the line is cleared", end)
				}
				p.set(1, 1, false)
				time.Sleep(time.Second) // what turns sees that it has ended
			})
		})
	}
	if p := newProgress(io.Discard, "x"); p != nil {
		t.Error("got progress on what is no terminal")
	}
}
