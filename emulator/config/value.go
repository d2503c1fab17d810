package config

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// kind is the type of a configuration value.
type kind uint8

const (
	nullKind kind = iota
	boolKind
	numberKind
	stringKind
	arrayKind
	objectKind
	dateKind // only in TOML
)

// value is one value of a configuration file, with its place. A nil *value is
// a field that is not there.
type value struct {
	kind   kind
	bool   bool
	number float64
	text   string // of a string or a date
	items  []*value
	fields []field
	pos    Position
}

// field is one member of an object.
type field struct {
	name  string
	pos   Position // of the name
	value *value
}

// get returns the named member of an object, or nil.
func (v *value) get(name string) *value {
	if v == nil || v.kind != objectKind {
		return nil
	}
	for i := range v.fields {
		if v.fields[i].name == name {
			return v.fields[i].value
		}
	}
	return nil
}

// has reports whether an object has the named member.
func (v *value) has(name string) bool { return v.get(name) != nil }

// set adds a member, or replaces the one with the same name: the last counts.
func (v *value) set(member field) {
	for i := range v.fields {
		if v.fields[i].name == member.name {
			v.fields[i] = member
			return
		}
	}
	v.fields = append(v.fields, member)
}

// names returns the names of an object's members in file order.
func (v *value) names() []string {
	if v == nil {
		return nil
	}
	names := make([]string, len(v.fields))
	for i := range v.fields {
		names[i] = v.fields[i].name
	}
	return names
}

// is reports whether the value is there and of the given kind.
func (v *value) is(k kind) bool { return v != nil && v.kind == k }

// str returns the text of a string value, else "".
func (v *value) str() string {
	if v.is(stringKind) {
		return v.text
	}
	return ""
}

// truth returns a boolean value, else the given default.
func (v *value) truth(missing bool) bool {
	if v.is(boolKind) {
		return v.bool
	}
	return missing
}

// strings returns the strings of an array; other elements are left out.
func (v *value) strings() []string {
	if !v.is(arrayKind) {
		return nil
	}
	var list []string
	for _, item := range v.items {
		if item.is(stringKind) {
			list = append(list, item.text)
		}
	}
	return list
}

// typeOf returns what JavaScript's typeof says of the value.
func (v *value) typeOf() string {
	if v == nil {
		return "undefined"
	}
	switch v.kind {
	case boolKind:
		return "boolean"
	case numberKind:
		return "number"
	case stringKind:
		return "string"
	}
	return "object"
}

// isObject reports whether the value is an object in the sense of JavaScript's
// typeof, but not null: an object, an array or a date.
func (v *value) isObject() bool { return v.typeOf() == "object" && v.kind != nullKind }

// isRecord reports whether the value is an object and not an array.
func (v *value) isRecord() bool { return v.is(objectKind) || v.is(dateKind) }

// json returns the value as JSON.stringify does, without white space.
func (v *value) json() string {
	var b strings.Builder
	v.write(&b, "", "")
	return b.String()
}

// indented returns the value as JSON.stringify(value, null, 2) does.
func (v *value) indented() string {
	var b strings.Builder
	v.write(&b, "\n", "  ")
	return b.String()
}

func (v *value) write(b *strings.Builder, newline, indent string) {
	if v == nil {
		b.WriteString("undefined")
		return
	}
	switch v.kind {
	case nullKind:
		b.WriteString("null")
	case boolKind:
		b.WriteString(strconv.FormatBool(v.bool))
	case numberKind:
		b.WriteString(formatNumber(v.number))
	case stringKind, dateKind:
		b.WriteString(quote(v.text))
	case arrayKind:
		writeList(b, '[', ']', len(v.items), newline, indent, func(i int, newline string) {
			v.items[i].write(b, newline, indent)
		})
	case objectKind:
		writeList(b, '{', '}', len(v.fields), newline, indent, func(i int, newline string) {
			b.WriteString(quote(v.fields[i].name))
			b.WriteByte(':')
			if newline != "" {
				b.WriteByte(' ')
			}
			v.fields[i].value.write(b, newline, indent)
		})
	}
}

func writeList(b *strings.Builder, open, end byte, n int, newline, indent string, item func(int, string)) {
	b.WriteByte(open)
	inner := newline
	if newline != "" {
		inner += indent
	}
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(inner)
		item(i, inner)
	}
	if n > 0 {
		b.WriteString(newline)
	}
	b.WriteByte(end)
}

// quote returns a string as JSON.stringify does: no HTML escapes.
func quote(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return strconv.Quote(s)
	}
	quoted := strings.TrimSuffix(b.String(), "\n")
	quoted = strings.ReplaceAll(quoted, `\u2028`, "\u2028")
	return strings.ReplaceAll(quoted, `\u2029`, "\u2029")
}

// formatNumber returns a number as JSON.stringify does.
func formatNumber(n float64) string {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return "null"
	}
	if n == 0 {
		return "0"
	}
	magnitude := math.Abs(n)
	if magnitude >= 1e-6 && magnitude < 1e21 {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	text := strconv.FormatFloat(n, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	sign, digits := exponent[:1], strings.TrimLeft(exponent[1:], "0")
	return mantissa + "e" + sign + digits
}

// quotedList returns `["a","b"]`.
func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// englishList joins as Intl.ListFormat("en-US") does: "a", "a and b",
// "a, b, and c".
func englishList(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	case 2:
		return names[0] + " and " + names[1]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + ", and " + names[last]
}
