package mistake_test

import (
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator/mistake"
)

// The first twenty have the numbers of docs/mistakes.md, and all a name of their own and a page.
func TestAll(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{}
	for n, m := range mistake.All() {
		want := n + 1
		if want > 20 {
			want = 0
		}
		if m.Number() != want {
			t.Errorf("%s has the number %d, want %d", m.Code(), m.Number(), want)
		}
		if m.Code() == "" || codes[m.Code()] || m.Title() == "" || !strings.HasPrefix(m.Link(), "https://developers.cloudflare.com/") {
			t.Errorf("mistake %d: code %q, title %q, link %q", n+1, m.Code(), m.Title(), m.Link())
		}
		codes[m.Code()] = true
	}
	if len(codes) <= mistake.Numbered || mistake.Numbered != 20 {
		t.Errorf("got %d mistakes, %d with a number", len(codes), mistake.Numbered)
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	var s mistake.Set
	for _, m := range mistake.All() {
		if !s.Add(m) || s.Add(m) {
			t.Errorf("%s is not added just once", m.Code())
		}
	}
}
