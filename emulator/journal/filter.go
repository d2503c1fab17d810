package journal

import (
	"slices"
	"strings"
)

// Filter picks events. What is empty lets everything through.
type Filter struct {
	// Namespace is <worker>-<Class>.
	Namespace string
	// Object is an id of 64 hex digits, or name: and an object's name.
	Object string
	// Kinds are kinds of events; socket stands for socket.open and the others, too.
	Kinds []string
}

// Match tells whether the filter lets an event through.
func (f Filter) Match(e Event) bool {
	if f.Namespace != "" && e.Namespace != f.Namespace {
		return false
	}
	if name, ok := strings.CutPrefix(f.Object, "name:"); ok {
		if e.Object == "" || e.Name != name {
			return false
		}
	} else if f.Object != "" && e.Object != f.Object {
		return false
	}
	return len(f.Kinds) == 0 || slices.ContainsFunc(f.Kinds, func(kind string) bool {
		rest, ok := strings.CutPrefix(string(e.Kind), kind)
		return ok && (rest == "" || rest[0] == '.')
	})
}

// Read returns, oldest first, at most limit events after a number that a filter lets through, and the
// number after which to go on: that of the last event that was looked at.
func (j *Journal) Read(f Filter, since uint64, limit int) (events []Event, next uint64) {
	next = since
	for _, e := range j.Since(since) {
		if len(events) == limit {
			break
		}
		next = e.Seq
		if f.Match(e) {
			events = append(events, e)
		}
	}
	return events, next
}
