package serialized

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
)

// formatVersion is the version that is written, which is workerd's.
const formatVersion = 15

// FromJSON serializes the value that a JSON text stands for, in the form in which workerd stores it.
func FromJSON(text []byte) ([]byte, error) {
	w := writer{decoder: json.NewDecoder(bytes.NewReader(text)), out: []byte{tagVersion, formatVersion}}
	w.decoder.UseNumber()
	token, err := w.decoder.Token()
	if err == nil {
		err = w.value(token, deepest)
	}
	if err == nil {
		if _, end := w.decoder.Token(); end != io.EOF {
			err = errors.New("there is more than one value")
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	return w.out, nil
}

// Undefined serializes undefined.
func Undefined() []byte { return []byte{tagVersion, formatVersion, tagUndefined} }

// Number serializes a number, which JSON may not have.
func Number(f float64) []byte {
	w := writer{out: []byte{tagVersion, formatVersion}}
	w.number(f)
	return w.out
}

type writer struct {
	decoder *json.Decoder
	out     []byte
}

func (w *writer) varint(n uint64) { w.out = binary.AppendUvarint(w.out, n) }

func (w *writer) value(token json.Token, depth int) error {
	if depth < 0 {
		return fmt.Errorf("values are nested more than %d deep", deepest)
	}
	switch v := token.(type) {
	case nil:
		w.out = append(w.out, tagNull)
	case bool:
		if v {
			w.out = append(w.out, tagTrue)
		} else {
			w.out = append(w.out, tagFalse)
		}
	case json.Number:
		f, err := strconv.ParseFloat(v.String(), 64)
		// What is too large is Infinity, as for JSON.parse.
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return err
		}
		w.number(f)
	case string:
		w.text(v)
	case json.Delim:
		if v == '[' {
			return w.array(depth - 1)
		}
		return w.object(depth - 1)
	}
	return nil
}

func (w *writer) number(f float64) {
	if i := int32(f); float64(i) == f && (i != 0 || !math.Signbit(f)) {
		w.out = append(w.out, tagInt32)
		w.varint(uint64(uint32(i<<1) ^ uint32(i>>31)))
		return
	}
	w.out = append(w.out, tagDouble)
	w.out = binary.LittleEndian.AppendUint64(w.out, math.Float64bits(f))
}

// text writes a string in one byte for each character if it can be, and otherwise in UTF-16 at an
// even place.
func (w *writer) text(s string) {
	latin, length := true, 0
	for _, c := range s {
		latin = latin && c <= 0xff
		length++
	}
	if latin {
		w.out = append(w.out, tagOneByte)
		w.varint(uint64(length))
		for _, c := range s {
			w.out = append(w.out, byte(c))
		}
		return
	}
	units := utf16.Encode([]rune(s))
	size := binary.AppendUvarint(nil, uint64(2*len(units)))
	if (len(w.out)+1+len(size))%2 == 1 {
		w.out = append(w.out, tagPadding)
	}
	w.out = append(append(w.out, tagTwoByte), size...)
	for _, u := range units {
		w.out = binary.LittleEndian.AppendUint16(w.out, u)
	}
}

func (w *writer) array(depth int) error {
	// The length stands before the elements, and is known after them.
	var elements []json.RawMessage
	for w.decoder.More() {
		var element json.RawMessage
		if err := w.decoder.Decode(&element); err != nil {
			return err
		}
		elements = append(elements, element)
	}
	if _, err := w.decoder.Token(); err != nil {
		return err
	}
	w.out = append(w.out, tagArray)
	w.varint(uint64(len(elements)))
	for _, element := range elements {
		if err := w.nested(element, depth); err != nil {
			return err
		}
	}
	w.out = append(w.out, tagEndArray, 0)
	w.varint(uint64(len(elements)))
	return nil
}

func (w *writer) nested(text json.RawMessage, depth int) error {
	outer := w.decoder
	defer func() { w.decoder = outer }()
	w.decoder = json.NewDecoder(bytes.NewReader(text))
	w.decoder.UseNumber()
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	return w.value(token, depth)
}

// object writes an object. Of properties with the same name the last gives the value and the first the
// place, as for JSON.parse.
func (w *writer) object(depth int) error {
	var names []string
	values := map[string]json.RawMessage{}
	for w.decoder.More() {
		name, err := w.decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := w.decoder.Decode(&value); err != nil {
			return err
		}
		text, ok := name.(string)
		if !ok {
			return fmt.Errorf("%v is no name of a property", name)
		}
		if _, twice := values[text]; !twice {
			names = append(names, text)
		}
		values[text] = value
	}
	if _, err := w.decoder.Token(); err != nil {
		return err
	}
	w.out = append(w.out, tagObject)
	for _, name := range inOrder(names) {
		if n, ok := index(name); ok {
			w.number(float64(n))
		} else {
			w.text(name)
		}
		if err := w.nested(values[name], depth); err != nil {
			return err
		}
	}
	w.out = append(w.out, tagEndObject)
	w.varint(uint64(len(names)))
	return nil
}

// index tells whether a name is one of an element, and which.
func index(name string) (uint32, bool) {
	n, err := strconv.ParseUint(name, 10, 32)
	return uint32(n), err == nil && n < math.MaxInt32 && strconv.FormatUint(n, 10) == name
}

// inOrder are names in the order of an object's properties: those of elements first, by number.
func inOrder(names []string) []string {
	slices.SortStableFunc(names, func(a, b string) int {
		x, first := index(a)
		y, second := index(b)
		switch {
		case first && second:
			return cmp.Compare(x, y)
		case first:
			return -1
		case second:
			return 1
		}
		return 0
	})
	return names
}
