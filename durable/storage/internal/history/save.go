package history

import (
	"encoding/binary"
	"fmt"
)

// batchBytes is how many bytes of pages are gathered for one record.
const batchBytes = 1 << 19

// saver saves the pages that the log replaces.
type saver struct {
	file *File
	view *view
	page []byte
	// sum is the checksum of the database at the saved end of the log.
	sum     uint64
	changed map[uint32]struct{}
	numbers []uint32
	images  []byte
}

// Save saves what the log replaces, up to its end. It must come before SQLite
// copies the log into the database file.
func (f *File) Save() error {
	if f.file == nil || f.position == f.state.at && len(f.boundaries) == 0 {
		return nil
	}
	v, err := openView(f.config.Database)
	if err != nil {
		return err
	}
	defer v.close()
	start := f.state.at.Frame
	switch {
	case v.wal == nil && f.position.Frame == 0:
	case v.wal == nil || v.wal.salt != f.position.Salt:
		return ErrForeign
	case f.state.at.Salt != f.position.Salt:
		start = 0
	}
	if err := v.seek(start); err != nil {
		return err
	}
	s := saver{file: f, view: v, page: make([]byte, v.pageSize), sum: f.state.sum, changed: map[uint32]struct{}{}}
	pages, err := s.run(start)
	if err != nil {
		return err
	}
	if err := s.finish(pages); err != nil {
		return err
	}
	f.state.at, f.state.pages, f.state.fileSize = f.position, pages, -1
	f.boundaries, f.buffer = nil, nil
	if err := f.write(kindState, f.state.body()); err != nil {
		return err
	}
	return f.cut()
}

// run goes through the log, from boundary to boundary, and returns the size of
// the database at the end.
func (s *saver) run(start uint32) (pages uint32, err error) {
	f := s.file
	at, pages := start, f.state.pages
	for _, b := range thin(f.boundaries) {
		to := max(b.At.Frame, start)
		if b.At.Salt != f.position.Salt {
			to = start
		}
		if pages, err = s.segment(at, to, pages); err != nil {
			return 0, err
		}
		at = to
		if err := f.write(kindPoint, point{Point{b.Seq, b.Since}, pages}.body()); err != nil {
			return 0, err
		}
		f.state.lastPoint = b.Seq
		clear(f.saved)
	}
	return s.segment(at, f.position.Frame, pages)
}

// manyBoundaries is how many boundaries between two saves are all kept.
const manyBoundaries = 100

// thin drops boundaries if there are many: those that nobody has a bookmark of
// and after which another follows in the same second.
func thin(boundaries []Boundary) []Boundary {
	if len(boundaries) <= manyBoundaries {
		return boundaries
	}
	var kept []Boundary
	for i, b := range boundaries {
		if !b.Pinned && i+1 < len(boundaries) && boundaries[i+1].Since/1000 == b.Since/1000 {
			continue
		}
		kept = append(kept, b)
	}
	return kept
}

// segment saves the pages that the frames from one place to another replace,
// and returns the size of the database there.
func (s *saver) segment(from, to, pages uint32) (uint32, error) {
	end, least := pages, pages
	touched := map[uint32]uint32{}
	for n := from + 1; n <= to; n++ {
		f, err := s.view.wal.frame(n)
		if err != nil {
			return 0, err
		}
		if _, ok := touched[f.page]; !ok {
			if err := s.keep(f.page, pages); err != nil {
				return 0, err
			}
		}
		touched[f.page] = n
		if f.commit != 0 {
			end, least = f.commit, min(least, f.commit)
		}
	}
	// Pages that were cut off are replaced without being in the log.
	for page := least + 1; page <= pages; page++ {
		if _, ok := touched[page]; !ok {
			if err := s.keep(page, pages); err != nil {
				return 0, err
			}
		}
	}
	for page, n := range touched {
		s.view.latest[page] = n
	}
	return end, s.flush()
}

// keep saves a page as it is before a segment, if it is there and not saved.
func (s *saver) keep(page, pages uint32) error {
	f := s.file
	_, summed := s.changed[page]
	_, saved := f.saved[page]
	save := f.state.lastPoint >= 0 && !saved && page <= pages
	if summed = summed || !f.state.summed; summed && !save {
		return nil
	}
	if err := s.view.read(page, s.page); err != nil {
		return err
	}
	if !summed {
		s.changed[page] = struct{}{}
		if page <= f.state.pages {
			s.sum -= pageSum(page, s.page)
		}
	}
	if !save {
		return nil
	}
	f.saved[page] = struct{}{}
	s.numbers = append(s.numbers, page)
	s.images = append(s.images, s.page...)
	if len(s.images) >= batchBytes {
		return s.flush()
	}
	return nil
}

// flush writes the pages that were gathered.
func (s *saver) flush() error {
	if len(s.numbers) == 0 {
		return nil
	}
	body := numbers(s.file.state.lastPoint)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(s.numbers)))
	body = binary.LittleEndian.AppendUint32(body, uint32(s.view.pageSize))
	for _, n := range s.numbers {
		body = binary.LittleEndian.AppendUint32(body, n)
	}
	body = append(body, s.images...)
	s.numbers, s.images = s.numbers[:0], s.images[:0]
	if err := s.file.write(kindImages, body); err != nil {
		return fmt.Errorf("save pages: %w", err)
	}
	return nil
}

// finish brings the checksum to the end of the log.
func (s *saver) finish(pages uint32) (err error) {
	state := &s.file.state
	if !state.summed {
		state.sum, err = s.view.sum(pages)
		state.summed = err == nil
		return err
	}
	for page := range s.changed {
		if page > pages {
			continue
		}
		if err := s.view.read(page, s.page); err != nil {
			return err
		}
		s.sum += pageSum(page, s.page)
	}
	// Pages that came to the database without being written are zero.
	for page := state.pages + 1; page <= pages; page++ {
		if _, ok := s.changed[page]; !ok {
			clear(s.page)
			s.sum += pageSum(page, s.page)
		}
	}
	state.sum = s.sum
	return nil
}
