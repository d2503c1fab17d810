package emulator

import (
	"encoding/json"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/platform"
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
		add(d.Name, "durable_object_namespace", map[string]any{"namespace": b.namespace(d.UniqueKey)})
	}
	for _, binding := range p.Services {
		var n int
		if to := s.emulator.Service(binding.Service); to != nil {
			n = b.addService(serviceTarget{service: to, entrypoint: binding.Entrypoint, props: binding.Props})
		} else {
			n = b.addService(s.emulator.sessions.target(platform.Address{Worker: binding.Service, Entrypoint: binding.Entrypoint, Props: binding.Props}))
		}
		add(binding.Name, "service", map[string]any{"service": n})
	}
	for _, u := range p.Unsupported {
		add(u.Name, u.WithArticle(), nil)
	}
	if p.Assets != nil && p.Assets.Binding != "" {
		add(p.Assets.Binding, "an Assets", nil)
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
