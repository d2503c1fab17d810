package check

import (
	"github.com/tdewolff/parse/v2/js"

	"github.com/doemu/doemu/emulator/config"
)

// workers is the module that Workers get their base classes and env from.
const workers = "cloudflare:workers"

// class is the declaration of an exported class, or nil where it is not plain to see.
func (s *Source) class(export string) *js.ClassDecl { return s.classes[s.exports[export]] }

// parent is the class that a class extends, or what that is imported as; both are empty if it extends nothing, or
// what is not plain to see.
func (s *Source) parent(c *js.ClassDecl) (class *js.ClassDecl, base imported) {
	v, ok := ungroup(c.Extends).(*js.Var)
	if !ok {
		return nil, base
	}
	v = root(v)
	return s.classes[v], s.imports[v]
}

// lineage is a class and those that it extends, as far as they are in the source.
func (s *Source) lineage(c *js.ClassDecl) (all []*js.ClassDecl) {
	for ; c != nil && len(all) < 20; c, _ = s.parent(c) {
		all = append(all, c)
	}
	return all
}

// takesEnv tells whether a class gets env by the constructor of Cloudflare's own base classes.
func (s *Source) takesEnv(c *js.ClassDecl) bool {
	all := s.lineage(c)
	if len(all) == 0 {
		return false
	}
	_, base := s.parent(all[len(all)-1])
	if base.module != workers {
		return false
	}
	switch base.name {
	case "DurableObject", "WorkerEntrypoint", "WorkflowEntrypoint":
		return true
	}
	return false
}

// constructor is the constructor of a class, or nil if it has none of its own.
func constructor(c *js.ClassDecl) *js.MethodDecl {
	for _, element := range c.List {
		if m := element.Method; m != nil && !m.Static && m.Name.Computed == nil && string(m.Name.Literal.Data) == "constructor" {
			return m
		}
	}
	return nil
}

// Constructor is the place of the constructor of an exported class, or of the nearest one that it extends.
func (s *Source) Constructor(export string) (config.Position, bool) {
	for _, c := range s.lineage(s.class(export)) {
		if m := constructor(c); m != nil {
			return s.position(m.Name.Literal.Data)
		}
	}
	return config.Position{}, false
}

// parameter is the variable of a parameter of a function, by its place from 0; nil if that is no plain variable.
func parameter(p js.Params, n int) *js.Var {
	if n >= len(p.List) {
		return nil
	}
	v, ok := p.List[n].Binding.(*js.Var)
	if !ok {
		return nil
	}
	return root(v)
}
