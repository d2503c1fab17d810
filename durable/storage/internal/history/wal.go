package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	walHeaderSize   = 32
	frameHeaderSize = 24
	walMagic        = 0x377f0682
)

// wal reads a write-ahead log.
//
// https://sqlite.org/fileformat2.html#walformat
type wal struct {
	file     *os.File
	pageSize int64
	salt     uint64
	order    binary.ByteOrder
	sum      [2]uint32
}

// openWAL opens a log. It is nil if there is none, or an empty one.
func openWAL(path string) (*wal, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	var head [walHeaderSize]byte
	if _, err := file.ReadAt(head[:], 0); err != nil {
		file.Close()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, fmt.Errorf("read log: %w", err)
	}
	word := func(i int) uint32 { return binary.BigEndian.Uint32(head[i*4:]) }
	w := &wal{file: file, pageSize: int64(word(2)), salt: uint64(word(4))<<32 | uint64(word(5)), order: binary.LittleEndian}
	if word(0)&1 != 0 {
		w.order = binary.BigEndian
	}
	w.add(head[:24])
	if word(0)&^1 != walMagic || w.sum != [2]uint32{word(6), word(7)} {
		file.Close()
		return nil, nil
	}
	return w, nil
}

func (w *wal) close() {
	if w != nil {
		w.file.Close()
	}
}

// add continues the checksum of the log.
func (w *wal) add(b []byte) {
	s0, s1 := w.sum[0], w.sum[1]
	for i := 0; i+8 <= len(b); i += 8 {
		s0 += w.order.Uint32(b[i:]) + s1
		s1 += w.order.Uint32(b[i+4:]) + s0
	}
	w.sum = [2]uint32{s0, s1}
}

// frame is the header of a frame.
type frame struct {
	page uint32
	// commit is the size of the database in pages if the frame ends a
	// transaction, else 0.
	commit uint32
}

func (w *wal) offset(n uint32) int64 {
	return walHeaderSize + int64(n-1)*(frameHeaderSize+w.pageSize)
}

// frame reads the header of a frame, counted from 1.
func (w *wal) frame(n uint32) (frame, error) {
	var head [frameHeaderSize]byte
	if _, err := w.file.ReadAt(head[:], w.offset(n)); err != nil {
		return frame{}, fmt.Errorf("read log: %w", err)
	}
	if binary.BigEndian.Uint64(head[8:]) != w.salt {
		return frame{}, ErrForeign
	}
	return frame{binary.BigEndian.Uint32(head[0:]), binary.BigEndian.Uint32(head[4:])}, nil
}

// read reads the page of a frame.
func (w *wal) read(n uint32, page []byte) error {
	if _, err := w.file.ReadAt(page, w.offset(n)+frameHeaderSize); err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	return nil
}

// end finds the last frame that ends a transaction, as SQLite does when it
// recovers, and the size of the database there in pages.
func (w *wal) end() (last, pages uint32, err error) {
	buffer := make([]byte, frameHeaderSize+w.pageSize)
	for n := uint32(1); ; n++ {
		if _, err := w.file.ReadAt(buffer, w.offset(n)); err != nil {
			if errors.Is(err, io.EOF) {
				return last, pages, nil
			}
			return 0, 0, fmt.Errorf("read log: %w", err)
		}
		word := func(i int) uint32 { return binary.BigEndian.Uint32(buffer[i*4:]) }
		w.add(buffer[:8])
		w.add(buffer[frameHeaderSize:])
		if uint64(word(2))<<32|uint64(word(3)) != w.salt || w.sum != [2]uint32{word(4), word(5)} {
			return last, pages, nil
		}
		if word(1) != 0 {
			last, pages = n, word(1)
		}
	}
}
