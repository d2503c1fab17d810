package emulator

import (
	"encoding/json"

	"github.com/doemu/doemu/emulator/config"
)

// workerSettings are the compatibility flags and the members of env, as src/worker/entry.ts reads
// them.
func workerSettings(p *config.Project) ([]byte, error) {
	env := []map[string]any{}
	add := func(name, kind string, more map[string]any) {
		member := map[string]any{"name": name, "kind": kind}
		for key, value := range more {
			member[key] = value
		}
		env = append(env, member)
	}
	for _, v := range p.Vars {
		if v.Kind == config.JSON {
			add(v.Name, "json", map[string]any{"json": v.Value})
		} else {
			add(v.Name, "text", map[string]any{"value": v.Text})
		}
	}
	for _, b := range p.DurableObjects {
		if n := classNumber(p, b); n >= 0 {
			add(b.Name, "durable_object_namespace", map[string]any{"namespace": n})
		} else {
			add(b.Name, "Durable Object (of the Worker "+b.ScriptName+")", nil)
		}
	}
	for _, s := range p.Services {
		add(s.Name, "Service", nil)
	}
	for _, b := range p.Unsupported {
		add(b.Name, b.Noun, nil)
	}
	if p.Assets != nil && p.Assets.Binding != "" {
		add(p.Assets.Binding, "Assets", nil)
	}
	if p.VersionMetadata != "" {
		add(p.VersionMetadata, "json", map[string]any{"json": map[string]string{"id": "00000000-0000-0000-0000-000000000000", "tag": "", "timestamp": ""}})
	}
	return json.Marshal(map[string]any{"flags": p.Flags.All(), "env": env})
}

// classNumber is the place of a binding's class among the project's own, or -1.
func classNumber(p *config.Project, b config.DurableObject) int {
	for n, class := range p.Classes {
		if class.UniqueKey == b.UniqueKey && (b.ScriptName == "" || b.ScriptName == p.Name) {
			return n
		}
	}
	return -1
}
