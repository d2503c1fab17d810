package isolate

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Rows collects values that come into a heap together: what a query gives. It is empty at first, and
// after [Rows.Reset], which keeps its memory for the next ones unless it is much.
type Rows struct {
	// text is what the engine reads, with room for the header.
	text   []byte
	values int
}

// What the engine reads before the values: struct rows in internal/quickjs/source/face.c.
const (
	rowsTemplate = 0
	rowsCount    = 8
	rowsColumns  = 12
	rowsHeader   = 16
)

// rowsKept is how much memory stays for the next values.
const rowsKept = 1 << 20

// Size is the bytes of all values: in a heap they take more.
func (r *Rows) Size() int { return len(r.text) }

// Reset takes all values out.
func (r *Rows) Reset() {
	if r.text == nil || cap(r.text) > rowsKept {
		r.text = make([]byte, rowsHeader, 1<<10)
	}
	r.text, r.values = r.text[:rowsHeader], 0
}

// Null adds null.
func (r *Rows) Null() { r.raw(tagged(tagNull, 0)) }

// Number adds a number.
func (r *Rows) Number(f float64) { r.raw(rawNumber(f)) }

// Text adds a string, given in UTF-8.
func (r *Rows) Text(b []byte) {
	r.raw(tagged(tagString, uint32(len(b))))
	r.text = append(r.text, b...)
}

// Bytes adds an ArrayBuffer.
func (r *Rows) Bytes(b []byte) {
	r.raw(tagged(tagObject, uint32(len(b))))
	r.text = append(r.text, b...)
}

func (r *Rows) raw(v uint64) {
	if r.text == nil {
		r.Reset()
	}
	r.text = binary.LittleEndian.AppendUint64(r.text, v)
	r.values++
}

// Array is an array of all values. Like every Value made of them it is good until Rows changes.
func (r *Rows) Array() Value {
	if r.values == 0 {
		return JSON([]byte("[]"))
	}
	return r.value(tagged(tagUndefined, 0), r.values, 1)
}

// Objects is an array of objects of a form, each with the next values.
func (r *Rows) Objects(form Form) Value {
	if r.values == 0 {
		return JSON([]byte("[]"))
	}
	if r.values%form.fields != 0 {
		panic(fmt.Sprintf("isolate: %d values for objects of %d", r.values, form.fields))
	}
	return r.value(form.template.raw, r.values/form.fields, form.fields)
}

// Object is one object of a form, which has all values.
func (r *Rows) Object(form Form) Value {
	if r.values != form.fields {
		panic(fmt.Sprintf("isolate: %d values for an object of %d", r.values, form.fields))
	}
	return r.value(form.template.raw, 0, form.fields)
}

func (r *Rows) value(template uint64, count, columns int) Value {
	binary.LittleEndian.PutUint64(r.text[rowsTemplate:], template)
	binary.LittleEndian.PutUint32(r.text[rowsCount:], uint32(count))
	binary.LittleEndian.PutUint32(r.text[rowsColumns:], uint32(columns))
	return Value{kind: kindRows, bytes: r.text}
}

// Form is the names of the properties of objects that [Rows.Objects] makes, in one heap.
type Form struct {
	// template is an object with these properties, which no program ever sees: it keeps the engine's
	// own description of them.
	template Handle
	fields   int
}

// Form makes a form. The names are JSON texts, of which no two mean the same string, and at least one.
func (i *Isolate) Form(names []string) Form {
	template := i.toRaw(JSON([]byte("{" + strings.Join(names, ":0,") + ":0}")))
	if tagOf(template) != tagObject || i.formSize(template) != len(names) {
		panic(fmt.Sprintf("isolate: the names %q make no form", names))
	}
	return Form{Handle{template}, len(names)}
}

// Form makes a form of argument n: an object which has properties only that have values and can be changed.
// The objects made have its prototype and its private fields, too.
func (c *Call) Form(n int) Form {
	template := c.Hold(n)
	return Form{template, c.isolate.formSize(template.raw)}
}

// ReleaseForm drops a form. Objects that have been made stay as they are.
func (i *Isolate) ReleaseForm(f Form) { i.Release(f.template) }

// newRows makes the array, the object or the value that the bytes at an address tell of.
func (i *Isolate) newRows(context, at, _ int32) int64 { return i.code.Xnew_rows(context, at) }
