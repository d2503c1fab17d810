package history

import "io"

// checkEvery is how often points that are too old are looked for, in
// milliseconds.
const checkEvery = 24 * 60 * 60 * 1000

// cut drops the older part of a file that has grown beyond its limit, or the
// points that are too old. All of the log must have been saved.
func (f *File) cut() error {
	// Half of the limit is made free, so that this is seldom needed.
	if limit := f.config.LimitBytes; limit > 0 && f.size > limit {
		return f.drop(Oversized, func(offset, _ int64) bool { return f.size-offset > limit/2 })
	}
	if f.config.Now-f.state.checked < checkEvery {
		return nil
	}
	f.state.checked = f.config.Now
	oldest := f.config.Now - Retention.Milliseconds()
	return f.drop(Aged, func(_, until int64) bool { return until <= oldest })
}

// drop drops the points up to the first that is not to be dropped. A point is
// told by where its record is, and until when it was the state.
func (f *File) drop(why Reason, dropped func(offset, until int64) bool) error {
	var points []Point
	var offsets []int64
	if _, err := f.scan(0, func(r record) error {
		if r.kind == kindPoint {
			points, offsets = append(points, readPoint(r.body).Point), append(offsets, r.offset)
		}
		return nil
	}); err != nil {
		return err
	}
	keep := 0
	for keep < len(points) && dropped(offsets[keep], Until(points, keep, f.state.since)) {
		keep++
	}
	if keep == 0 {
		return nil
	}
	from := f.size
	f.header.reason, f.header.began = why, f.state.since
	if keep < len(points) {
		from, f.header.began = offsets[keep], points[keep].Since
	} else {
		f.state.lastPoint = -1
		clear(f.saved)
	}
	return f.create(io.NewSectionReader(f.file, from, f.size-from))
}

// SetNow sets the time, in milliseconds since 1970, that points are too old by.
func (f *File) SetNow(now int64) { f.config.Now = now }
