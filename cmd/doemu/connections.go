package main

import (
	"slices"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
)

// connection tells, in wrangler's words, whether the Worker that a binding names runs somewhere; and if it
// has not got the class that is named.
func connection(e *emulator.Emulator, worker, class string) string {
	switch found := e.Find(worker); {
	case found == nil:
		return " [not connected]"
	case class != "" && !found.Implements(class):
		return " [connected, but it has no class " + class + "]"
	}
	return " [connected]"
}

// entrypointOf is what a service binding leads to, as wrangler writes it.
func entrypointOf(b config.Service) string {
	if b.Entrypoint == "" {
		return b.Service
	}
	return b.Service + "#" + b.Entrypoint
}

// connectionsOf are the bindings that lead to other Workers, as a person reads them, with whether they do
// now.
func connectionsOf(e *emulator.Emulator) [][2]string {
	var rows [][2]string
	for _, s := range e.Services() {
		p := s.Project()
		for _, b := range p.DurableObjects {
			if b.ScriptName != "" {
				rows = append(rows, [2]string{"env." + b.Name + " (" + b.ClassName + ", defined in " + b.ScriptName + ")", connection(e, b.ScriptName, b.ClassName)})
			}
		}
		for _, b := range p.Services {
			rows = append(rows, [2]string{"env." + b.Name + " (" + entrypointOf(b) + ")", connection(e, b.Service, "")})
		}
		for _, name := range p.TailConsumers {
			rows = append(rows, [2]string{"tail consumer " + name, connection(e, name, "")})
		}
	}
	return rows
}

// connected shows the bindings whose connection is another than before.
func (s *screen) connected(before, now [][2]string) {
	for _, row := range now {
		if !slices.Contains(before, row) {
			s.line(s.paint(dim, "⎔ Connection status updated: ") + row[0] + row[1])
		}
	}
}
