package storage

import (
	"slices"

	"github.com/ncruces/go-sqlite3/vfs/mvcc"

	"github.com/doemu/doemu/durable/storage/internal/history"
)

// maxMemoryStates is how many states of a database in memory are kept.
const maxMemoryStates = 1024

// memoryHistory keeps snapshots of a database in memory, which share what is
// equal. It outlives the open database as that one's content does.
type memoryHistory struct {
	name   string
	id     [16]byte
	start  int64
	reason history.Reason
	states []memoryState

	lastSeq, since int64
	target, undo   int64
	last           place
}

type memoryState struct {
	history.Boundary
	snapshot mvcc.Snapshot
}

func newMemoryHistory(name string) *memoryHistory {
	return &memoryHistory{name: name, start: -1, lastSeq: -1, target: -1, undo: -1}
}

func (h *memoryHistory) here() place        { return place{snapshot: mvcc.TakeSnapshot(h.name)} }
func (h *memoryHistory) identity() [16]byte { return h.id }

func (h *memoryHistory) began() (int64, history.Reason) { return h.start, h.reason }

func (h *memoryHistory) committed() (bool, error) {
	before := h.last
	h.last = h.here()
	return h.last != before, nil
}

func (h *memoryHistory) add(b history.Boundary, at place) error {
	h.lastSeq, h.since = b.Seq, max(h.since, b.Until)
	h.states = append(h.states, memoryState{b, at.snapshot})
	oldest := b.Until - history.Retention.Milliseconds()
	for len(h.states) > 1 && h.oldestUntil(b.Until) <= oldest {
		h.states, h.reason = h.states[1:], history.Aged
	}
	if len(h.states) > maxMemoryStates {
		h.states, h.reason = slices.Clone(h.states[len(h.states)-maxMemoryStates/2:]), history.Oversized
	}
	if h.reason != history.Fresh {
		h.start = h.states[0].Since
	}
	return nil
}

// oldestUntil is when the oldest state was replaced by another one.
func (h *memoryHistory) oldestUntil(end int64) int64 {
	for _, s := range h.states[1:] {
		if s.Since > h.states[0].Since {
			return s.Since
		}
	}
	return end
}

func (h *memoryHistory) pin(int64) error { return nil }

func (h *memoryHistory) points() ([]history.Point, error) {
	var points []history.Point
	for _, s := range h.states {
		points = append(points, history.Point{Seq: s.Seq, Since: s.Since})
	}
	return points, nil
}

func (h *memoryHistory) restorePends() bool { return h.target >= 0 }

func (h *memoryHistory) setTarget(target, undo int64) error {
	h.target, h.undo = target, undo
	return nil
}

// openMemoryHistory goes on with a history in memory.
func (d *DB) openMemoryHistory(t *timeline, now int64) error {
	h := d.options.memory
	if h.start < 0 {
		identity, err := identityFrom(d.options.Random)()
		if err != nil {
			return err
		}
		h.id, h.start, h.since = identity, now, now
	}
	h.last = h.here()
	t.recorder, t.lastSeq, t.since = h, h.lastSeq, h.since
	return nil
}

// restore puts an earlier state in place, before the database is opened, and
// reports whether that was asked for.
func (h *memoryHistory) restore(now int64) bool {
	if h.target < 0 {
		return false
	}
	if h.lastSeq < h.undo {
		before := history.Boundary{Seq: h.undo, Since: h.since, Until: max(h.since, now), Pinned: true}
		// It is only memory: this does not fail.
		_ = h.add(before, h.here())
	}
	for _, s := range h.states {
		if s.Seq == h.target {
			mvcc.Create(h.name, s.snapshot)
			h.since = max(h.since, now)
			return true
		}
	}
	h.target, h.undo = -1, -1
	return false
}
