package config

import (
	"fmt"
	"strings"
)

// The fields of this file say how Cloudflare deploys and serves a Worker. They
// are checked, since wrangler checks them; routes give request URLs their host.

func checkRoute(_ scope, d *Diagnostics, name string, v *value) bool {
	if v.is(stringKind) && v.text == "" {
		d.warn(v, "The \"route\" field in your configuration is an empty string and will be ignored.\n"+
			"Please remove the \"route\" field from your configuration.")
		return true
	}
	if v == nil || validRoute(v) {
		return true
	}
	d.fail(v, fmt.Sprintf(`Expected "%s" to be either a string, or an object with shape { pattern, custom_domain, zone_id | zone_name, enabled, previews_enabled }, but got %s.`, name, v.json()))
	return false
}

func checkRoutes(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil {
		return true
	}
	if !v.is(arrayKind) {
		d.fail(v, fmt.Sprintf(`Expected "%s" to be an array but got %s.`, name, v.json()))
		return false
	}
	wrong := &value{kind: arrayKind}
	for _, route := range v.items {
		if !validRoute(route) {
			wrong.items = append(wrong.items, route)
		}
	}
	if len(wrong.items) == 0 {
		return true
	}
	d.fail(wrong.items[0], fmt.Sprintf(`Expected "%s" to be an array of either strings or objects with the shape { pattern, custom_domain, zone_id | zone_name, enabled, previews_enabled }, but these weren't valid: %s.`, name, wrong.indented()))
	return false
}

// warnInheritedDomains warns about an environment that takes over the custom
// domains of the top level.
func warnInheritedDomains(s scope, d *Diagnostics, raw *value) {
	if raw.has("routes") || !s.top["routes"].is(arrayKind) {
		return
	}
	var domains []string
	for _, route := range s.top["routes"].items {
		if route.get("custom_domain").truth(false) {
			domains = append(domains, route.get("pattern").str())
		}
	}
	if len(domains) > 0 {
		d.warn(raw, fmt.Sprintf("The \"env.%[1]s\" environment inherits the top-level `routes` configuration, which includes the custom domain(s): %[2]s. "+
			"Deploying this environment will reassign these custom domains away from the top-level Worker. "+
			"Add `\"routes\": []` to \"env.%[1]s\" to prevent inheritance, or copy the route configuration from the top level to hide this warning.",
			s.env, joinComma(domains)))
	}
}

func validRoute(v *value) bool {
	if v.is(stringKind) {
		return v.text != ""
	}
	if !v.is(objectKind) || !v.get("pattern").is(stringKind) {
		return false
	}
	id, zone := v.get("zone_id").is(stringKind), v.get("zone_name").is(stringKind)
	domain := v.get("custom_domain").is(boolKind)
	enabled, previews := v.get("enabled").is(boolKind), v.get("previews_enabled").is(boolKind)
	known := 1
	for _, there := range []bool{id, zone, domain, enabled, previews} {
		if there {
			known++
		}
	}
	return known == len(v.fields) && !(id && zone) && !((enabled || previews) && !domain) && (id || zone || domain)
}

func checkPlacement(_ scope, d *Diagnostics, name string, v *value) bool {
	if !v.is(objectKind) {
		return v == nil || checkObjectField(scope{}, d, name, v)
	}
	var targets []string
	for _, target := range []string{"region", "host", "hostname"} {
		if v.has(target) {
			targets = append(targets, `"`+target+`"`)
		}
	}
	hint := v.get("hint")
	switch {
	case hint != nil && len(targets) > 0:
		d.fail(v, `"placement" cannot have both "hint" (smart format) and "region"/"host"/"hostname" (targeted format) fields`)
		return false
	case hint != nil:
		valid := required(d, v, "placement", "mode", "string", "off", "smart")
		mode := v.get("mode").str()
		if !hint.is(stringKind) {
			d.fail(hint, fmt.Sprintf(`"placement.hint" must be a string when "placement.mode" is "%s"`, mode))
			valid = false
		}
		if hint.str() != "" && mode != "smart" {
			d.fail(hint, `"placement.hint" can only be set when "placement.mode" is "smart"`)
			valid = false
		}
		return valid
	case len(targets) > 0:
		valid := optional(d, v, "placement", "mode", "string", "off", "targeted")
		for _, target := range []string{"region", "host", "hostname"} {
			valid = optional(d, v, "placement", target, "string") && valid
		}
		if len(targets) > 1 {
			d.fail(v, fmt.Sprintf(`"placement" fields %s are mutually exclusive. Only one can be specified.`, strings.Join(targets, ", ")))
			valid = false
		}
		return valid
	}
	return required(d, v, "placement", "mode", "string", "off", "smart", "targeted")
}

// checkSwitches checks that observability has one of its switches, as a boolean.
func checkSwitches(d *Diagnostics, name string, v *value) bool {
	keys := []string{"enabled", "logs.enabled", "traces.enabled", "issues.enabled"}
	switches := []*value{v.get("enabled"), v.get("logs").get("enabled"), v.get("traces").get("enabled"), v.get("issues").get("enabled")}
	there, booleans := false, false
	var names []string
	for i, s := range switches {
		there, booleans = there || s != nil, booleans || s.is(boolKind)
		names = append(names, fmt.Sprintf(`"%s.%s"`, name, keys[i]))
	}
	switch {
	case !there:
		d.fail(v, strings.Join(names, " or ")+" is required.")
		return false
	case !booleans:
		for i, s := range switches {
			d.fail(v, fmt.Sprintf(`Expected %s to be of type boolean but got %s.`, names[i], s.json()))
		}
		return false
	}
	return true
}

func checkObservability(_ scope, d *Diagnostics, name string, v *value) bool {
	if v == nil || !checkObjectField(scope{}, d, name, v) {
		return v == nil
	}
	logs, traces := v.get("logs"), v.get("traces")
	valid := checkSwitches(d, name, v)
	valid = optional(d, v, name, "head_sampling_rate", "number") && valid
	valid = optional(d, v, name, "logs", "object") && valid
	valid = optional(d, v, name, "traces", "object") && valid
	valid = optional(d, v, name, "issues", "object") && valid
	valid = onlyKnown(d, name, v, "enabled", "head_sampling_rate", "logs", "traces", "issues") && valid
	for _, part := range []struct {
		name string
		v    *value
	}{{"logs", logs}, {"traces", traces}} {
		if !part.v.is(objectKind) {
			continue
		}
		path := name + "." + part.name
		known := []string{"enabled", "head_sampling_rate", "destinations", "persist"}
		valid = optional(d, part.v, path, "enabled", "boolean") && valid
		valid = optional(d, part.v, path, "head_sampling_rate", "number") && valid
		if part.name == "logs" {
			known = append(known, "invocation_logs")
			valid = optional(d, part.v, path, "invocation_logs", "boolean") && valid
		}
		valid = optionalArray(d, part.name+".destinations", part.v.get("destinations"), "string") && valid
		valid = optional(d, part.v, path, "persist", "boolean") && valid
		valid = onlyKnown(d, name, part.v, known...) && valid
	}
	for _, rate := range []struct {
		key string
		v   *value
	}{
		{"head_sampling_rate", v.get("head_sampling_rate")},
		{"logs.head_sampling_rate", logs.get("head_sampling_rate")},
		{"traces.head_sampling_rate", traces.get("head_sampling_rate")},
	} {
		if rate.v.is(numberKind) && (rate.v.number < 0 || rate.v.number > 1) {
			d.fail(rate.v, fmt.Sprintf(`"%s.%s" must be a value between 0 and 1.`, name, rate.key))
			valid = false
		}
	}
	return valid
}
