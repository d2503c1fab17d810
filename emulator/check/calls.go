package check

import (
	"fmt"
	"slices"

	"github.com/tdewolff/parse/v2/js"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/mistake"
)

// checkCalls finds calls of stubs whose promise the program drops: nobody hears of an error, and the call may be
// broken off when the event ends.
func (s *Source) checkCalls(p *config.Project) (found []Finding) {
	var namespaces, services []string
	for _, b := range p.DurableObjects {
		namespaces = append(namespaces, b.Name)
	}
	for _, b := range p.Services {
		services = append(services, b.Name)
	}
	c := stubs{s.environment(), namespaces, services, map[*js.Var]bool{}}
	c.collect()
	walk(s.tree, func(n js.INode, around []js.INode) bool {
		statement, ok := n.(*js.ExprStmt)
		if !ok {
			return true
		}
		call, ok := ungroup(statement.Value).(*js.CallExpr)
		if !ok {
			return true
		}
		of, name, _ := member(call.X)
		if of == nil || string(name) == "dup" || !c.isStub(of, append(slices.Clone(around), n)) {
			return true
		}
		if pos, own := s.position(name); own {
			found = append(found, Finding{
				Severity: Warning, Mistake: mistake.FloatingCall, Pos: pos,
				Text: fmt.Sprintf("Nobody waits for the call of %s(): its errors are lost, and it may be broken off when the event ends.", name),
				Fix:  "Write await before it, give it to ctx.waitUntil() or, if that is meant, write void before it.",
			})
		}
		return true
	})
	return found
}

// stubs knows stubs of objects and of services when it sees them.
type stubs struct {
	*environment
	namespaces, services []string
	constants            map[*js.Var]bool // those that hold a stub
}

// collect finds the constants that hold a stub.
func (c *stubs) collect() {
	walk(c.tree, func(n js.INode, around []js.INode) bool {
		list, ok := n.(*js.VarDecl)
		if !ok || list.TokenType != js.ConstToken {
			return true
		}
		for _, element := range list.List {
			if v, ok := element.Binding.(*js.Var); ok && element.Default != nil && c.isStub(element.Default, append(slices.Clone(around), n)) {
				c.constants[root(v)] = true
			}
		}
		return true
	})
}

// isStub tells whether an expression is a stub for certain: a constant that holds one, env.SERVICE, or
// env.NAMESPACE.get(id).
func (c *stubs) isStub(x js.IExpr, around []js.INode) bool {
	switch x := ungroup(x).(type) {
	case *js.Var:
		return c.constants[root(x)]
	case *js.CallExpr:
		namespace, method, _ := member(x.X)
		if method := string(method); method != "get" && method != "getByName" {
			return false
		}
		of, name, _ := member(namespace)
		return of != nil && slices.Contains(c.namespaces, string(name)) && c.is(of, around)
	default:
		of, name, _ := member(x)
		return of != nil && slices.Contains(c.services, string(name)) && c.is(of, around)
	}
}
