package config

import (
	"fmt"
	"slices"
	"strings"
)

// scope is the part of the file under check: the top level, or one named
// environment.
type scope struct {
	env string      // the name of the environment, "" at the top level
	top environment // the checked top level, nil at the top level
}

// path returns how wrangler names a field of the scope in most messages.
func (s scope) path(name string) string {
	if s.top == nil {
		return name
	}
	return "env." + s.env + "." + name
}

// check reports what is wrong with the value of the field called name. The
// value is nil where the field is missing.
type check func(s scope, d *Diagnostics, name string, v *value) bool

func checkType(typeName string) check {
	return func(_ scope, d *Diagnostics, name string, v *value) bool {
		if v == nil || v.typeOf() == typeName {
			return true
		}
		d.fail(v, fmt.Sprintf(`Expected "%s" to be of type %s but got %s.`, name, typeName, v.json()))
		return false
	}
}

func checkStringArray(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(arrayKind) && len(v.strings()) == len(v.items) {
		return true
	}
	d.fail(v, fmt.Sprintf(`Expected "%s" to be of type string array but got %s.`, name, v.json()))
	return false
}

func checkOneOf(choices ...string) check {
	return func(_ scope, d *Diagnostics, name string, v *value) bool {
		if v == nil || v.is(stringKind) && slices.Contains(choices, v.text) {
			return true
		}
		d.fail(v, fmt.Sprintf(`Expected "%s" field to be one of %s but got %s.`, name, quotedList(choices), v.json()))
		return false
	}
}

func accept(scope, *Diagnostics, string, *value) bool { return true }

// member names a member of a container as wrangler does: "a.b", and "b" at the
// top.
func member(container, name string) string {
	if container == "" {
		return name
	}
	return container + "." + name
}

// required checks that a member is there and has a type; choices, if given, are
// its allowed values.
func required(d *Diagnostics, container *value, path, name, typeName string, choices ...string) bool {
	v := container.get(name)
	if v == nil {
		d.fail(container, fmt.Sprintf(`"%s" is a required field.`, member(path, name)))
		return false
	}
	return typed(d, v, member(path, name), typeName, choices...)
}

// optional is required, but for a member that may be missing.
func optional(d *Diagnostics, container *value, path, name, typeName string, choices ...string) bool {
	if !container.has(name) {
		return true
	}
	return required(d, container, path, name, typeName, choices...)
}

func typed(d *Diagnostics, v *value, path, typeName string, choices ...string) bool {
	if v.typeOf() != typeName {
		d.fail(v, fmt.Sprintf(`Expected "%s" to be of type %s but got %s.`, path, typeName, v.json()))
		return false
	}
	if len(choices) > 0 {
		return checkOneOf(choices...)(scope{}, d, path, v)
	}
	return true
}

// typedArray checks an array whose elements all have one type.
func typedArray(d *Diagnostics, path string, at, v *value, typeName string) bool {
	if !v.is(arrayKind) {
		if v != nil {
			at = v
		}
		d.fail(at, fmt.Sprintf(`Expected "%s" to be an array of %ss but got %s`, path, typeName, v.json()))
		return false
	}
	valid := true
	for i, item := range v.items {
		valid = typed(d, item, fmt.Sprintf("%s.[%d]", path, i), typeName) && valid
	}
	return valid
}

func optionalArray(d *Diagnostics, path string, v *value, typeName string) bool {
	return v == nil || typedArray(d, path, v, v, typeName)
}

// onlyKnown warns about members that are not known.
func onlyKnown(d *Diagnostics, path string, v *value, known ...string) bool {
	var unknown []string
	var first Position
	for _, f := range v.fields {
		if slices.Contains(known, f.name) {
			continue
		}
		if unknown == nil {
			first = f.pos
		}
		unknown = append(unknown, `"`+f.name+`"`)
	}
	if unknown == nil {
		return true
	}
	d.Warnings = append(d.Warnings, Message{
		Text: fmt.Sprintf("Unexpected fields found in %s field: %s", path, strings.Join(unknown, ",")),
		Pos:  first,
	})
	return false
}
