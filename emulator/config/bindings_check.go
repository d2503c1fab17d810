package config

import (
	"fmt"
	"regexp"
	"strings"
)

// checkSingle checks a binding that a Worker has once: {"binding": "NAME"}.
func checkSingle(s scope, d *Diagnostics, name string, v *value) bool {
	valid := checkSingleOpen(s, d, name, v)
	if v.isRecord() {
		onlyKnown(d, name, v, "binding", "remote")
	}
	return valid
}

// checkSingleOpen is checkSingle for kinds that have further members.
func checkSingleOpen(s scope, d *Diagnostics, name string, v *value) bool {
	if v == nil {
		return true
	}
	if !v.isRecord() {
		d.fail(v, fmt.Sprintf(`The field "%s" should be an object but got %s.`, s.path(name), v.json()))
		return false
	}
	valid := true
	if !v.get("binding").is(stringKind) {
		d.fail(v, `binding should have a string "binding" field.`)
		valid = false
	}
	return checkRemote(d, name, v) && valid
}

func checkConsumers(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(nullKind) {
		return true
	}
	if !v.is(arrayKind) {
		d.fail(v, fmt.Sprintf(`Expected "%s" to be an array but got %s.`, name, v.json()))
		return false
	}
	valid := true
	for i, consumer := range v.items {
		path := fmt.Sprintf("%s[%d]", name, i)
		if !consumer.isObject() {
			d.fail(consumer, fmt.Sprintf(`"%s" should be an object but got %s.`, path, consumer.json()))
			valid = false
			continue
		}
		valid = required(d, consumer, path, "service", "string") && optional(d, consumer, path, "environment", "string") && valid
	}
	return valid
}

func checkUnsafe(s scope, d *Diagnostics, name string, v *value) bool {
	if v == nil {
		return true
	}
	if !v.isRecord() {
		d.fail(v, fmt.Sprintf(`The field "%s" should be an object but got %s.`, s.path(name), v.json()))
		return false
	}
	if v.has("bindings") && !checkBindings(checkUnsafeBinding)(s, d, name, v) {
		return false
	}
	for _, part := range []string{"metadata", "capnp"} {
		if p := v.get(part); p != nil && !p.isRecord() {
			d.fail(p, fmt.Sprintf(`The field "%s.%s" should be an object but got %s.`, s.path(name), part, p.json()))
			return false
		}
	}
	onlyKnown(d, name, v, "bindings", "metadata", "capnp")
	return true
}

func checkUnsafeBinding(d *Diagnostics, path string, v *value) bool {
	if !v.isObject() {
		d.fail(v, fmt.Sprintf(`Expected %s to be an object but got %s.`, path, v.json()))
		return false
	}
	valid := true
	for _, member := range []string{"name", "type"} {
		if !v.get(member).is(stringKind) {
			d.fail(v, fmt.Sprintf(`binding should have a string "%s" field.`, member))
			valid = false
		}
	}
	return valid
}

func checkLogfwdr(d *Diagnostics, path string, v *value) bool {
	if !v.isObject() {
		d.fail(v, fmt.Sprintf(`Expected "%s" to be an object but got %s`, path, v.json()))
		return false
	}
	valid := true
	for _, member := range []string{"name", "destination"} {
		if !v.get(member).is(stringKind) {
			d.fail(v, fmt.Sprintf(`binding should have a string "%s" field.`, member))
			valid = false
		}
	}
	onlyKnown(d, path, v, "destination", "name")
	return valid
}

const workflowNameText = "Workflow names must be 1-64 characters long, start with a letter, number, or underscore, and may only contain letters, numbers, underscores, or hyphens."

var workflowName = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9-_]{0,63}$`)

var workflowShape = shape{
	noun: "workflows",
	members: []shapeMember{
		binding(),
		{name: "name", typeName: "string", text: textShould, more: func(d *Diagnostics, path string, _, name *value) bool {
			if workflowName.MatchString(name.text) {
				return true
			}
			d.fail(name, fmt.Sprintf(`"%s" binding "name" field is invalid. %s`, path, workflowNameText))
			return false
		}},
		need("class_name"),
		may("script_name"),
	},
	others: []string{"limits", "schedules", "concurrency", "default_retention", "jurisdiction"},
}

func checkWorkflows(s scope, d *Diagnostics, name string, v *value) bool {
	valid := checkBindingArray(workflowShape)(s, d, name, v)
	if !v.is(arrayKind) {
		return valid
	}
	count := map[string]int{}
	var duplicates []string
	for _, item := range v.items {
		workflow := orUndefined(item.get("name"))
		if count[workflow]++; count[workflow] == 2 {
			duplicates = append(duplicates, workflow)
		}
	}
	if len(duplicates) > 0 {
		d.fail(v, fmt.Sprintf(`"%s" bindings must have unique "name" values; duplicate(s) found: "%s"`, name, strings.Join(duplicates, `", "`)))
		return false
	}
	return valid
}

var producerShape = shape{
	noun: "queue",
	members: []shapeMember{
		binding(),
		{name: "queue", typeName: "string", optional: true, nonEmpty: true, text: `"%s" bindings should optionally have a non-empty string "%s" field but got %s.`},
		{name: "delivery_delay", typeName: "number", optional: true, text: `"%s" should, optionally, have a number "%s" field but got %s.`},
	},
	remote: true,
	more: func(d *Diagnostics, path string, v *value) bool {
		if delay := v.get("delivery_delay"); delay != nil {
			d.warn(delay, fmt.Sprintf(`The "delivery_delay" field in "%s" is deprecated and has no effect. `+
				`Queue-level settings should be configured using "wrangler queues update" instead. `+
				`This setting will be removed in a future version.`, path))
		}
		return true
	},
}

func checkQueues(s scope, d *Diagnostics, name string, v *value) bool {
	if v == nil {
		return true
	}
	path := s.path(name)
	if !v.isRecord() {
		d.fail(v, fmt.Sprintf(`The field "%s" should be an object but got %s.`, path, v.json()))
		return false
	}
	valid := onlyKnown(d, path, v, "consumers", "producers")
	if consumers := v.get("consumers"); consumers != nil {
		if !consumers.is(arrayKind) {
			d.fail(consumers, fmt.Sprintf(`The field "%s.consumers" should be an array but got %s.`, path, consumers.json()))
			valid = false
		}
		for i, consumer := range consumers.items {
			valid = checkConsumer(d, fmt.Sprintf("%s.consumers[%d]", path, i), consumer) && valid
		}
	}
	if producers := v.get("producers"); producers != nil {
		inner := scope{env: s.env}
		if s.top != nil {
			inner.top = environment{name + ".producers": s.top[name].get("producers")}
		}
		valid = checkBindingArray(producerShape)(inner, d, name+".producers", producers) && valid
	}
	return valid
}

func checkConsumer(d *Diagnostics, path string, v *value) bool {
	if !v.isObject() {
		d.fail(v, fmt.Sprintf(`"%s" should be a objects, but got %s`, path, v.json()))
		return false
	}
	members := []struct{ name, typeName string }{
		{"type", "string"}, {"max_batch_size", "number"}, {"max_batch_timeout", "number"}, {"max_retries", "number"},
		{"dead_letter_queue", "string"}, {"max_concurrency", "number"}, {"visibility_timeout_ms", "number"}, {"retry_delay", "number"},
	}
	known := []string{"queue"}
	for _, m := range members {
		known = append(known, m.name)
	}
	valid := onlyKnown(d, path, v, known...)
	if !v.get("queue").is(stringKind) {
		d.fail(v, fmt.Sprintf(`"%s" should have a string "queue" field but got %s.`, path, v.json()))
		valid = false
	}
	if kind := v.get("type"); kind != nil && kind.str() != "worker" {
		d.fail(kind, fmt.Sprintf(`"%s.type" has an invalid value "%s". Only "worker" consumers can be configured in your Wrangler configuration.`, path, orUndefined(kind)))
		valid = false
	}
	for _, m := range members {
		if got := v.get(m.name); got != nil && got.typeOf() != m.typeName {
			d.fail(got, fmt.Sprintf(`"%s" should, optionally, have a %s "%s" field but got %s.`, path, m.typeName, m.name, v.json()))
			valid = false
		}
	}
	return valid
}

func checkConnect(s scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || v.is(arrayKind) {
		return true
	}
	d.fail(v, fmt.Sprintf(`The field "%s" should be an array but got %s.`, s.path(name), v.json()))
	return false
}
