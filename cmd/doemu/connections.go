package main

import (
	"slices"

	"github.com/doemu/doemu/emulator"
)

// connection tells, in wrangler's words, whether the Worker that a binding names runs somewhere, and has
// the class if one is named.
func connection(e *emulator.Emulator, worker, class string) string {
	if e.Connected(worker, class) {
		return " [connected]"
	}
	return " [not connected]"
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
			rows = append(rows, [2]string{"env." + b.Name + " (" + b.Service + ")", connection(e, b.Service, "")})
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
