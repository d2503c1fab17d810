package envtypes

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/config"
)

// member is a member of env.
type member struct {
	name, typ string
	variable  bool // or a secret
}

// kindTypes are the types of bindings of which nothing but the kind matters, in wrangler's order.
func kindTypes() []struct{ kind, typ string } {
	return []struct{ kind, typ string }{
		{"kv_namespaces", "KVNamespace"}, {"r2_buckets", "R2Bucket"}, {"d1_databases", "D1Database"}, {"vectorize", "VectorizeIndex"},
		{"hyperdrive", "Hyperdrive"}, {"send_email", "SendEmail"}, {"analytics_engine_datasets", "AnalyticsEngineDataset"},
		{"dispatch_namespaces", "DispatchNamespace"}, {"mtls_certificates", "Fetcher"}, {"queues", "Queue"},
		{"secrets_store_secrets", "SecretsStoreSecret"}, {"artifacts", "Artifacts"}, {"unsafe_hello_world", "HelloWorldBinding"},
		{"flagship", "Flagship"}, {"ratelimits", "RateLimit"}, {"worker_loaders", "WorkerLoader"}, {"vpc_services", "Fetcher"},
		{"vpc_networks", "Fetcher"}, {"ai_search_namespaces", "AiSearchNamespace"}, {"ai_search", "AiSearchInstance"},
		{"agent_memory", "AgentMemoryNamespace"}, {"browser", "BrowserRun"}, {"analytics", "AnalyticsSQLBinding"}, {"ai", "Ai"},
		{"images", "ImagesBinding"}, {"stream", "StreamBinding"}, {"media", "MediaBinding"},
	}
}

// members are those that env has in an environment.
func (in *input) members(p *config.Project) (all []member) {
	add := func(name, typ string) { all = append(all, member{name: name, typ: typ}) }
	known := map[string]bool{}
	for _, k := range kindTypes() {
		known[k.kind] = true
		for _, b := range p.Unsupported {
			if b.Kind == k.kind {
				add(b.Name, k.typ)
			}
		}
	}
	if p.VersionMetadata != "" {
		add(p.VersionMetadata, "WorkerVersionMetadata")
	}
	if p.Assets != nil && p.Assets.Binding != "" {
		add(p.Assets.Binding, "Fetcher")
	}
	// Secrets are those of the machine, whatever the environment, unless the file lists them.
	secrets := p.Secrets
	for _, v := range p.Vars {
		if v.Kind != config.Secret && !slices.Contains(secrets, v.Name) {
			all = append(all, member{v.Name, in.valueType(v.Value), true})
		}
	}
	for _, name := range secrets {
		all = append(all, member{name, "string", true})
	}
	for _, d := range p.DurableObjects {
		add(d.Name, in.namespaceType(d))
	}
	for _, s := range p.Services {
		add(s.Name, in.serviceType(p, s))
	}
	for _, b := range p.Unsupported {
		switch {
		case b.Kind == "workflows":
			add(b.Name, "Workflow")
		case !known[b.Kind]:
			add(b.Name, "any")
		}
	}
	return all
}

// valueType is the type of a variable.
func (in *input) valueType(value json.RawMessage) string {
	if !in.Loose {
		return string(value)
	}
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return "unknown"
	}
	list, ok := v.([]any)
	if !ok {
		return typeOf(v)
	}
	var types []string
	for _, e := range list {
		if t := typeOf(e); !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	slices.Sort(types)
	switch len(types) {
	case 0:
		return "unknown[]"
	case 1:
		return types[0] + "[]"
	}
	return "(" + strings.Join(types, "|") + ")[]"
}

// typeOf is what typeof says.
func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	}
	return "object"
}

func (in *input) namespaceType(d config.DurableObject) string {
	if d.ScriptName == "" {
		if slices.Contains(in.main.exports, d.ClassName) {
			return in.imported("DurableObjectNamespace<import(%q).%s>", in.main, d.ClassName)
		}
		return "DurableObjectNamespace /* " + d.ClassName + " */"
	}
	if w := in.others[d.ScriptName]; slices.Contains(w.exports, d.ClassName) {
		return in.imported("DurableObjectNamespace<import(%q).%s>", w, d.ClassName)
	}
	return fmt.Sprintf("DurableObjectNamespace /* %s from %s */", d.ClassName, d.ScriptName)
}

func (in *input) serviceType(p *config.Project, s config.Service) string {
	to, export := in.others[s.Service], s.Entrypoint
	if s.Service == p.Name {
		to = in.main
	}
	if export == "" {
		export = "default"
	}
	switch {
	case slices.Contains(to.exports, export):
		return in.imported("Service<typeof import(%q).%s>", to, export)
	case s.Entrypoint != "":
		return fmt.Sprintf("Service /* entrypoint %s from %s */", s.Entrypoint, s.Service)
	}
	return "Fetcher /* " + s.Service + " */"
}

func (in *input) imported(form string, w worker, export string) string {
	return fmt.Sprintf(form, in.specifier(w.file), export)
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][\w$]*$`)

// key is a name as a member of an interface.
func key(name string) string {
	if identifier.MatchString(name) {
		return name
	}
	text, _ := json.Marshal(name) // a string has no mistakes
	return string(text)
}
