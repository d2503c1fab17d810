package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// load reads the header and what has not been summed up.
func (f *File) load() error {
	info, err := f.file.Stat()
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	f.size = info.Size()
	head, err := f.record(0)
	if err != nil {
		return err
	}
	h, ok := readHeader(head.body)
	if !ok || head.kind != kindHeader {
		return f.damaged(0, "no header")
	}
	f.header = h
	if f.loadEnd() {
		return nil
	}
	summed := false
	whole, err := f.scan(0, func(r record) error {
		switch r.kind {
		case kindState:
			f.state, f.boundaries, summed = readState(r.body), nil, true
		case kindBoundary:
			f.boundaries = append(f.boundaries, readBoundary(r.body))
		case kindPin:
			f.markPinned(number(r.body, 0))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !summed {
		return f.damaged(f.size, "it ends too early")
	}
	for _, b := range f.boundaries {
		f.state.lastSeq, f.state.since = max(f.state.lastSeq, b.Seq), max(f.state.since, b.Until)
	}
	// What was being written when the process died is written again.
	if whole < f.size {
		if err := f.file.Truncate(whole); err != nil {
			return fmt.Errorf("repair history: %w", err)
		}
		f.size = whole
	}
	return nil
}

// loadEnd reads the state if it is the last record, as it is when the database
// was closed.
func (f *File) loadEnd() bool {
	const size = frontSize + stateSize + backSize
	if f.size < size {
		return false
	}
	r, err := f.record(f.size - size)
	if err != nil || r.kind != kindState || r.next != f.size {
		return false
	}
	f.state = readState(r.body)
	return true
}

// record is a record that was read.
type record struct {
	kind kind
	body []byte
	// offset is where it begins, next where the one after it does.
	offset, next int64
}

// errTorn says that the file ends within a record, or with a bad one.
var errTorn = errors.New("torn record")

func (f *File) damaged(offset int64, detail string) error {
	return &DamagedError{Path: f.config.Path, Offset: offset, Detail: detail}
}

// record reads and checks a record. The body holds until the next one is read.
func (f *File) record(offset int64) (record, error) {
	var front [frontSize]byte
	if _, err := f.file.ReadAt(front[:], offset); err != nil {
		if errors.Is(err, io.EOF) {
			return record{}, errTornAt(f, offset)
		}
		return record{}, fmt.Errorf("read history: %w", err)
	}
	size := int64(binary.LittleEndian.Uint32(front[:]))
	r := record{kind: kind(front[4]), offset: offset, next: offset + frontSize + size + backSize}
	if r.next > f.size {
		return record{}, errTornAt(f, offset)
	}
	if !rightSize(r.kind, int(size)) {
		return record{}, f.damaged(offset, "not a record")
	}
	if int64(cap(f.buffer)) < 1+size+backSize {
		f.buffer = make([]byte, 1+size+backSize)
	}
	b := f.buffer[:1+size+backSize]
	if _, err := f.file.ReadAt(b, offset+frontSize-1); err != nil {
		return record{}, fmt.Errorf("read history: %w", err)
	}
	if binary.LittleEndian.Uint32(b[1+size:]) != checksum(b[:1+size]) {
		if r.next == f.size {
			return record{}, errTorn
		}
		return record{}, f.damaged(offset, "wrong checksum")
	}
	r.body = b[1 : 1+size]
	return r, nil
}

// errTornAt is errTorn, but for the header, without which there is no history.
func errTornAt(f *File, offset int64) error {
	if offset == 0 {
		return f.damaged(0, "no header")
	}
	return errTorn
}

// scan reads all records from an offset on, and returns where the last whole
// one ends.
func (f *File) scan(from int64, each func(record) error) (int64, error) {
	for offset := from; ; {
		if offset == f.size {
			return offset, nil
		}
		r, err := f.record(offset)
		if errors.Is(err, errTorn) {
			return offset, nil
		}
		if err == nil {
			err = each(r)
		}
		if err != nil {
			return offset, err
		}
		offset = r.next
	}
}
