package history

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Image is the database as it was at a point, while it has gone on since. It
// must be closed, and what it was made of must not change before.
type Image struct {
	file  *File
	view  *view
	pages uint32
	// saved is where in the history file the saved pages are.
	saved map[uint32]int64
}

// Image gives the database as it was at a point. All of the log must have been
// saved.
func (f *File) Image(seq int64) (*Image, error) {
	image := &Image{file: f, saved: map[uint32]int64{}}
	found := false
	_, err := f.scan(0, func(r record) error {
		switch r.kind {
		case kindPoint:
			if p := readPoint(r.body); p.Seq == seq {
				image.pages, found = p.pages, true
			}
		case kindImages:
			if number(r.body, 0) >= seq {
				return image.add(r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("the history has no state with the number %d", seq)
	}
	if image.view, err = openView(f.config.Database); err != nil {
		return nil, err
	}
	if image.view.wal != nil && image.view.wal.salt == f.position.Salt {
		err = image.view.seek(f.position.Frame)
	}
	if err != nil {
		image.view.close()
		return nil, err
	}
	return image, nil
}

// add finds the pages of a record. Of several of the same page the first is
// what the page was at the point.
func (i *Image) add(r record) error {
	count := int64(binary.LittleEndian.Uint32(r.body[8:]))
	size := int64(binary.LittleEndian.Uint32(r.body[12:]))
	if int64(len(r.body)) != imagesFixed+count*(4+size) {
		return i.file.damaged(r.offset, "not a record of pages")
	}
	first := r.offset + frontSize + imagesFixed + count*4
	for n := range count {
		page := binary.LittleEndian.Uint32(r.body[imagesFixed+n*4:])
		if _, ok := i.saved[page]; !ok {
			i.saved[page] = first + n*size
		}
	}
	return nil
}

// Size is the size of the database in bytes.
func (i *Image) Size() (int64, error) { return int64(i.pages) * i.view.pageSize, nil }

// ReadAt reads the database's bytes. It says of itself that it has no log, so
// that SQLite looks for none.
func (i *Image) ReadAt(to []byte, offset int64) (int, error) {
	page := make([]byte, i.view.pageSize)
	total := 0
	for total < len(to) {
		at := offset + int64(total)
		number := uint32(at/i.view.pageSize) + 1
		if number > i.pages {
			return total, io.EOF
		}
		if saved, ok := i.saved[number]; ok {
			if _, err := i.file.file.ReadAt(page, saved); err != nil {
				return total, fmt.Errorf("read history: %w", err)
			}
		} else if err := i.view.read(number, page); err != nil {
			return total, err
		}
		if number == 1 {
			page[18], page[19] = 1, 1
		}
		total += copy(to[total:], page[at%i.view.pageSize:])
	}
	return total, nil
}

// Close frees what the image was made of.
func (i *Image) Close() { i.view.close() }
