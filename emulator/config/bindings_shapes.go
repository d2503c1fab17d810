package config

import (
	"fmt"
	"regexp"
	"slices"
)

func binding() shapeMember { return need("binding") }

var kvShape = shape{
	noun: "kv_namespaces",
	members: []shapeMember{
		binding(),
		{name: "id", typeName: "string", optional: true, nonEmpty: true, text: textShould},
		may("preview_id"),
	},
	remote: true,
}

var sendEmailShape = shape{
	noun: "send_email",
	members: []shapeMember{
		need("name"),
		may("destination_address"),
		{name: "allowed_destination_addresses", typeName: "object", optional: true, text: `"%s" bindings should, optionally, have a []string "%s" field but got %s.`},
		{name: "allowed_sender_addresses", typeName: "object", optional: true, text: `"%s" bindings should, optionally, have a []string "%s" field but got %s.`},
	},
	others: []string{"binding"},
	remote: true,
	more: func(d *Diagnostics, path string, v *value) bool {
		if v.has("destination_address") && v.has("allowed_destination_addresses") {
			d.fail(v, fmt.Sprintf(`"%s" bindings should have either a "destination_address" or "allowed_destination_addresses" field, but not both.`, path))
			return false
		}
		return true
	},
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

const bucketNameText = "Bucket names must begin and end with an alphanumeric character, only contain lowercase letters, numbers, and hyphens, and be between 3 and 63 characters long."

var r2Shape = shape{
	noun: "r2_buckets",
	members: []shapeMember{
		binding(),
		{name: "bucket_name", typeName: "string", optional: true, nonEmpty: true, text: textShould},
		may("preview_bucket_name"),
		may("jurisdiction"),
	},
	others: []string{"local_dev"},
	remote: true,
	more: func(d *Diagnostics, path string, v *value) bool {
		valid := true
		for _, key := range []struct{ name, equals string }{{"bucket_name", "="}, {"preview_bucket_name", "= "}} {
			name := v.get(key.name)
			if name.str() != "" && !bucketName.MatchString(name.text) {
				d.fail(name, fmt.Sprintf(`%s.%s%s%s is invalid. %s`, path, key.name, key.equals, name.json(), bucketNameText))
				valid = false
			}
		}
		if local := v.get("local_dev"); local != nil && !local.isObject() {
			d.fail(local, fmt.Sprintf(`"%s" bindings should, optionally, have an object "local_dev" field but got %s.`, path, v.json()))
			valid = false
		}
		return valid
	},
}

var d1Shape = shape{
	noun: "d1_databases",
	members: []shapeMember{
		binding(),
		{name: "database_id", typeName: "string", optional: true, text: textMust},
		may("preview_database_id"),
		may("migrations_pattern"),
		may("database_name"),
		may("migrations_dir"),
		may("migrations_table"),
		may("database_internal_env"),
	},
	remote: true,
}

// otherBindingRules returns the rules of the kinds of bindings that come after
// D1 in wrangler's order.
func otherBindingRules() []fieldRule {
	array := func(name string, s shape) fieldRule {
		if s.noun == "" {
			s.noun = name
		}
		return fieldRule{name, alone, checkBindingArray(s)}
	}
	single := func(name string) fieldRule { return fieldRule{name, alone, checkSingle} }
	return []fieldRule{
		array("vectorize", shape{members: []shapeMember{binding(), {name: "index_name", typeName: "string", text: textMustAn}}, remote: true}),
		array("ai_search_namespaces", shape{members: []shapeMember{binding(), {name: "namespace", typeName: "string", text: textMust}}, remote: true}),
		array("ai_search", shape{members: []shapeMember{binding(), {name: "instance_name", typeName: "string", text: textMustAn}}, remote: true}),
		single("websearch"),
		array("agent_memory", shape{members: []shapeMember{binding(), {name: "namespace", typeName: "string", text: textMust}}, remote: true}),
		array("hyperdrive", shape{members: []shapeMember{binding(), {name: "id", typeName: "string", text: textMust}}, others: []string{"localConnectionString"}}),
		array("services", serviceShape),
		array("analytics_engine_datasets", shape{noun: "analytics_engine", members: []shapeMember{
			binding(), {name: "dataset", typeName: "string", optional: true, nonEmpty: true, text: textOptional},
		}}),
		array("dispatch_namespaces", shape{members: []shapeMember{binding(), may("namespace")}, remote: true, open: true}),
		array("mtls_certificates", shape{members: []shapeMember{
			binding(), {name: "certificate_id", typeName: "string", nonEmpty: true, text: textShould},
		}, remote: true}),
		{"tail_consumers", alone, checkConsumers},
		{"streaming_tail_consumers", alone, checkConsumers},
		{"unsafe", alone, checkUnsafe},
		single("browser"),
		single("analytics"),
		{"ai", alone, checkSingleOpen},
		single("images"),
		single("stream"),
		single("media"),
		array("pipelines", shape{members: []shapeMember{binding(), may("stream"), may("pipeline")}, remote: true}),
		array("k2", shape{members: []shapeMember{binding()}, open: true}),
		array("secrets_store_secrets", shape{members: []shapeMember{binding(), must("store_id"), must("secret_name")}}),
		array("artifacts", shape{members: []shapeMember{binding(), need("namespace")}, remote: true}),
		array("unsafe_hello_world", shape{members: []shapeMember{
			binding(), {name: "enable_timer", typeName: "boolean", optional: true, text: `"%s" bindings should, optionally, have a boolean "%s" field but got %s.`},
		}}),
		array("flagship", shape{members: []shapeMember{binding(), may("app_id")}, remote: true}),
		array("worker_loaders", shape{members: []shapeMember{binding()}}),
		array("ratelimits", ratelimitShape),
		array("vpc_services", shape{members: []shapeMember{binding(), {name: "service_id", typeName: "string", text: textMust}}, others: []string{"remote"}}),
		array("vpc_networks", shape{members: []shapeMember{binding(), may("tunnel_id"), may("network_id")}, others: []string{"remote"}}),
		{"version_metadata", alone, checkSingleOpen},
	}
}

var serviceShape = shape{
	noun: "services",
	members: []shapeMember{
		binding(), need("service"),
		{name: "environment", typeName: "string", optional: true, text: textShould},
		{name: "entrypoint", typeName: "string", optional: true, text: textShould},
	},
	remote: true,
	open:   true,
}

var ratelimitShape = shape{
	noun: "ratelimits",
	members: []shapeMember{
		must("name"),
		must("namespace_id"),
	},
	others: []string{"simple"},
	more: func(d *Diagnostics, path string, v *value) bool {
		simple := v.get("simple")
		if !simple.isObject() {
			d.fail(v, fmt.Sprintf(`"%s" bindings must have a "simple" configuration object but got %s.`, path, v.json()))
			return false
		}
		valid := true
		if limit := simple.get("limit"); !limit.is(numberKind) {
			d.fail(simple, fmt.Sprintf(`"%s" bindings "simple.limit" must be a number but got %s.`, path, simple.json()))
			valid = false
		}
		period := simple.get("period")
		switch {
		case !period.is(numberKind):
			d.fail(simple, fmt.Sprintf(`"%s" bindings "simple.period" is required and must be a number but got %s.`, path, simple.json()))
			valid = false
		case !slices.Contains([]float64{10, 60}, period.number):
			d.fail(period, fmt.Sprintf(`"%s" bindings "simple.period" must be either 10 or 60 but got %s.`, path, period.json()))
			valid = false
		}
		onlyKnown(d, path+".simple", simple, "limit", "period")
		return valid
	},
}
