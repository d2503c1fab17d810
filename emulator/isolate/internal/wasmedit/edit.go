package wasmedit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// ValType is a value type of WebAssembly.
type ValType byte

const (
	I32 ValType = 0x7f
	I64 ValType = 0x7e
)

// appendItem adds one item to the end of a section that is a vector.
func (m *Module) appendItem(id byte, item []byte) (index uint32, err error) {
	s := m.section(id)
	if s == nil {
		return 0, fmt.Errorf("module has no section %d", id)
	}
	r := &reader{b: s.body}
	n := r.u32()
	body := appendU32(nil, n+1)
	body = append(body, s.body[r.at:]...)
	s.body = append(body, item...)
	return n, r.err
}

// AddFunction adds a function and returns its index. The code is its instructions, without the
// final end; its locals stand behind the parameters.
func (m *Module) AddFunction(params, results []ValType, code []byte, locals ...ValType) (uint32, error) {
	sig := []byte{0x60, byte(len(params))}
	for _, p := range params {
		sig = append(sig, byte(p))
	}
	sig = append(sig, byte(len(results)))
	for _, p := range results {
		sig = append(sig, byte(p))
	}
	typ, err := m.appendItem(secType, sig)
	if err != nil {
		return 0, err
	}
	n, err := m.appendItem(secFunction, appendU32(nil, typ))
	if err != nil {
		return 0, err
	}
	body := append(appendLocals(nil, locals), code...)
	m.bodies = append(m.bodies, append(body, 0x0b))
	return m.imports + n, nil
}

// Export makes a function reachable under a name.
func (m *Module) Export(name string, function uint32) error {
	item := appendU32(nil, uint32(len(name)))
	item = append(item, name...)
	item = append(item, 0)
	_, err := m.appendItem(secExport, appendU32(item, function))
	return err
}

// AddTableElement puts a function behind the last element of the table and returns its index
// there. The module must have one table, filled by one element segment up to its end.
func (m *Module) AddTableElement(function uint32) (uint32, error) {
	table, elem := m.section(secTable), m.section(secElement)
	if table == nil || elem == nil {
		return 0, errors.New("module has no table")
	}
	r := &reader{b: table.body}
	tables, kind, limits, size, most := r.u32(), r.byte(), r.byte(), r.u32(), r.u32()
	if r.err != nil || tables != 1 || limits != 1 || size != most {
		return 0, errors.New("module has another kind of table than expected")
	}
	table.body = append([]byte{1, kind, 1}, appendU32(appendU32(nil, size+1), most+1)...)

	r = &reader{b: elem.body}
	segments, flags, op, offset, end, n := r.u32(), r.u32(), r.byte(), r.i32(), r.byte(), r.u32()
	if r.err != nil || segments != 1 || flags != 0 || op != 0x41 || end != 0x0b || uint32(offset)+n != size {
		return 0, errors.New("module has other element segments than expected")
	}
	body := append([]byte{1, 0, 0x41}, AppendI64(nil, int64(offset))...)
	body = appendU32(append(body, 0x0b), n+1)
	body = append(body, elem.body[r.at:]...)
	elem.body = appendU32(body, function)
	return size, nil
}

// SetTableElement replaces the function behind an index of the table.
func (m *Module) SetTableElement(index, function uint32) error {
	elem := m.section(secElement)
	if elem == nil {
		return errors.New("module has no elements")
	}
	r := &reader{b: elem.body}
	r.u32()
	r.u32()
	r.byte()
	offset := uint32(r.i32())
	r.byte()
	n := r.u32()
	if index < offset || index >= offset+n {
		return fmt.Errorf("table element %d is not in the segment", index)
	}
	for i := offset; i < index; i++ {
		r.u32()
	}
	before := r.at
	r.u32()
	if r.err != nil {
		return r.err
	}
	body := append([]byte{}, elem.body[:before]...)
	elem.body = append(appendU32(body, function), elem.body[r.at:]...)
	return nil
}

// SetMemoryMin sets the memory's minimum size in pages of 64 KiB.
func (m *Module) SetMemoryMin(pages uint32) error {
	s := m.section(secMemory)
	if s == nil {
		return errors.New("module has no memory")
	}
	r := &reader{b: s.body}
	if n, flags := r.u32(), r.byte(); n != 1 || flags != 0 {
		return errors.New("module has another kind of memory than expected")
	}
	s.body = appendU32([]byte{1, 0}, pages)
	return nil
}

// SetGlobal sets the initial value of the module's only global, an i32 variable.
func (m *Module) SetGlobal(value int32) error {
	s := m.section(secGlobal)
	if s == nil {
		return errors.New("module has no globals")
	}
	r := &reader{b: s.body}
	n, typ, mutable, op := r.u32(), r.byte(), r.byte(), r.byte()
	if n != 1 || typ != byte(I32) || mutable != 1 || op != 0x41 {
		return errors.New("module has other globals than expected")
	}
	s.body = append(AppendI64([]byte{1, typ, mutable, op}, int64(value)), 0x0b)
	return nil
}

// TakeData removes the data segments and returns them. The caller writes them into the memory.
func (m *Module) TakeData() ([]Segment, error) {
	s := m.section(secData)
	if s == nil {
		return nil, nil
	}
	var out []Segment
	r := &reader{b: s.body}
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		if flags, op := r.u32(), r.byte(); flags != 0 || op != 0x41 {
			return nil, errors.New("module has other data segments than expected")
		}
		offset := uint32(r.i32())
		r.byte()
		out = append(out, Segment{offset, r.take(r.u32())})
	}
	kept := m.sections[:0]
	for _, sec := range m.sections {
		if sec.id != secData && sec.id != secCount {
			kept = append(kept, sec)
		}
	}
	m.sections = kept
	return out, r.err
}

// Prepend puts instructions before those of a function that the module defines.
func (m *Module) Prepend(function uint32, code []byte) error {
	i := int(function) - int(m.imports)
	if i < 0 || i >= len(m.bodies) {
		return fmt.Errorf("function %d is not defined here", function)
	}
	at, err := codeStart(m.bodies[i])
	if err != nil {
		return err
	}
	body := append([]byte{}, m.bodies[i][:at]...)
	body = append(body, code...)
	m.bodies[i] = append(body, m.bodies[i][at:]...)
	return nil
}

// Insert puts instructions before some of a function that the module defines: before the bytes of
// pattern, which must stand there once.
func (m *Module) Insert(function uint32, pattern, code []byte) error {
	i := int(function) - int(m.imports)
	if i < 0 || i >= len(m.bodies) {
		return fmt.Errorf("function %d is not defined here", function)
	}
	before, after, ok := bytes.Cut(m.bodies[i], pattern)
	if !ok || bytes.Contains(after, pattern) {
		return fmt.Errorf("function %d has not one place with % x", function, pattern)
	}
	m.bodies[i] = slices.Concat(before, code, pattern, after)
	return nil
}

// Wrap puts other code in the place of a function that the module defines: everything that calls the
// function runs that code, and the code can call what the function was by the index that it is given.
// The code is instructions without the final end; its locals stand behind the parameters.
func (m *Module) Wrap(function uint32, locals []ValType, code func(inner uint32) []byte) error {
	i := int(function) - int(m.imports)
	if i < 0 || i >= len(m.bodies) {
		return fmt.Errorf("function %d is not defined here", function)
	}
	r := &reader{b: m.section(secFunction).body}
	r.u32()
	for range i {
		r.u32()
	}
	typ := r.u32()
	if r.err != nil {
		return r.err
	}
	n, err := m.appendItem(secFunction, appendU32(nil, typ))
	if err != nil {
		return err
	}
	m.bodies = append(m.bodies, m.bodies[i])
	body := append(appendLocals(nil, locals), code(m.imports+n)...)
	m.bodies[i] = append(body, 0x0b)
	return nil
}

// appendLocals declares locals at the start of a function's body.
func appendLocals(body []byte, locals []ValType) []byte {
	body = appendU32(body, uint32(len(locals)))
	for _, l := range locals {
		body = append(body, 1, byte(l))
	}
	return body
}

// Functions calls f with the index and the first instructions of every function defined here.
func (m *Module) Functions(f func(index uint32, code []byte) error) error {
	for i, body := range m.bodies {
		at, err := codeStart(body)
		if err != nil {
			return err
		}
		if err := f(m.imports+uint32(i), body[at:]); err != nil {
			return err
		}
	}
	return nil
}

func codeStart(body []byte) (int, error) {
	r := &reader{b: body}
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		r.u32()
		r.byte()
	}
	return r.at, r.err
}

// KeepExports removes all exports but those named.
func (m *Module) KeepExports(names ...string) error {
	s := m.section(secExport)
	if s == nil {
		return errors.New("module has no exports")
	}
	r := &reader{b: s.body}
	var kept []byte
	count := uint32(0)
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		start := r.at
		name := string(r.take(r.u32()))
		r.byte()
		r.u32()
		if slices.Contains(names, name) {
			kept = append(kept, s.body[start:r.at]...)
			count++
		}
	}
	s.body = append(appendU32(nil, count), kept...)
	return r.err
}
