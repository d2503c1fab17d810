package storage

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ncruces/go-sqlite3/vfs/mvcc"

	"github.com/doemu/doemu/durable/storage/internal/history"
)

// DefaultHistoryBytes is the size at which the history of an object loses its
// older half.
const DefaultHistoryBytes = 64 << 20

// History says what is kept of an object's earlier states.
type History struct {
	// Clock is what tells the time of a state. It is needed.
	Clock func() time.Time
	// LimitBytes bounds the history file, [DefaultHistoryBytes] if 0. A history
	// in memory is bounded by a number of states.
	LimitBytes int64
	// Since is when the database was made, if its history is to begin then and not with its first opening.
	Since time.Time
	// Log is told when a history begins anew, is cut or cannot be kept. Nil
	// tells nobody.
	Log *slog.Logger
}

// place is a committed state of the database: where its log ends, or a snapshot
// of what is in memory.
type place struct {
	history.Position
	snapshot mvcc.Snapshot
}

// recorder is where states are kept.
type recorder interface {
	// here is the committed state.
	here() place
	// committed tells that a transaction may have changed it, and reports
	// whether it has.
	committed() (changed bool, err error)
	// add keeps a state. It is written down when add returns.
	add(b history.Boundary, at place) error
	pin(seq int64) error
	points() ([]history.Point, error)
	identity() [16]byte
	began() (int64, history.Reason)
	setTarget(target, undo int64) error
	// restorePends reports whether a state is to be restored at the next opening.
	restorePends() bool
}

// timeline decides which states are kept, and numbers them. A state is kept
// when a commit of a later millisecond replaces it, and when somebody asks for
// a bookmark of it.
type timeline struct {
	recorder
	now func() int64
	log *slog.Logger
	// lastSeq is the highest number that a state was given, since the time of
	// the last commit in milliseconds.
	lastSeq, since int64
	// newest is the newest state that is kept, numbered lastSeq.
	newest    place
	hasNewest bool
	// pending is the number of the state that the open transaction will leave,
	// when a bookmark of it was given; 0 for none. The number before it is for
	// the state that the transaction replaces.
	pending int64
	calls   uint32
	before  place
	// failure is why nothing more can be kept.
	failure error
}

// fail ends the history: the object itself goes on.
func (t *timeline) fail(err error) {
	if err != nil && t.failure == nil {
		t.failure = err
		t.log.Error("earlier states of an object's storage are no longer kept", "err", err)
	}
}

// begin notes the state before a transaction.
func (t *timeline) begin() { t.before = t.here() }

// commit keeps what must be kept after a transaction.
func (t *timeline) commit() {
	if t.failure != nil {
		return
	}
	now := t.now()
	changed, err := t.committed()
	if err == nil && changed && now > t.since {
		err = t.keep(t.before, t.lastSeq+1, now, false)
	}
	if changed {
		t.since = max(t.since, now)
	}
	if err == nil && t.pending != 0 {
		err = t.keep(t.here(), t.pending, t.since, true)
		t.pending, t.calls = 0, 0
	}
	t.fail(err)
}

// keep keeps a state.
func (t *timeline) keep(at place, seq, until int64, pinned bool) error {
	since := min(t.since, until)
	err := t.add(history.Boundary{Seq: seq, Since: since, Until: until, At: at.Position, Pinned: pinned}, at)
	t.newest, t.hasNewest, t.lastSeq = at, true, seq
	return err
}

// keepHere keeps the committed state, unless it is kept already.
func (t *timeline) keepHere() error {
	if t.hasNewest && t.newest == t.here() {
		return t.pin(t.lastSeq)
	}
	return t.keep(t.here(), t.lastSeq+1, t.since, true)
}

// identityFrom makes the identity of a history.
func identityFrom(random io.Reader) func() ([16]byte, error) {
	return func() (identity [16]byte, err error) {
		if random == nil {
			random = rand.Reader
		}
		if _, err := io.ReadFull(random, identity[:]); err != nil {
			return identity, fmt.Errorf("read randomness: %w", err)
		}
		return identity, nil
	}
}

// openHistory opens the history of a database that has just been opened, and
// restores an earlier state if that was asked for.
func (d *DB) openHistory() error {
	h := d.options.History
	if h == nil || d.options.ReadOnly {
		return nil
	}
	if h.Clock == nil {
		return errors.New("open history: no clock")
	}
	t := &timeline{now: func() int64 { return h.Clock().UnixMilli() }, log: h.Log}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	t.log = t.log.With("database", d.options.Path)
	d.timeline = t
	now := t.now()
	if !h.Since.IsZero() {
		now = h.Since.UnixMilli()
	}
	if d.options.Memory {
		return d.openMemoryHistory(t, now)
	}
	d.openFileHistory(t, now)
	return nil
}
