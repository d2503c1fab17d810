package check

import (
	"bytes"
	"path/filepath"
	"strings"
	"unsafe"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
)

// Source is the parsed code of a Worker: its bundle's entry module, in which esbuild has put all of it.
type Source struct {
	module string
	file   string // absolute; "" for what esbuild made
	text   []byte
	tree   *js.AST
	maps   *bundle.SourceMaps
	dir    string // positions are as seen from here

	imports map[*js.Var]imported
	// classes and values are what the variables of the module's top level are declared as.
	classes map[*js.Var]*js.ClassDecl
	values  map[*js.Var]js.IExpr
	// exports are the variables that the module exports, by the exported names.
	exports map[string]*js.Var
}

// imported is what a variable was imported as.
type imported struct{ module, name string }

// Parse reads the code of a project's bundle; it is nil for a project without code. The error is the parser's, which
// does not know all of what the engine does.
func Parse(p *config.Project, b *bundle.Bundle) (*Source, error) {
	if p.Main == "" {
		return nil, nil
	}
	m := b.Module(b.Entry)
	s := &Source{
		module: m.Name, file: m.File, maps: bundle.NewSourceMaps(b), dir: p.Dir,
		imports: map[*js.Var]imported{}, classes: map[*js.Var]*js.ClassDecl{}, values: map[*js.Var]js.IExpr{}, exports: map[string]*js.Var{},
	}
	// The parser writes a NUL behind the text, and keeps slices of it.
	s.text = append(make([]byte, 0, len(m.Source)+1), m.Source...)
	tree, err := js.Parse(parse.NewInputBytes(s.text), js.Options{})
	if err != nil {
		return nil, err
	}
	s.tree = tree
	s.declare()
	return s, nil
}

// declare notes what the module's top level declares.
func (s *Source) declare() {
	for _, statement := range s.tree.List {
		switch n := statement.(type) {
		case *js.ImportStmt:
			module := strings.Trim(string(n.Module), `"'`)
			for _, alias := range n.List {
				name := alias.Name
				if name == nil {
					name = alias.Binding
				}
				if v := s.variable(alias.Binding); v != nil {
					s.imports[v] = imported{module, string(name)}
				}
			}
		case *js.ClassDecl:
			if n.Name != nil {
				s.classes[root(n.Name)] = n
			}
		case *js.VarDecl:
			for _, element := range n.List {
				v, ok := element.Binding.(*js.Var)
				switch {
				case !ok || element.Default == nil:
				default:
					s.assign(root(v), element.Default)
				}
			}
		case *js.ExportStmt:
			s.export(n)
		}
	}
}

// assign notes the value of a variable.
func (s *Source) assign(v *js.Var, value js.IExpr) {
	value = ungroup(value)
	if class, ok := value.(*js.ClassDecl); ok {
		s.classes[v] = class
		return
	}
	s.values[v] = value
}

func (s *Source) export(n *js.ExportStmt) {
	if n.Module != nil || n.Decl != nil {
		switch decl := n.Decl.(type) {
		case *js.ClassDecl:
			if decl.Name != nil {
				s.classes[root(decl.Name)] = decl
				s.exports[string(decl.Name.Name())] = root(decl.Name)
			}
		}
		return
	}
	for _, alias := range n.List {
		local := alias.Name
		if local == nil {
			local = alias.Binding
		}
		if v := s.variable(local); v != nil {
			s.exports[string(alias.Binding)] = v
		}
	}
}

// variable is the variable of the top level with a name, or nil.
func (s *Source) variable(name []byte) *js.Var {
	for _, list := range []js.VarArray{s.tree.Declared, s.tree.Undeclared} {
		for _, v := range list {
			if bytes.Equal(v.Name(), name) {
				return root(v)
			}
		}
	}
	return nil
}

// root is the variable that uses of it lead to.
func root(v *js.Var) *js.Var {
	for v.Link != nil {
		v = v.Link
	}
	return v
}

// ungroup takes away parentheses, and the __name() by which esbuild keeps the names of functions and classes.
func ungroup(e js.IExpr) js.IExpr {
	for {
		switch n := e.(type) {
		case *js.GroupExpr:
			e = n.X
			continue
		case *js.CallExpr:
			if v, ok := n.X.(*js.Var); ok && string(v.Name()) == "__name" && len(n.Args.List) == 2 {
				e = n.Args.List[0].Value
				continue
			}
		}
		return e
	}
}

// position is where a token comes from, which must be a slice of the text as the parser gave it. Own is false for
// code that is not the user's own: that of packages, and what esbuild adds.
func (s *Source) position(token []byte) (pos config.Position, own bool) {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(token))) - uintptr(unsafe.Pointer(unsafe.SliceData(s.text)))
	if at >= uintptr(len(s.text)) {
		return pos, false
	}
	before := s.text[:at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - (bytes.LastIndexByte(before, '\n') + 1) + 1
	origin, ok := s.maps.Lookup(s.module, line, column)
	if s.file != "" && !ok {
		origin, ok = bundle.Origin{File: s.file, Line: line, Column: column}, true
	}
	if !ok || strings.Contains(filepath.ToSlash(origin.File), "/node_modules/") {
		return pos, false
	}
	file, err := filepath.Rel(s.dir, origin.File)
	if err != nil {
		file = origin.File
	}
	return config.Position{File: filepath.ToSlash(file), Line: origin.Line, Column: origin.Column}, true
}

// member is the name that an expression like x.name or x["name"] asks for, as it stands in the text; nil for others.
// Optional tells that it is x?.name.
func member(e js.INode) (of js.IExpr, name []byte, optional bool) {
	switch n := e.(type) {
	case *js.DotExpr:
		switch y := n.Y.(type) {
		case *js.LiteralExpr:
			return ungroup(n.X), y.Data, n.Optional
		case js.LiteralExpr:
			return ungroup(n.X), y.Data, n.Optional
		}
	case *js.IndexExpr:
		if text, ok := n.Y.(*js.LiteralExpr); ok && text.TokenType == js.StringToken {
			return ungroup(n.X), text.Data[1 : len(text.Data)-1], n.Optional
		}
	}
	return nil, nil, false
}

// isThis tells whether an expression is the keyword this.
func isThis(e js.IExpr) bool { return isToken(e, js.ThisToken) }

func isToken(e js.IExpr, token js.TokenType) bool {
	literal, ok := e.(*js.LiteralExpr)
	return ok && literal.TokenType == token
}
