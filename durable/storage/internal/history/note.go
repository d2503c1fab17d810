package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Identity tells this history's bookmarks from those of others.
func (f *File) Identity() [16]byte { return f.header.identity }

// Began tells from when on states are known, in milliseconds since 1970, and
// why not from earlier.
func (f *File) Began() (int64, Reason) { return f.header.began, f.header.reason }

// Foreign reports whether the history had to begin anew, because another
// program had changed the database.
func (f *File) Foreign() bool { return f.foreign }

// LastSeq is the highest number of a boundary that was given.
func (f *File) LastSeq() int64 { return f.state.lastSeq }

// Since is the time of the last commit that is known, in milliseconds.
func (f *File) Since() int64 { return f.state.since }

// Position is the end of the log.
func (f *File) Position() Position { return f.position }

// Newest is the newest boundary, if it is still in the log.
func (f *File) Newest() (Boundary, bool) {
	if len(f.boundaries) == 0 {
		return Boundary{}, false
	}
	return f.boundaries[len(f.boundaries)-1], true
}

// Committed tells that a transaction has made the log so many frames long, at
// a time in milliseconds. With restarted SQLite may have begun the log anew.
func (f *File) Committed(frames uint32, restarted bool) error {
	if f.file == nil {
		if err := f.start(); err != nil {
			return err
		}
	}
	if frames > f.position.Frame && !restarted && f.position.Salt != 0 {
		f.position.Frame = frames
		return nil
	}
	w, err := openWAL(f.config.Database + "-wal")
	if err != nil {
		return err
	}
	if w == nil {
		return ErrForeign
	}
	defer w.close()
	if w.salt != f.position.Salt {
		// SQLite begins the log anew when all of it is in the database. What of
		// it has not been saved by then is lost.
		if f.position.Frame > 0 && f.position != f.state.at {
			return ErrForeign
		}
		for i, b := range f.boundaries {
			if b.At == f.state.at {
				f.boundaries[i].At = Position{Salt: w.salt}
			}
		}
		f.state.at = Position{Salt: w.salt}
	}
	f.position = Position{Salt: w.salt, Frame: frames}
	return nil
}

// Frames finds out how long the log is, in frames up to the last commit.
func (f *File) Frames() (uint32, error) {
	w, err := openWAL(f.config.Database + "-wal")
	if err != nil || w == nil {
		return 0, err
	}
	defer w.close()
	frames, _, err := w.end()
	return frames, err
}

// Add notes a boundary. One that was in the log before it began anew is now at
// its start.
func (f *File) Add(b Boundary) error {
	if b.At.Salt != f.position.Salt {
		b.At = Position{Salt: f.position.Salt}
	}
	if err := f.write(kindBoundary, b.body()); err != nil {
		return err
	}
	f.boundaries = append(f.boundaries, b)
	f.state.lastSeq = b.Seq
	f.state.since = max(f.state.since, b.Until)
	return nil
}

// Pin keeps a point, because somebody gets a bookmark of it.
func (f *File) Pin(seq int64) error {
	if !f.markPinned(seq) {
		return nil
	}
	return f.write(kindPin, numbers(seq))
}

func (f *File) markPinned(seq int64) (changed bool) {
	for i, b := range f.boundaries {
		if b.Seq == seq && !b.Pinned {
			f.boundaries[i].Pinned = true
			return true
		}
	}
	return false
}

// Target is the point that is to be restored, and the number that the state
// before that gets.
func (f *File) Target() (target, undo int64, ok bool) {
	return f.state.target, f.state.undo, f.state.target >= 0
}

// SetTarget asks for a point to be restored when the database is next opened.
// A target of -1 takes that back.
func (f *File) SetTarget(target, undo int64) error {
	f.state.target, f.state.undo = target, undo
	return f.sumUp()
}

// sumUp writes the state and, since it ends what can be found before it, the
// boundaries again.
func (f *File) sumUp() error {
	if err := f.write(kindState, f.state.body()); err != nil {
		return err
	}
	for _, b := range f.boundaries {
		if err := f.write(kindBoundary, b.body()); err != nil {
			return err
		}
	}
	return nil
}

// Points lists what can be restored, the oldest first.
func (f *File) Points() ([]Point, error) {
	var points []Point
	if f.file != nil {
		_, err := f.scan(0, func(r record) error {
			if r.kind == kindPoint {
				if p := readPoint(r.body); len(points) == 0 || p.Seq > points[len(points)-1].Seq {
					points = append(points, p.Point)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, b := range f.boundaries {
		points = append(points, Point{b.Seq, b.Since})
	}
	return points, nil
}

// Close ends the work with the file, after the database was closed and with it
// its log, unless another program has it open.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	var err error
	if _, failure := os.Stat(f.config.Database + "-wal"); errors.Is(failure, fs.ErrNotExist) && len(f.boundaries) == 0 {
		err = f.stamp()
	}
	if err == nil {
		err = f.sumUp()
	}
	if closeErr := f.file.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("close history: %w", closeErr)
	}
	f.file = nil
	return err
}

// Abandon closes the file as it is.
func (f *File) Abandon() {
	if f.file != nil {
		// Nothing is written that could be lost.
		_ = f.file.Close()
		f.file = nil
	}
}
