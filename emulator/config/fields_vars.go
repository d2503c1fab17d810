package config

import (
	"fmt"
	"slices"
	"strings"
)

func checkVars(s scope, d *Diagnostics, name string, v *value) bool {
	path := s.path(name)
	if !v.isObject() {
		d.fail(v, fmt.Sprintf("The field \"%s\" should be an object but got %s.\n", path, v.json()))
		return false
	}
	valid := true
	for _, f := range v.fields {
		if f.value.is(dateKind) {
			d.fail(f.value, fmt.Sprintf(`The field "%s.%s" is a TOML date, which is not supported. `+
				`Please use a string instead, e.g. %s = "2025-12-19".`, path, f.name, f.name))
			valid = false
		}
	}
	if missing := missingFrom(s.top["vars"].names(), v.names()); len(missing) > 0 {
		d.warn(v, fmt.Sprintf("The following vars exist at the top level, but not on \"%s\".\n"+
			"This is probably not what you want, since \"vars\" configuration is not inherited by environments.\n"+
			"Please add these vars to \"env.%s.vars\":\n%s", path, s.env, bullets(missing)))
	}
	return valid
}

func checkSecrets(s scope, d *Diagnostics, name string, v *value) bool {
	path := s.path(name)
	if !v.isRecord() {
		d.fail(v, fmt.Sprintf(`The field "%s" should be an object but got %s.`, path, v.json()))
		return false
	}
	onlyKnown(d, path, v, "required")
	return optionalArray(d, path+".required", v.get("required"), "string")
}

func checkDefine(s scope, d *Diagnostics, name string, v *value) bool {
	path := s.path(name)
	if !v.isObject() {
		d.fail(v, fmt.Sprintf("The field \"%s\" should be an object but got %s.\n", path, v.json()))
		return false
	}
	valid := true
	for _, f := range v.fields {
		if !f.value.is(stringKind) {
			d.fail(f.value, fmt.Sprintf(`The field "%s.%s" should be a string but got %s.`, path, f.name, f.value.json()))
			valid = false
		}
	}
	top := s.top["define"].names()
	if len(top) == 0 {
		return valid
	}
	if missing := missingFrom(top, v.names()); len(missing) > 0 {
		d.warn(v, fmt.Sprintf("The following define entries exist at the top level, but not on \"%s\".\n"+
			"This is probably not what you want, since \"define\" configuration is not inherited by environments.\n"+
			"Please add these entries to \"env.%s.define\":\n%s", path, s.env, bullets(missing)))
	}
	for _, f := range v.fields {
		if !slices.Contains(top, f.name) {
			d.warn(f.value, fmt.Sprintf("\"%[1]s\" exists on \"env.%[2]s\", but not on the top level.\n"+
				"This is not what you probably want, since \"define\" configuration within environments can only override existing top level \"define\" configuration\n"+
				"Please remove \"%[3]s.%[1]s\", or add \"define.%[1]s\".", f.name, s.env, path))
		}
	}
	return valid
}

// missingFrom returns the names that are not in have.
func missingFrom(names, have []string) []string {
	var missing []string
	for _, name := range names {
		if !slices.Contains(have, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// bullets returns one "- name" line for each name.
func bullets(names []string) string {
	lines := make([]string, len(names))
	for i, name := range names {
		lines[i] = "- " + name
	}
	return strings.Join(lines, "\n")
}
