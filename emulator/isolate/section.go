package isolate

// Section is a critical section: while it is open, only events that it started are delivered.
// Sections nest. The zero pointer is the time outside of any.
//
// https://developers.cloudflare.com/durable-objects/api/state/#blockconcurrencywhile
type Section struct {
	parent *Section
	depth  int
	ended  bool
}

// open is the innermost section that has not ended, of this one and those around it.
func (s *Section) open() *Section {
	for s != nil && s.ended {
		s = s.parent
	}
	return s
}

// Depth is how many sections are around what runs in this one.
func (s *Section) Depth() int {
	if s = s.open(); s == nil {
		return 0
	}
	return s.depth
}

// Begin opens a section inside the turn's own, as soon as no other is open there, and runs f as its
// first turn. It goes ahead of ordinary tasks.
func (t *Turn) Begin(f func(t *Turn, s *Section) error) {
	l := t.loop
	parent := t.Section()
	s := &Section{parent: parent, depth: parent.Depth() + 1}
	l.Next(Task{Section: parent, Flow: t.flow, epoch: l.epoch, Run: func(t *Turn) error {
		l.section, t.section = s, s
		return f(t, s)
	}})
}

// End closes the section; what still belongs to it goes on in the one around it.
func (t *Turn) End(s *Section) {
	s.ended = true
	t.loop.section = t.loop.section.open()
}

// Ended tells whether the section is over. Call it on the loop's goroutine.
func (s *Section) Ended() bool { return s.ended }
