package check

import (
	"fmt"

	"github.com/tdewolff/parse/v2/js"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/mistake"
)

// checkConstructors finds constructors of Durable Objects that do not hand ctx and env to their base class before
// all else.
func (s *Source) checkConstructors(p *config.Project) (found []Finding) {
	for _, class := range p.Classes {
		c := s.class(class.Name)
		if c == nil {
			continue
		}
		_, base := s.parent(c)
		m := constructor(c)
		if m == nil || base != (imported{workers, "DurableObject"}) {
			continue
		}
		token, text := wrongSuper(m)
		pos, own := s.position(token)
		if text == "" || !own {
			continue
		}
		found = append(found, Finding{
			Severity: Warning, Mistake: mistake.SuperCall, Pos: pos,
			Text: fmt.Sprintf("The constructor of %s %s: no object of it can start.", class.Name, text),
			Fix:  "Begin it with super(ctx, env).",
		})
	}
	return found
}

// wrongSuper tells what is wrong with the call of super in a constructor, and where; "" if nothing is.
func wrongSuper(m *js.MethodDecl) (token []byte, text string) {
	var early []byte // the first this before the call
	for _, statement := range m.Body.List {
		call, this := superCall(statement)
		switch {
		case call == nil && early == nil:
			early = this
		case call == nil:
		case this != nil || early != nil:
			if early == nil {
				early = this
			}
			return early, "uses this before it calls super(ctx, env)"
		case len(call.Args.List) < 2 && !spreads(call.Args):
			return call.X.(*js.LiteralExpr).Data, "does not give ctx and env to super()"
		default:
			return nil, ""
		}
	}
	return m.Name.Literal.Data, "does not call super(ctx, env)"
}

func spreads(args js.Args) bool {
	for _, arg := range args.List {
		if arg.Rest {
			return true
		}
	}
	return false
}

// superCall is the call of super in a statement, or nil; and a this that the statement reads outside of functions, of
// one without such a call.
func superCall(statement js.IStmt) (call *js.CallExpr, this []byte) {
	walk(statement, func(n js.INode, _ []js.INode) bool {
		switch n := n.(type) {
		case *js.FuncDecl, *js.ClassDecl, *js.MethodDecl, *js.ArrowFunc:
			return false
		case *js.CallExpr:
			if isToken(n.X, js.SuperToken) {
				call = n
			}
		case *js.LiteralExpr:
			if this == nil && n.TokenType == js.ThisToken {
				this = n.Data
			}
		}
		return true
	})
	if call != nil {
		this = nil
	}
	return call, this
}
