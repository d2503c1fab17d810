package emulator

import (
	"encoding/json"

	"github.com/doemu/doemu/emulator/config"
)

// workerSettings are the compatibility flags and the members of env, as src/worker/entry.ts reads
// them.
func (s *Service) workerSettings(p *config.Project, b *bindings) ([]byte, error) {
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
	for _, d := range p.DurableObjects {
		if n := b.namespace(d.UniqueKey); n >= 0 {
			add(d.Name, "durable_object_namespace", map[string]any{"namespace": n})
		} else {
			add(d.Name, "Durable Object (of the Worker "+d.ScriptName+", which does not run here)", nil)
		}
	}
	for _, binding := range p.Services {
		to := s.emulator.Service(binding.Service)
		if to == nil {
			add(binding.Name, "absent_service", map[string]any{"service": binding.Service})
			continue
		}
		n := b.addService(serviceTarget{service: to, entrypoint: binding.Entrypoint, props: binding.Props})
		add(binding.Name, "service", map[string]any{"service": n})
	}
	for _, u := range p.Unsupported {
		add(u.Name, u.Noun, nil)
	}
	if p.Assets != nil && p.Assets.Binding != "" {
		add(p.Assets.Binding, "Assets", nil)
	}
	if p.VersionMetadata != "" {
		add(p.VersionMetadata, "json", map[string]any{"json": map[string]string{"id": "00000000-0000-0000-0000-000000000000", "tag": "", "timestamp": ""}})
	}
	classes := map[string]int{}
	for n, class := range p.Classes {
		classes[class.Name] = n
	}
	return json.Marshal(map[string]any{"flags": p.Flags.All(), "knownFlags": config.FlagNames(), "env": env, "classes": classes, "traced": len(p.TailConsumers) > 0, "exposeGC": s.emulator.options.Test})
}
