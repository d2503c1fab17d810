package config

import "strings"

// WithArticle is the noun after its article, for a sentence: "an R2 Bucket binding", "a Queue binding".
func (b Binding) WithArticle() string {
	if strings.ContainsAny(b.Noun[:1], "AEIOU") || strings.HasPrefix(b.Noun, "R2") || strings.HasPrefix(b.Noun, "mTLS") {
		return "an " + b.Noun
	}
	return "a " + b.Noun
}

// bindingKind is one kind of binding: the field of the file and what wrangler
// calls it.
type bindingKind struct {
	field, noun string
}

// bindingKinds returns all kinds in wrangler's order.
func bindingKinds() []bindingKind {
	return []bindingKind{
		{"data_blobs", "Data Blob"},
		{"durable_objects", "Durable Object"},
		{"kv_namespaces", "KV Namespace"},
		{"send_email", "Send Email"},
		{"queues", "Queue"},
		{"d1_databases", "D1 Database"},
		{"vectorize", "Vectorize Index"},
		{"ai_search_namespaces", "AI Search Namespace"},
		{"ai_search", "AI Search Instance"},
		{"websearch", "Web Search"},
		{"agent_memory", "Agent Memory"},
		{"hyperdrive", "Hyperdrive Config"},
		{"r2_buckets", "R2 Bucket"},
		{"logfwdr", "logfwdr"},
		{"services", "Worker"},
		{"analytics_engine_datasets", "Analytics Engine Dataset"},
		{"text_blobs", "Text Blob"},
		{"browser", "Browser Run"},
		{"analytics", "Analytics SQL"},
		{"ai", "AI"},
		{"images", "Images"},
		{"stream", "Stream"},
		{"media", "Media"},
		{"version_metadata", "Worker Version Metadata"},
		{"unsafe", "Unsafe Metadata"},
		{"vars", "Environment Variable"},
		{"wasm_modules", "Wasm Module"},
		{"dispatch_namespaces", "Dispatch Namespace"},
		{"mtls_certificates", "mTLS Certificate"},
		{"workflows", "Workflow"},
		{"pipelines", "Pipeline"},
		{"k2", "K2 Stream"},
		{"secrets_store_secrets", "Secrets Store Secret"},
		{"artifacts", "Artifacts"},
		{"ratelimits", "Rate Limit"},
		{"assets", "Assets"},
		{"unsafe_hello_world", "Hello World"},
		{"flagship", "Flagship"},
		{"worker_loaders", "Worker Loader"},
		{"vpc_services", "VPC Service"},
		{"vpc_networks", "VPC Network"},
	}
}
