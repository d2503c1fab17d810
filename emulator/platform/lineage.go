package platform

import (
	"github.com/doemu/doemu/emulator/isolate"
)

// Lineage is what led to a request or a call.
type Lineage struct {
	// Depth is how many calls between Workers and objects led to it, and it is one itself; 0 from outside.
	Depth int
	// Loops is how often that went out to the network and came back to this process.
	Loops int
	// Origin stands for the event from outside that all of it began with; nil for that event itself. It is compared only.
	Origin any
	// Gone tells whether nobody waits for it any more, so that it need not begin. It may be nil.
	Gone func() bool
	// Asker is who waits for the event, if what it does ends when that leaves; nil otherwise.
	Asker *Asker
}

// child is the lineage of what a turn asks of others, but for its depth.
func child(t *isolate.Turn) Lineage {
	flow := t.Flow()
	if flow == nil {
		return Lineage{}
	}
	l := Lineage{Loops: flow.Loops, Origin: flow.Origin}
	if l.Origin == nil {
		l.Origin = flow
	}
	if gone := flow.Gone; gone != nil {
		// What was given to waitUntil() goes on when the client has left.
		l.Gone = func() bool { return gone() && !flow.Outlives.Load() }
	}
	return l
}

// FlowOf is the flow of an event, with its trace, which may be nil.
func FlowOf(l Lineage, tr *Trace) *isolate.Flow {
	flow := &isolate.Flow{Depth: l.Depth, Loops: l.Loops, Origin: l.Origin, Gone: l.Gone}
	if l.Asker != nil {
		flow.Asker = l.Asker
	}
	if tr != nil {
		flow.Trace = tr
	}
	return flow
}
