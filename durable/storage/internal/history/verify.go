package history

import "fmt"

// verify finds out whether the database is in the state in which this history
// left it, or has only gone on from there in the same log.
func (f *File) verify(v *view) error {
	if f.position.Salt == f.state.at.Salt && f.state.at.Salt != 0 {
		if f.position.Frame < f.state.at.Frame {
			return ErrForeign
		}
		return f.wantBoundariesIn(f.position.Salt)
	}
	// The log is another one or gone, so all that was in it must have been
	// saved, and must be in the database file.
	if err := f.wantBoundariesIn(f.position.Salt); err != nil {
		return err
	}
	info, err := v.main.Stat()
	if err != nil {
		return fmt.Errorf("look at database: %w", err)
	}
	if info.Size() != f.state.fileSize || info.ModTime().UnixNano() != f.state.fileTime {
		if !f.state.summed || info.Size() != int64(f.state.pages)*v.pageSize {
			return ErrForeign
		}
		sum, err := v.sum(f.state.pages)
		if err != nil {
			return err
		}
		if sum != f.state.sum {
			return ErrForeign
		}
	}
	// The database file is where the history is, and all of the log is new.
	f.state.at = Position{Salt: f.position.Salt}
	return nil
}

// wantBoundariesIn checks that what has been noted of the log can be found.
func (f *File) wantBoundariesIn(salt uint64) error {
	for i, b := range f.boundaries {
		switch {
		case b.At == f.state.at:
			f.boundaries[i].At = Position{Salt: salt}
			if salt == f.state.at.Salt {
				f.boundaries[i].At.Frame = f.state.at.Frame
			}
		case b.At.Salt != salt || b.At.Frame > f.position.Frame:
			return ErrForeign
		}
	}
	return nil
}
