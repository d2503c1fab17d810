// Package hint tells people of mistakes that show while their program runs: each cause once, as an event of
// the journal, which the screen, the log and the admin API's listeners read.
package hint

import (
	"cmp"
	"fmt"
	"sync"

	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/mistake"
)

// Hint is what is told.
type Hint struct {
	Mistake mistake.Mistake
	// Source is the place in the user's files, "file:line:column", or "" if it is not known.
	Source string
	// Of tells the cause from others of the same mistake in the same place; usually "".
	Of string
	// Text says what happened and what to do.
	Text string
}

// Hints remembers what it has told. It is safe for use by many goroutines.
type Hints struct {
	journal *journal.Journal

	mu   sync.Mutex
	told map[cause]struct{}
}

// cause is what a hint is about: a mistake in a place of the source or, where that is not known, of a class
// or a Worker.
type cause struct {
	mistake   mistake.Mistake
	where, of string
}

// mostCauses bounds what is remembered, and so how many hints there are.
const mostCauses = 1000

// New makes hints that go into a journal.
func New(j *journal.Journal) *Hints { return &Hints{journal: j, told: map[cause]struct{}{}} }

// Tell gives a hint, unless one of the same cause was given before, also of an earlier build. At says where
// it happened.
func (h *Hints) Tell(at journal.Event, hint Hint) {
	c := cause{hint.Mistake, hint.Source, hint.Of}
	if c.where == "" {
		c.where = at.Worker + " " + at.Namespace
	}
	if !h.first(c) {
		return
	}
	at.Kind, at.Level, at.Detail = journal.Hint, "warn", hint.Text
	at.Hint = &journal.HintOf{Mistake: hint.Mistake.Number(), Code: hint.Mistake.Code(), Source: hint.Source, Link: hint.Mistake.Link()}
	h.journal.Record(at)
}

// first tells whether nothing was told of a cause yet.
func (h *Hints) first(c cause) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, told := h.told[c]; told || len(h.told) == mostCauses {
		return false
	}
	h.told[c] = struct{}{}
	return true
}

// Text is a hint of the journal as people read it: what to know in the first line, then where and more about it.
func Text(e journal.Event) string {
	h := e.Hint
	if h == nil {
		return e.Detail
	}
	head := "[HINT] "
	if h.Mistake > 0 {
		head = fmt.Sprintf("[HINT %d] ", h.Mistake)
	}
	where := e.Worker
	if e.Object != "" {
		where = e.Namespace + "/" + cmp.Or(e.Name, e.Object)
	}
	if h.Source != "" {
		where = h.Source + " in " + where
	}
	return head + e.Detail + "\n    " + where + "\n    " + h.Link
}
