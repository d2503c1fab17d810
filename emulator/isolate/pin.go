package isolate

import (
	"cmp"
	"slices"
)

// pin is a reason to keep an isolate in memory.
type pin struct {
	kind, detail string
	number       uint64
}

// Reason says why an isolate is kept in memory: a timer, a request under way, a socket.
type Reason struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
}

// Pin keeps the isolate in memory until the function that it returns is called, or until the isolate
// is dropped.
func (l *Loop) Pin(kind, detail string) (unpin func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &pin{kind: kind, detail: detail}
	l.pins[p] = struct{}{}
	l.lastPin++
	p.number = l.lastPin
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.pins, p)
	}
}

// Pinned tells whether something keeps the isolate in memory.
func (l *Loop) Pinned() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pins) > 0
}

// Pins lists what keeps the isolate in memory, in the order in which it came.
func (l *Loop) Pins() []Reason {
	l.mu.Lock()
	defer l.mu.Unlock()
	pins := make([]*pin, 0, len(l.pins))
	for p := range l.pins {
		pins = append(pins, p)
	}
	slices.SortFunc(pins, func(a, b *pin) int { return cmp.Compare(a.number, b.number) })
	reasons := make([]Reason, len(pins))
	for n, p := range pins {
		reasons[n] = Reason{p.kind, p.detail}
	}
	return reasons
}

// PinnedBy tells whether a pin of one kind keeps the isolate in memory.
func (l *Loop) PinnedBy(kind string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pins {
		if p.kind == kind {
			return true
		}
	}
	return false
}

// PinnedOnlyBy tells whether pins of these kinds, and no others, keep the isolate in memory.
func (l *Loop) PinnedOnlyBy(kinds ...string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pins {
		if !slices.Contains(kinds, p.kind) {
			return false
		}
	}
	return len(l.pins) > 0
}
