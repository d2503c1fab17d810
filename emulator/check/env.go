package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/tdewolff/parse/v2/js"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/mistake"
)

// environment finds where a Worker reads its env.
type environment struct {
	*Source
	// variables are those that hold env in all of their scope.
	variables map[*js.Var]bool
	// owners are the classes whose this.env is env.
	owners map[*js.ClassDecl]bool
}

// handlers are the methods of a Worker's exports whose second parameter is env.
// https://developers.cloudflare.com/workers/runtime-apis/handlers/
var handlers = []string{"fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test"}

func (s *Source) environment() *environment {
	e := &environment{s, map[*js.Var]bool{}, map[*js.ClassDecl]bool{}}
	for v, from := range s.imports {
		if from == (imported{workers, "env"}) {
			e.variables[v] = true
		}
	}
	for _, v := range s.exports {
		if object, ok := s.values[v].(*js.ObjectExpr); ok {
			e.addHandlers(object)
		}
	}
	for _, c := range s.classes {
		if !s.takesEnv(c) {
			continue
		}
		e.owners[c] = true
		if m := constructor(c); m != nil {
			e.add(parameter(m.Params, 1))
		}
	}
	e.forgetReplaced()
	return e
}

func (e *environment) add(v *js.Var) {
	if v != nil {
		e.variables[v] = true
	}
}

// addHandlers adds the env of the handlers that an object has.
func (e *environment) addHandlers(object *js.ObjectExpr) {
	for _, p := range object.List {
		var name []byte
		if p.Name != nil && p.Name.Computed == nil {
			name = p.Name.Literal.Data
		}
		switch f := ungroup(p.Value).(type) {
		case *js.MethodDecl:
			if f.Name.Computed == nil && slices.Contains(handlers, string(f.Name.Literal.Data)) {
				e.add(parameter(f.Params, 1))
			}
		case *js.ArrowFunc:
			if slices.Contains(handlers, string(name)) {
				e.add(parameter(f.Params, 1))
			}
		case *js.FuncDecl:
			if slices.Contains(handlers, string(name)) {
				e.add(parameter(f.Params, 1))
			}
		}
	}
}

// forgetReplaced drops variables, and members env of classes, that the program gives another value.
func (e *environment) forgetReplaced() {
	walk(e.tree, func(n js.INode, around []js.INode) bool {
		set, ok := n.(*js.BinaryExpr)
		if !ok || set.Op != js.EqToken {
			return true
		}
		if v, ok := set.X.(*js.Var); ok {
			delete(e.variables, root(v))
		}
		if of, name, _ := member(set.X); of != nil && isThis(of) && string(name) == "env" && !e.is(set.Y, around) {
			delete(e.owners, classAround(around))
		}
		return true
	})
}

// is tells whether an expression is env for certain.
func (e *environment) is(x js.IExpr, around []js.INode) bool {
	x = ungroup(x)
	if v, ok := x.(*js.Var); ok {
		return e.variables[root(v)]
	}
	of, name, _ := member(x)
	return of != nil && isThis(of) && string(name) == "env" && e.owners[classAround(around)]
}

// classAround is the class whose instance is this, or nil if that is not certain.
func classAround(around []js.INode) *js.ClassDecl {
	for _, n := range slices.Backward(around) {
		switch n := n.(type) {
		case *js.ClassDecl:
			return n
		case *js.MethodDecl:
			if n.Static {
				return nil
			}
		case *js.FuncDecl, *js.ObjectExpr:
			return nil
		}
	}
	return nil
}

// access is a read of a member of env.
type access struct {
	token []byte // where it stands in the text
	use   use
}

// reads are all reads of env's members, by their names.
func (e *environment) reads() map[string][]access {
	all := map[string][]access{}
	note := func(name, token []byte, u use) { all[string(name)] = append(all[string(name)], access{token, u}) }
	walk(e.tree, func(n js.INode, around []js.INode) bool {
		switch n := n.(type) {
		case *js.DotExpr, *js.IndexExpr:
			if of, name, _ := member(n); of != nil && e.is(of, around) {
				note(name, name, useOf(n, around))
			}
		case *js.BinaryExpr:
			if text, ok := n.X.(*js.LiteralExpr); ok && n.Op == js.InToken && text.TokenType == js.StringToken && e.is(n.Y, around) {
				name := text.Data[1 : len(text.Data)-1]
				note(name, name, guards)
			}
		case *js.BindingElement:
			object, ok := n.Binding.(*js.BindingObject)
			if !ok || n.Default == nil || !e.is(n.Default, around) {
				return true
			}
			for _, item := range object.List {
				if item.Key == nil || item.Key.Computed != nil {
					continue
				}
				token := item.Key.Literal.Data
				if v, ok := item.Value.Binding.(*js.Var); ok && string(v.Data) == string(token) {
					token = v.Data // { name }: the parser's key is a copy
				}
				note(item.Key.Literal.Data, token, whether(item.Value.Default != nil, guards, reads))
			}
		}
		return true
	})
	return all
}

// checkEnv finds members of env that the program needs and that the configuration does not give it. What it asks
// for before it uses it may be missing, and what it only hands on is not looked at unless the name looks like a slip.
func (s *Source) checkEnv(p *config.Project) (found []Finding) {
	known := envNames(p)
	for name, all := range s.environment().reads() {
		if slices.Contains(known, name) || strings.HasPrefix(name, "__") {
			continue
		}
		var worst *access
		careful := false
		for n, a := range all {
			careful = careful || a.use == guards || a.use == replaces
			if worst == nil || a.use == needs && worst.use != needs {
				worst = &all[n]
			}
		}
		near, distance := nearest(name, known)
		if careful || worst.use != needs && (near == "" || distance > 1) {
			continue
		}
		pos, own := s.position(worst.token)
		if !own {
			continue
		}
		f := Finding{Severity: Warning, Mistake: mistake.UnknownBinding, Pos: pos,
			Text: fmt.Sprintf("env.%s is undefined: the configuration has no binding and no variable of this name.", name)}
		if near != "" {
			f.Fix = fmt.Sprintf("Did you mean env.%s?", near)
		} else {
			f.Fix = fmt.Sprintf("Add it to %s or, if it is a secret, to .dev.vars.", configName(p))
		}
		found = append(found, f)
	}
	return found
}

// envNames are the members of env.
func envNames(p *config.Project) (names []string) {
	for _, v := range p.Vars {
		names = append(names, v.Name)
	}
	for _, b := range p.DurableObjects {
		names = append(names, b.Name)
	}
	for _, b := range p.Services {
		names = append(names, b.Name)
	}
	for _, b := range p.Unsupported {
		names = append(names, b.Name)
	}
	if p.Assets != nil {
		names = append(names, p.Assets.Binding)
	}
	return append(names, p.VersionMetadata)
}

// nearest is the name that another was most likely meant to be, or "", and by how many characters they differ.
func nearest(name string, names []string) (near string, distance int) {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	for _, other := range names {
		if len(other) < 3 || len(name) < 3 {
			continue
		}
		d := levenshtein.ComputeDistance(plain(name), plain(other))
		if d <= len(plain(other))/2 && d <= 2 && (near == "" || d < distance) {
			near, distance = other, d
		}
	}
	return near, distance
}
