package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// view reads the pages of a database as they are at a position of its log.
type view struct {
	main     *os.File
	wal      *wal
	pageSize int64
	// latest is the newest frame of each page, up to the position.
	latest map[uint32]uint32
}

// openView opens the files beside SQLite, which has them open in the same
// process. On Linux, macOS and Windows that does not touch SQLite's locks: there
// the library takes those that belong to an open file, and not POSIX's, which
// closing any other opening of the file would free.
func openView(path string) (*view, error) {
	main, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	v := &view{main: main, latest: map[uint32]uint32{}}
	var head [18]byte
	if _, err := main.ReadAt(head[:], 0); err != nil {
		v.close()
		return nil, fmt.Errorf("read database: %w", err)
	}
	v.pageSize = int64(binary.BigEndian.Uint16(head[16:]))
	if v.pageSize == 1 {
		v.pageSize = 65536
	}
	if v.wal, err = openWAL(path + "-wal"); err != nil {
		v.close()
		return nil, err
	}
	if v.wal != nil && v.wal.pageSize != v.pageSize {
		v.close()
		return nil, ErrForeign
	}
	return v, nil
}

func (v *view) close() {
	v.wal.close()
	v.main.Close()
}

// seek sets the position, from the start of the log.
func (v *view) seek(to uint32) error {
	for n := uint32(1); n <= to; n++ {
		f, err := v.wal.frame(n)
		if err != nil {
			return err
		}
		v.latest[f.page] = n
	}
	return nil
}

// mainPages is the size of the database file.
func (v *view) mainPages() (uint32, error) {
	info, err := v.main.Stat()
	if err != nil {
		return 0, fmt.Errorf("read database: %w", err)
	}
	return uint32(info.Size() / v.pageSize), nil
}

// read reads a page, counted from 1. One that nobody wrote is zero.
func (v *view) read(page uint32, to []byte) error {
	if n, ok := v.latest[page]; ok {
		return v.wal.read(n, to)
	}
	n, err := v.main.ReadAt(to, int64(page-1)*v.pageSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read database: %w", err)
	}
	clear(to[n:])
	return nil
}

// sum is a checksum of the database's pages. It does not depend on their
// order, so that it can be kept up as single pages change.
func (v *view) sum(pages uint32) (uint64, error) {
	var sum uint64
	buffer := make([]byte, v.pageSize)
	for page := uint32(1); page <= pages; page++ {
		if err := v.read(page, buffer); err != nil {
			return 0, err
		}
		sum += pageSum(page, buffer)
	}
	return sum, nil
}

// pageSum is a page's share of the sum.
func pageSum(page uint32, content []byte) uint64 {
	x := uint64(page)<<32 | uint64(checksum(content))
	// The finaliser of SplitMix64 spreads each bit over all others.
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
