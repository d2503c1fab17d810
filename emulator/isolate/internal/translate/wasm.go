package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Sections of a module, https://webassembly.github.io/spec/core/binary/modules.html#sections
const (
	sectionData      = 11
	sectionDataCount = 12
)

// takeData takes the data out of a module: memory as it is before any code runs, from the first byte that is not 0 on.
func takeData(module []byte) (rest []byte, offset uint32, data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the module is cut: %v", r)
		}
	}()
	if len(module) < 8 || string(module[:4]) != "\x00asm" {
		return nil, 0, nil, errors.New("this is no WebAssembly module")
	}
	rest = append(rest, module[:8]...)
	memory := map[uint32][]byte{}
	var end uint32
	for b := module[8:]; len(b) > 0; {
		size, n := binary.Uvarint(b[1:])
		section := b[:1+n+int(size)]
		switch b = b[len(section):]; section[0] {
		case sectionDataCount:
		case sectionData:
			r := reader{section[1+n:]}
			for range r.unsigned() {
				if kind := r.unsigned(); kind != 0 {
					return nil, 0, nil, fmt.Errorf("a data segment of kind %d, which code puts into memory", kind)
				}
				at := r.constant()
				bytes := r.bytes(int(r.unsigned()))
				memory[at] = bytes
				end = max(end, at+uint32(len(bytes)))
			}
		default:
			rest = append(rest, section...)
		}
	}
	offset = end
	for at := range memory {
		offset = min(offset, at)
	}
	data = make([]byte, end-offset)
	for at, bytes := range memory {
		copy(data[at-offset:], bytes)
	}
	return rest, offset, data, nil
}

type reader struct{ b []byte }

func (r *reader) unsigned() uint64 {
	v, n := binary.Uvarint(r.b)
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(n int) []byte {
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// constant reads the expression `i32.const n end`.
func (r *reader) constant() uint32 {
	const i32Const, end = 0x41, 0x0b
	if r.b[0] != i32Const {
		panic("a segment's place is no constant")
	}
	r.b = r.b[1:]
	var v uint32
	for shift := 0; ; shift += 7 {
		b := r.b[0]
		r.b = r.b[1:]
		v |= uint32(b&0x7f) << shift
		if b&0x80 == 0 {
			if shift += 7; b&0x40 != 0 && shift < 32 {
				v |= ^uint32(0) << shift
			}
			break
		}
	}
	if r.b[0] != end {
		panic("a segment's place is no constant")
	}
	r.b = r.b[1:]
	return v
}
