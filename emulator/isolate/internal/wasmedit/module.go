// Package wasmedit changes a WebAssembly binary in the few ways that doemu needs: it adds types,
// functions, table elements and exports, puts code at function entries, moves the stack and takes
// the data segments out. It understands as much of the format as that takes.
//
// https://webassembly.github.io/spec/core/binary/modules.html
package wasmedit

import (
	"bytes"
	"errors"
	"fmt"
)

const (
	secType     = 1
	secImport   = 2
	secFunction = 3
	secTable    = 4
	secMemory   = 5
	secGlobal   = 6
	secExport   = 7
	secElement  = 9
	secCode     = 10
	secData     = 11
	secCount    = 12
)

var header = []byte("\x00asm\x01\x00\x00\x00")

type section struct {
	id   byte
	body []byte
}

// Segment is an active data segment: bytes that belong at an address of the memory.
type Segment struct {
	Offset uint32
	Bytes  []byte
}

// Module is a WebAssembly binary, taken apart.
type Module struct {
	sections []section
	bodies   [][]byte // code of the functions that the module defines: locals and instructions
	imports  uint32   // functions that it imports: they come first in the numbering
}

// Parse takes a binary apart. The module keeps parts of b.
func Parse(b []byte) (*Module, error) {
	if !bytes.HasPrefix(b, header) {
		return nil, errors.New("not a WebAssembly binary of version 1")
	}
	m := &Module{}
	r := &reader{b: b, at: len(header)}
	for r.at < len(r.b) && r.err == nil {
		id := r.byte()
		body := r.take(r.u32())
		if id != 0 { // custom sections are for people and debuggers
			m.sections = append(m.sections, section{id, body})
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := m.countImports(); err != nil {
		return nil, err
	}
	return m, m.splitCode()
}

func (m *Module) section(id byte) *section {
	for i := range m.sections {
		if m.sections[i].id == id {
			return &m.sections[i]
		}
	}
	return nil
}

func (m *Module) countImports() error {
	s := m.section(secImport)
	if s == nil {
		return nil
	}
	r := &reader{b: s.body}
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		r.take(r.u32())
		r.take(r.u32())
		if kind := r.byte(); kind != 0 {
			return fmt.Errorf("import of kind %d: only functions are understood", kind)
		}
		r.u32()
		m.imports++
	}
	return r.err
}

func (m *Module) splitCode() error {
	s := m.section(secCode)
	if s == nil {
		return errors.New("module without code")
	}
	r := &reader{b: s.body}
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		m.bodies = append(m.bodies, r.take(r.u32()))
	}
	return r.err
}

// Bytes puts the module together again.
func (m *Module) Bytes() []byte {
	code := appendU32(nil, uint32(len(m.bodies)))
	for _, body := range m.bodies {
		code = appendU32(code, uint32(len(body)))
		code = append(code, body...)
	}
	m.section(secCode).body = code
	out := bytes.Clone(header)
	for _, s := range m.sections {
		out = append(out, s.id)
		out = appendU32(out, uint32(len(s.body)))
		out = append(out, s.body...)
	}
	return out
}
