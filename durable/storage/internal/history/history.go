// Package history keeps what a database in write-ahead-log mode was earlier,
// in one file beside it. Before SQLite copies its log into the database, the
// log and the database together know every page before and after each commit:
// that is when the pages that are about to be overwritten are saved. Nothing is
// done while a transaction commits, but for a note of its time.
//
// https://sqlite.org/fileformat2.html#the_write_ahead_log
package history

import (
	"errors"
	"fmt"
	"time"
)

// Position is a place in a write-ahead log: so many frames after its start.
// The salt tells one run through the log from the next.
type Position struct {
	Salt  uint64
	Frame uint32
}

// Boundary is a state of the database that may be asked for. It is in the log
// between two commits, or at its end.
type Boundary struct {
	// Seq numbers the boundaries in the order of time.
	Seq int64
	// Since is the time of the commit that made the state, in milliseconds
	// since 1970, and Until that of the next one, as far as it is known.
	Since, Until int64
	At           Position
	// Pinned says that somebody holds a bookmark of it.
	Pinned bool
}

// Point is a state that can be restored.
type Point struct {
	Seq int64
	// Since is the time of the commit that made the state, in milliseconds
	// since 1970.
	Since int64
}

// Until is when the state of a point was replaced by another one, in
// milliseconds, where end is that time for the newest one.
func Until(points []Point, i int, end int64) int64 {
	for _, p := range points[i+1:] {
		if p.Since > points[i].Since {
			return p.Since
		}
	}
	return end
}

// Reason is why a history begins where it does.
type Reason byte

const (
	// Fresh histories begin with the first write.
	Fresh Reason = iota
	// Foreign ones follow a change that another program made.
	Foreign
	// Aged and Oversized ones have lost their older part.
	Aged
	Oversized
)

// String completes a sentence that says when the history begins.
func (r Reason) String() string {
	switch r {
	case Foreign:
		return "another program changed the database before that"
	case Aged:
		return "older states are kept for 30 days"
	case Oversized:
		return "older states were dropped at its limit of size"
	}
	return "nothing was recorded before that"
}

// Retention is how long an earlier state can be restored.
const Retention = 30 * 24 * time.Hour

// ErrForeign says that the database is not in the state in which this history
// left it.
var ErrForeign = errors.New("another program changed the database")

// DamagedError says that a history file cannot be read.
type DamagedError struct {
	Path string
	// Offset is where in the file, in bytes.
	Offset int64
	Detail string
}

// Error names the file and says what to do.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("the history file %s is damaged at byte %d (%s): delete it to begin a new history",
		e.Path, e.Offset, e.Detail)
}
