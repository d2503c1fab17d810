package config

import (
	"fmt"
	"slices"
)

// shape describes one element of a list of bindings.
type shape struct {
	noun    string // as in `"kv_namespaces" bindings should be objects`
	members []shapeMember
	remote  bool     // has an optional boolean "remote"
	others  []string // further members that are allowed
	open    bool     // other members raise no warning
	more    func(d *Diagnostics, path string, v *value) bool
}

// shapeMember is a member of a binding. text is wrangler's message with verbs
// for the path of the binding, the member and the binding's JSON.
type shapeMember struct {
	name     string
	typeName string
	optional bool
	nonEmpty bool
	text     string
	more     func(d *Diagnostics, path string, v, got *value) bool
}

const (
	textShould   = `"%s" bindings should have a string "%s" field but got %s.`
	textOptional = `"%s" bindings should, optionally, have a string "%s" field but got %s.`
	textMust     = `"%s" bindings must have a "%s" field but got %s.`
	textMustAn   = `"%s" bindings must have an "%s" field but got %s.`
)

func need(name string) shapeMember {
	return shapeMember{name: name, typeName: "string", text: textShould}
}

func must(name string) shapeMember {
	return shapeMember{name: name, typeName: "string", text: `"%s" bindings must have a string "%s" field but got %s.`}
}

func may(name string) shapeMember {
	return shapeMember{name: name, typeName: "string", optional: true, text: textOptional}
}

// check reports what is wrong with one binding.
func (s shape) check(d *Diagnostics, path string, v *value) bool {
	if !v.isObject() {
		d.fail(v, fmt.Sprintf(`"%s" bindings should be objects, but got %s`, s.noun, v.json()))
		return false
	}
	valid := true
	known := slices.Clone(s.others)
	for _, m := range s.members {
		known = append(known, m.name)
		got := v.get(m.name)
		if got == nil && m.optional {
			continue
		}
		if got.typeOf() != m.typeName || m.nonEmpty && got.str() == "" {
			at := v
			if got != nil {
				at = got
			}
			d.fail(at, fmt.Sprintf(m.text, path, m.name, v.json()))
			valid = false
		} else if m.more != nil {
			valid = m.more(d, path, v, got) && valid
		}
	}
	if s.more != nil {
		valid = s.more(d, path, v) && valid
	}
	if s.remote {
		known = append(known, "remote")
		valid = checkRemote(d, path, v) && valid
	}
	if !s.open {
		onlyKnown(d, path, v, known...)
	}
	return valid
}

func checkRemote(d *Diagnostics, path string, v *value) bool {
	if remote := v.get("remote"); remote != nil && !remote.is(boolKind) {
		d.fail(remote, fmt.Sprintf(`"%s" should, optionally, have a boolean "remote" field but got %s.`, path, v.json()))
		return false
	}
	return true
}

// checkBindingArray checks a list of bindings, and that an environment has
// those of the top level.
func checkBindingArray(s shape) check {
	return func(at scope, d *Diagnostics, name string, v *value) bool {
		if v == nil {
			return true
		}
		path := at.path(name)
		if !v.is(arrayKind) {
			d.fail(v, fmt.Sprintf(`The field "%s" should be an array but got %s.`, path, v.json()))
			return false
		}
		valid := true
		var have []string
		for i, item := range v.items {
			valid = s.check(d, fmt.Sprintf("%s[%d]", path, i), item) && valid
			have = append(have, item.get("binding").str())
		}
		if top := at.top[name]; top.is(arrayKind) {
			for _, item := range top.items {
				binding := item.get("binding").str()
				if slices.Contains(have, binding) {
					continue
				}
				d.warn(v, fmt.Sprintf("There is a %[1]s binding with name \"%[2]s\" at the top level, but not on \"env.%[3]s\".\n"+
					"This is not what you probably want, since \"%[1]s\" configuration is not inherited by environments.\n"+
					"Please add a binding for \"%[2]s\" to \"env.%[3]s.%[1]s.bindings\".", name, orUndefined(item.get("binding")), at.env))
			}
		}
		return valid
	}
}

func orUndefined(v *value) string {
	if v.is(stringKind) {
		return v.text
	}
	return v.json()
}

// checkBindings checks an object with a list called "bindings".
func checkBindings(one func(d *Diagnostics, path string, v *value) bool) check {
	return func(s scope, d *Diagnostics, name string, v *value) bool {
		if v == nil {
			return true
		}
		path := s.path(name)
		list := v.get("bindings")
		valid := true
		switch {
		case !v.isRecord():
			d.fail(v, fmt.Sprintf(`The field "%s" should be an object but got %s.`, path, v.json()))
			valid = false
		case list == nil:
			d.fail(v, fmt.Sprintf(`The field "%s" is missing the required "bindings" property.`, path))
			valid = false
		case !list.is(arrayKind):
			d.fail(list, fmt.Sprintf(`The field "%s.bindings" should be an array but got %s.`, path, list.json()))
			valid = false
		default:
			for i, binding := range list.items {
				at := fmt.Sprintf("%s.bindings[%d]", path, i)
				child := &Diagnostics{Description: fmt.Sprintf(`"%s": %s`, at, binding.json())}
				valid = one(child, at, binding) && valid
				d.add(child)
			}
		}
		if !valid {
			return false
		}
		if missing := missingFrom(bindingNames(s.top[name]), bindingNames(v)); len(missing) > 0 {
			d.warn(v, fmt.Sprintf("The following bindings are at the top level, but not on \"env.%s\".\n"+
				"This is not what you probably want, since \"%s\" configuration is not inherited by environments.\n"+
				"Please add a binding for each to \"%s.bindings\":\n%s", s.env, name, path, bullets(missing)))
		}
		return true
	}
}

// bindingNames returns the names of a collection of bindings, in any of the
// forms that the file has: {bindings: [{name}]}, [{binding}], {binding} or
// {name: …}.
func bindingNames(v *value) []string {
	switch {
	case v.is(arrayKind):
		return namesIn(v, "binding")
	case !v.is(objectKind):
		return nil
	}
	if list := v.get("bindings"); list.is(arrayKind) {
		if names := namesIn(list, "name"); names != nil || len(list.items) == 0 {
			return names
		}
	}
	if binding := v.get("binding"); binding != nil {
		return []string{orUndefined(binding)}
	}
	return v.names()
}

// namesIn returns one string member of each element, or nil if an element does
// not have it.
func namesIn(list *value, member string) []string {
	var names []string
	for _, item := range list.items {
		name := item.get(member)
		if !name.is(stringKind) {
			return nil
		}
		names = append(names, name.text)
	}
	return names
}
