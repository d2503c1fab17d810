package durable

import (
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
)

// cursors are those that an object's program has. A cursor in JavaScript is an object with one number, its
// place here plus one; or, for a statement that had no rows, its counts: see [cursors.add].
type cursors struct {
	isolate *isolate.Isolate
	form    isolate.Form // of the objects
	places  []place
	free    []int // places that are empty
	// enough is how many places may be in use before the next exec looks for those to empty.
	enough int
}

type place struct {
	*storage.Cursor // nil if the place is empty
	object          isolate.Handle
}

// packed is the factor by which a statement without rows puts its counts into one number.
const packed = 1 << 24

// fewPlaces are so few that looking through them costs nothing.
const fewPlaces = 16

// add gives the program an object for a cursor. The number of one that is done and has no columns is
// -(1 + rows read + rows written * packed).
func (cs *cursors) add(cur *storage.Cursor, rows *isolate.Rows) isolate.Value {
	rows.Reset()
	if read, wrote, _ := cur.Counts(); cur.Done() && len(cur.Columns()) == 0 && read < packed && wrote < packed {
		rows.Number(float64(-(1 + read + wrote*packed)))
		return rows.Object(cs.form)
	}
	n := len(cs.places)
	if last := len(cs.free) - 1; last >= 0 {
		n, cs.free = cs.free[last], cs.free[:last]
	} else {
		cs.places = append(cs.places, place{})
	}
	rows.Number(float64(n + 1))
	object := cs.isolate.Keep(rows.Object(cs.form))
	cs.places[n] = place{cur, object}
	return cs.isolate.Share(object)
}

// of is the cursor with the number that is the first argument of a call.
func (cs *cursors) of(c *isolate.Call) (*storage.Cursor, error) {
	n := c.Int(0) - 1
	if n < 0 || n >= len(cs.places) || cs.places[n].Cursor == nil {
		return nil, isolate.Errorf("Error", "SQL cursor is closed")
	}
	return cs.places[n].Cursor, nil
}

// makeRoom sweeps, but not each time when the program keeps many cursors.
func (cs *cursors) makeRoom() {
	if used := len(cs.places) - len(cs.free); used <= fewPlaces || used >= cs.enough {
		cs.sweep()
		cs.enough = 2 * (len(cs.places) - len(cs.free))
	}
}

// sweep closes the cursors that the program has dropped: nothing but their place keeps the object alive. One of a statement
// that writes stays: in workerd the commit that follows finds it open as well.
// To ask that now and then is less work, and earlier, than to have the collector of garbage tell it.
func (cs *cursors) sweep() {
	if len(cs.places) == len(cs.free) || cs.isolate.Broken() != nil {
		return
	}
	for n, p := range cs.places {
		if p.Cursor != nil && !p.Writes() && !cs.isolate.Shared(p.object) {
			p.Close()
			cs.isolate.Release(p.object)
			cs.places[n] = place{}
			cs.free = append(cs.free, n)
		}
	}
}
