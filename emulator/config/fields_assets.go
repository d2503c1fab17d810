package config

import "fmt"

func checkAssets(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil {
		return true
	}
	if !v.isObject() {
		d.fail(v, fmt.Sprintf(`"%s" should be an object, but got value %s of type %s`, name, quote(name), v.typeOf()))
		return false
	}
	valid := optional(d, v, name, "directory", "string")
	valid = optional(d, v, name, "binding", "string") && valid
	valid = optional(d, v, name, "html_handling", "string",
		"auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none") && valid
	valid = optional(d, v, name, "not_found_handling", "string",
		"single-page-application", "404-page", "none") && valid
	first := v.get("run_worker_first")
	switch {
	case first == nil, first.is(boolKind):
	case first.is(arrayKind):
		valid = typedArray(d, "assets.run_worker_first", first, first, "string") && valid
	default:
		d.fail(first, fmt.Sprintf(`The field "%s.run_worker_first" should be an array of strings or a boolean, but got %s.`, name, first.json()))
		valid = false
	}
	return onlyKnown(d, name, v, "directory", "binding", "html_handling", "not_found_handling", "run_worker_first") && valid
}
