package history

import (
	"encoding/binary"
	"hash/crc32"
)

// A history file is a row of records, each
//
//	length of the body, 4 bytes
//	kind, 1 byte
//	body
//	CRC-32C of kind and body, 4 bytes
//	length of the body again, 4 bytes
//
// so that it can be read from its end too. All numbers are little-endian.
type kind byte

const (
	// kindHeader is the first record.
	kindHeader kind = iota + 1
	// kindBoundary is a boundary that is still in the log of the database.
	kindBoundary
	// kindPin pins such a boundary.
	kindPin
	// kindPoint is a state that is no longer in the log.
	kindPoint
	// kindImages are pages as they were at a point.
	kindImages
	// kindState sums up: what comes before it, but for points and images, is
	// done with.
	kindState
)

const (
	frontSize = 5
	backSize  = 8
	version   = 1

	headerSize   = 1 + 16 + 1 + 8
	boundarySize = 8 + 8 + 8 + 8 + 4 + 1
	pinSize      = 8
	pointSize    = 8 + 8 + 4
	imagesFixed  = 8 + 4 + 4
	stateSize    = 8 + 8 + 8 + 4 + 4 + 8 + 1 + 8 + 8 + 8 + 8 + 8 + 8
)

// appendRecord encloses a body.
func appendRecord(dst []byte, k kind, body []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(body)))
	start := len(dst)
	dst = append(dst, byte(k))
	dst = append(dst, body...)
	dst = binary.LittleEndian.AppendUint32(dst, checksum(dst[start:]))
	return binary.LittleEndian.AppendUint32(dst, uint32(len(body)))
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// header is the body of kindHeader.
type header struct {
	identity [16]byte
	reason   Reason
	// began is the time from which on states are known, in milliseconds.
	began int64
}

func (h header) body() []byte {
	b := append([]byte{version}, h.identity[:]...)
	b = append(b, byte(h.reason))
	return binary.LittleEndian.AppendUint64(b, uint64(h.began))
}

func readHeader(b []byte) (h header, ok bool) {
	if len(b) != headerSize || b[0] != version {
		return h, false
	}
	copy(h.identity[:], b[1:])
	h.reason = Reason(b[17])
	h.began = int64(binary.LittleEndian.Uint64(b[18:]))
	return h, true
}

func (b Boundary) body() []byte {
	out := numbers(b.Seq, b.Since, b.Until, int64(b.At.Salt))
	out = binary.LittleEndian.AppendUint32(out, b.At.Frame)
	return append(out, flag(b.Pinned))
}

func readBoundary(b []byte) Boundary {
	return Boundary{
		Seq: number(b, 0), Since: number(b, 1), Until: number(b, 2),
		At:     Position{Salt: uint64(number(b, 3)), Frame: binary.LittleEndian.Uint32(b[32:])},
		Pinned: b[36] != 0,
	}
}

// point is the body of kindPoint: a point, and how many pages it has.
type point struct {
	Point
	pages uint32
}

func (p point) body() []byte {
	return binary.LittleEndian.AppendUint32(numbers(p.Seq, p.Since), p.pages)
}

func readPoint(b []byte) point {
	return point{Point{Seq: number(b, 0), Since: number(b, 1)}, binary.LittleEndian.Uint32(b[16:])}
}

// state is the body of kindState.
type state struct {
	lastSeq int64
	// since is the time of the last commit, in milliseconds.
	since int64
	// at is how far into the log the pages have been saved, and pages how many
	// the database has there.
	at    Position
	pages uint32
	// sum is the checksum of the whole database there, if summed.
	sum    uint64
	summed bool
	// fileSize and fileTime tell whether the database file has been changed
	// since it was closed.
	fileSize, fileTime int64
	// target is the point to restore when the database is next opened, and undo
	// the number of the state before that. Both are -1 for none.
	target, undo int64
	// lastPoint is the newest point, -1 for none.
	lastPoint int64
	// checked is when points that are too old were last looked for, in
	// milliseconds.
	checked int64
}

func (s state) body() []byte {
	b := numbers(s.lastSeq, s.since, int64(s.at.Salt))
	b = binary.LittleEndian.AppendUint32(b, s.at.Frame)
	b = binary.LittleEndian.AppendUint32(b, s.pages)
	b = append(b, numbers(int64(s.sum))...)
	b = append(b, flag(s.summed))
	return append(b, numbers(s.fileSize, s.fileTime, s.target, s.undo, s.lastPoint, s.checked)...)
}

func readState(b []byte) state {
	tail := b[41:]
	return state{
		lastSeq: number(b, 0), since: number(b, 1),
		at:    Position{Salt: uint64(number(b, 2)), Frame: binary.LittleEndian.Uint32(b[24:])},
		pages: binary.LittleEndian.Uint32(b[28:]), sum: uint64(number(b, 4)), summed: b[40] != 0,
		fileSize: number(tail, 0), fileTime: number(tail, 1), target: number(tail, 2), undo: number(tail, 3),
		lastPoint: number(tail, 4), checked: number(tail, 5),
	}
}

func numbers(n ...int64) []byte {
	var b []byte
	for _, v := range n {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return b
}

func number(b []byte, i int) int64 { return int64(binary.LittleEndian.Uint64(b[i*8:])) }

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// rightSize reports whether a body can be of a kind.
func rightSize(k kind, size int) bool {
	switch k {
	case kindHeader:
		return size == headerSize
	case kindBoundary:
		return size == boundarySize
	case kindPin:
		return size == pinSize
	case kindPoint:
		return size == pointSize
	case kindImages:
		return size >= imagesFixed
	case kindState:
		return size == stateSize
	}
	return false
}
