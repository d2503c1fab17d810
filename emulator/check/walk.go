package check

import "github.com/tdewolff/parse/v2/js"

// walk visits a tree. Visit gets each node with those around it, the nearest last; it is false where the inside of a
// node is not to be visited.
func walk(n js.INode, visit func(n js.INode, around []js.INode) bool) {
	js.Walk(&walker{visit: visit}, n)
}

type walker struct {
	around []js.INode
	visit  func(js.INode, []js.INode) bool
}

// Enter implements js.IVisitor.
func (w *walker) Enter(n js.INode) js.IVisitor {
	if !w.visit(n, w.around) {
		return nil
	}
	w.around = append(w.around, n)
	return w
}

// Exit implements js.IVisitor.
func (w *walker) Exit(js.INode) { w.around = w.around[:len(w.around)-1] }

// use is what a program does with a value that it reads.
type use int

const (
	reads    use = iota // takes it as it is
	needs               // takes a member of it, or calls it: it throws if there is no value
	guards              // asks whether there is a value
	replaces            // sets it
)

// useOf tells what a program does with an expression by what stands around it.
func useOf(e js.INode, around []js.INode) use {
	for n := len(around) - 1; n >= 0; n-- {
		switch parent := around[n].(type) {
		case *js.GroupExpr:
			e = parent
			continue
		case *js.DotExpr:
			return whether(parent.Optional, guards, needs)
		case *js.IndexExpr:
			return whether(parent.X == e, whether(parent.Optional, guards, needs), reads)
		case *js.CallExpr:
			return whether(parent.X == e, whether(parent.Optional, guards, needs), reads)
		case *js.NewExpr:
			return whether(parent.X == e, needs, reads)
		case *js.TemplateExpr:
			return whether(parent.Tag == e, needs, reads)
		case *js.UnaryExpr:
			switch parent.Op {
			case js.AwaitToken, js.YieldToken, js.VoidToken:
				return reads
			}
			return guards
		case *js.BinaryExpr:
			return useInBinary(parent, e)
		case *js.CondExpr:
			return whether(parent.Cond == e, guards, reads)
		case *js.IfStmt:
			return whether(parent.Cond == e, guards, reads)
		case *js.WhileStmt, *js.DoWhileStmt, *js.ForStmt:
			return guards
		}
		return reads
	}
	return reads
}

func whether(holds bool, yes, no use) use {
	if holds {
		return yes
	}
	return no
}

// useInBinary is useOf for operators with two sides.
func useInBinary(parent *js.BinaryExpr, e js.INode) use {
	switch parent.Op {
	case js.EqToken:
		return whether(parent.X == e, replaces, reads)
	case js.AndToken, js.OrToken, js.NullishToken, js.EqEqToken, js.EqEqEqToken, js.NotEqToken, js.NotEqEqToken,
		js.AndEqToken, js.OrEqToken, js.NullishEqToken, js.InToken, js.InstanceofToken:
		return guards
	}
	return reads
}
