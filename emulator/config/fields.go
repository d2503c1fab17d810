package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// inheritance says what a named environment does without a field of its own.
type inheritance uint8

const (
	// inherits takes the field of the top level.
	inherits inheritance = iota
	// alone leaves the field out, with a warning if the top level has it.
	alone
)

// fieldRule is one field that the top level and environments can have.
type fieldRule struct {
	name  string
	from  inheritance
	check check
}

// fieldRules returns the fields in the order in which wrangler checks them,
// which is the order of its messages.
//
// https://developers.cloudflare.com/workers/wrangler/configuration/#inheritable-keys
func fieldRules() []fieldRule {
	isString, isBool := checkType("string"), checkType("boolean")
	rules := []fieldRule{
		{"route", inherits, checkRoute},
		{"account_id", inherits, isString},
		{"routes", inherits, checkRoutes},
		{"workers_dev", inherits, isBool},
		{"preview_urls", inherits, isBool},
		{"build", inherits, checkBuild},
		{"compatibility_date", inherits, checkDate},
		{"compatibility_flags", inherits, checkStringArray},
		{"jsx_factory", inherits, isString},
		{"jsx_fragment", inherits, isString},
		{"tsconfig", inherits, isString},
		{"rules", inherits, checkRules},
		{"name", inherits, checkName},
		{"main", inherits, isString},
		{"find_additional_modules", inherits, isBool},
		{"preserve_file_names", inherits, isBool},
		{"base_dir", inherits, isString},
		{"triggers", inherits, checkTriggers},
		{"assets", inherits, checkAssets},
		{"limits", inherits, checkLimits},
		{"placement", inherits, checkPlacement},
		{"vars", alone, checkVars},
		{"secrets", alone, checkSecrets},
		{"define", alone, checkDefine},
		{"durable_objects", alone, checkBindings(checkDurableObject)},
		{"workflows", alone, checkWorkflows},
		{"migrations", inherits, checkMigrations},
		{"exports", inherits, checkExports},
		{"kv_namespaces", alone, checkBindingArray(kvShape)},
		{"cloudchamber", alone, accept},
		{"containers", alone, accept},
		{"send_email", alone, checkBindingArray(sendEmailShape)},
		{"queues", alone, checkQueues},
		{"connect", alone, checkConnect},
		{"r2_buckets", alone, checkBindingArray(r2Shape)},
		{"d1_databases", alone, checkBindingArray(d1Shape)},
	}
	rules = append(rules, otherBindingRules()...)
	return append(rules,
		fieldRule{"logfwdr", inherits, checkBindings(checkLogfwdr)},
		fieldRule{"no_bundle", inherits, isBool},
		fieldRule{"minify", inherits, isBool},
		fieldRule{"keep_names", inherits, isBool},
		fieldRule{"first_party_worker", inherits, isBool},
		fieldRule{"logpush", inherits, isBool},
		fieldRule{"upload_source_maps", inherits, isBool},
		fieldRule{"observability", inherits, checkObservability},
		fieldRule{"access", inherits, checkAccess},
		fieldRule{"cache", inherits, checkCache},
		fieldRule{"compliance_region", inherits, checkOneOf("public", "fedramp_high")},
		fieldRule{"python_modules", inherits, checkObjectField},
		fieldRule{"previews", inherits, checkObjectField},
	)
}

// topLevelOnly are the fields that environments cannot have.
func topLevelOnly() []string {
	return []string{
		"$schema", "env", "pages_build_output_dir", "send_metrics", "dependencies_instrumentation",
		"keep_vars", "addresses", "dev", "site", "alias", "wasm_modules", "text_blobs", "data_blobs",
	}
}

// redirectedOnly are the fields that only a generated file has.
func redirectedOnly() []string {
	return []string{"configPath", "userConfigPath", "topLevelName", "definedEnvironments", "targetEnvironment"}
}

var validName = regexp.MustCompile(`^$|^[a-z0-9_][a-z0-9-_]*$`)

func checkName(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(stringKind) && validName.MatchString(v.text) {
		return true
	}
	d.fail(v, fmt.Sprintf(`Expected "%s" to be of type string, alphanumeric and lowercase with dashes only but got %s.`, name, v.json()))
	return false
}

func checkDate(s scope, d *Diagnostics, name string, v *value) bool {
	if v == nil {
		return true
	}
	if !checkType("string")(s, d, name, v) {
		return false
	}
	valid := true
	plain := strings.NewReplacer("–", "-", "—", "-").Replace(v.text)
	if plain != v.text {
		d.fail(v, fmt.Sprintf(`"%s" field should use ISO-8601 accepted hyphens (-) rather than en-dashes (–) or em-dashes (—).`, name))
		valid = false
	}
	if !isDate(plain) {
		d.fail(v, fmt.Sprintf(`"%s" field should be a valid ISO-8601 date (YYYY-MM-DD), but got %s.`, name, quote(v.text)))
		valid = false
	}
	return valid
}

// isDate reports whether a text is a date. wrangler lets more pass here, which
// the runtime then refuses.
func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func checkBuild(s scope, d *Diagnostics, name string, v *value) bool {
	if v == nil {
		v = s.top["build"]
	}
	if v == nil {
		return true
	}
	if !v.is(objectKind) {
		d.fail(v, fmt.Sprintf(`Expected "%s" to be of type object but got %s.`, name, v.json()))
		return false
	}
	valid := onlyKnown(d, "build", v, "command", "cwd", "watch_dir")
	valid = optional(d, v, "build", "command", "string") && valid
	valid = optional(d, v, "build", "cwd", "string") && valid
	if watch := v.get("watch_dir"); watch.is(arrayKind) {
		return typedArray(d, "build.watch_dir", watch, watch, "string") && valid
	}
	return optional(d, v, "build", "watch_dir", "string") && valid
}

func checkRules(s scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(nullKind) {
		return true
	}
	path := s.path(name)
	if !v.is(arrayKind) {
		d.fail(v, fmt.Sprintf(`The field "%s" should be an array but got %s.`, path, v.json()))
		return false
	}
	valid := true
	for i, rule := range v.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !rule.isObject() {
			d.fail(rule, fmt.Sprintf(`"%s" should be an object but got %s.`, at, rule.json()))
			valid = false
			continue
		}
		switch rule.get("type").str() {
		case "ESModule", "CommonJS", "CompiledWasm", "Text", "Data":
		default:
			d.fail(rule, `bindings should have a string "type" field, which contains one of "ESModule", "CommonJS", "CompiledWasm", "Text", or "Data".`)
			valid = false
		}
		valid = typedArray(d, at+".globs", rule, rule.get("globs"), "string") && valid
		if through := rule.get("fallthrough"); through != nil && !through.is(boolKind) {
			d.fail(through, `the field "fallthrough", when present, should be a boolean.`)
			valid = false
		}
	}
	return valid
}

func checkTriggers(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(nullKind) {
		return true
	}
	if !v.is(objectKind) {
		d.fail(v, fmt.Sprintf(`Expected "%s" to be of type object but got %s.`, name, v.json()))
		return false
	}
	valid := true
	for _, list := range []string{"crons", "events"} {
		if items := v.get(list); items != nil && !items.is(arrayKind) {
			d.fail(items, fmt.Sprintf(`Expected "%s.%s" to be of type array, but got %s.`, name, list, v.json()))
			valid = false
		}
	}
	return onlyKnown(d, name, v, "crons", "events") && valid
}

func checkLimits(_ scope, d *Diagnostics, name string, v *value) bool {
	if !v.is(objectKind) {
		return checkObjectField(scope{}, d, name, v)
	}
	valid := optional(d, v, "limits", "cpu_ms", "number")
	return optional(d, v, "limits", "subrequests", "number") && valid
}

func checkObjectField(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(objectKind) {
		return true
	}
	d.fail(v, fmt.Sprintf(`"%s" should be an object but got %s.`, name, v.json()))
	return false
}

func checkAccess(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || !checkObjectField(scope{}, d, name, v) {
		return v == nil
	}
	valid := optional(d, v, name, "dev", "object")
	valid = onlyKnown(d, name, v, "dev") && valid
	if dev := v.get("dev"); dev.is(objectKind) {
		path := name + ".dev"
		valid = required(d, dev, path, "aud", "string") && valid
		valid = optional(d, dev, path, "identity", "object") && valid
		valid = onlyKnown(d, path, dev, "aud", "identity") && valid
	}
	return valid
}

func checkCache(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || !checkObjectField(scope{}, d, name, v) {
		return v == nil
	}
	valid := required(d, v, name, "enabled", "boolean")
	valid = optional(d, v, name, "cross_version_cache", "boolean") && valid
	return onlyKnown(d, name, v, "enabled", "cross_version_cache") && valid
}
