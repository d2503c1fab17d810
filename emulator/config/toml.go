package config

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads TOML. The values come from the decoder, which checks the
// whole of TOML; the places and the order of the fields from its syntax tree.
func parseTOML(src *source) (*value, error) {
	var decoded map[string]any
	if err := toml.Unmarshal(src.text, &decoded); err != nil {
		var syntax *toml.DecodeError
		if !errors.As(err, &syntax) {
			return nil, fmt.Errorf("parse %s: %w", src.file, err)
		}
		line, column := syntax.Position()
		detail := strings.TrimPrefix(syntax.Error(), "toml: ")
		text := "Invalid TOML document: " + tomlErrorText(detail)
		return nil, &Error{
			Text:     text,
			Pos:      Position{File: src.file, Line: line, Column: column},
			LineText: src.line(line),
			Length:   1,
			Hint:     explain(detail),
		}
	}
	places := tomlPlaces(src)
	return places.value(decoded, Position{File: src.file, Line: 1, Column: 1}), nil
}

// tomlErrorText returns what wrangler's parser says in the same case, where it
// is known.
func tomlErrorText(detail string) string {
	switch {
	case strings.Contains(detail, "is already defined"), strings.Contains(detail, "already exists"):
		return "trying to redefine an already defined table or value"
	case strings.Contains(detail, "at start of value"):
		return "invalid value"
	}
	return detail
}

// placed is a table, array or value of a TOML document: where it first stands,
// and its members in the order of the file.
type placed struct {
	pos    Position
	key    Position
	names  []string
	fields map[string]*placed
	items  []*placed
}

func (p *placed) field(name string) *placed {
	if p.fields == nil {
		p.fields = map[string]*placed{}
	}
	child := p.fields[name]
	if child == nil {
		child = &placed{}
		p.fields[name] = child
		p.names = append(p.names, name)
	}
	return child
}

// table returns the table itself, or the last one of an array of tables.
func (p *placed) table() *placed {
	if len(p.items) > 0 {
		return p.items[len(p.items)-1]
	}
	return p
}

func tomlPlaces(src *source) *placed {
	root := &placed{}
	table := root
	var parser unstable.Parser
	parser.Reset(src.text)
	for parser.NextExpression() {
		node := parser.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = root
			var last *placed
			for keys := node.Key(); keys.Next(); {
				last = table.field(string(keys.Node().Data))
				last.mark(src.at(int(keys.Node().Raw.Offset)))
				table = last.table()
			}
			if node.Kind == unstable.ArrayTable && last != nil {
				table = &placed{}
				for keys := node.Key(); keys.Next(); {
					table.mark(src.at(int(keys.Node().Raw.Offset)))
				}
				last.items = append(last.items, table)
			}
		case unstable.KeyValue:
			placeKeyValue(src, table, node)
		}
	}
	return root
}

func (p *placed) mark(pos Position) {
	if p.key.Line == 0 {
		p.key, p.pos = pos, pos
	}
}

func placeKeyValue(src *source, table *placed, node *unstable.Node) {
	target := table
	for keys := node.Key(); keys.Next(); {
		target = target.field(string(keys.Node().Data))
		target.mark(src.at(int(keys.Node().Raw.Offset)))
	}
	placeValue(src, target, node.Value())
}

func placeValue(src *source, target *placed, node *unstable.Node) {
	if node.Raw.Length > 0 {
		target.pos = src.at(int(node.Raw.Offset))
	}
	switch node.Kind {
	case unstable.Array:
		for items := node.Children(); items.Next(); {
			item := &placed{pos: target.pos}
			placeValue(src, item, items.Node())
			target.items = append(target.items, item)
		}
	case unstable.InlineTable:
		for items := node.Children(); items.Next(); {
			placeKeyValue(src, target, items.Node())
			if target.pos.Line == 0 && len(target.names) > 0 {
				target.pos = target.fields[target.names[0]].key
			}
		}
	}
}

// value joins a decoded value with its place. outer is the place to give where
// none of its own is known.
func (p *placed) value(decoded any, outer Position) *value {
	pos := outer
	if p != nil && p.pos.Line > 0 {
		pos = p.pos
	}
	v := &value{pos: pos}
	switch decoded := decoded.(type) {
	case map[string]any:
		v.kind = objectKind
		for _, name := range p.order(decoded) {
			var child *placed
			key := pos
			if p != nil && p.fields[name] != nil {
				child = p.fields[name]
				key = child.key
			}
			v.set(field{name, key, child.value(decoded[name], key)})
		}
	case []any:
		v.kind = arrayKind
		for i, item := range decoded {
			var child *placed
			if p != nil && i < len(p.items) {
				child = p.items[i]
			}
			v.items = append(v.items, child.value(item, pos))
		}
	case string:
		v.kind, v.text = stringKind, decoded
	case bool:
		v.kind, v.bool = boolKind, decoded
	case int64:
		v.kind, v.number = numberKind, float64(decoded)
	case float64:
		v.kind, v.number = numberKind, decoded
	case time.Time:
		v.kind, v.text = dateKind, decoded.UTC().Format("2006-01-02T15:04:05.000Z")
	case fmt.Stringer: // a local date or time
		v.kind, v.text = dateKind, decoded.String()
	}
	return v
}

// order returns the names of a decoded table as the file has them.
func (p *placed) order(decoded map[string]any) []string {
	names := make([]string, 0, len(decoded))
	if p != nil {
		for _, name := range p.names {
			if _, ok := decoded[name]; ok {
				names = append(names, name)
			}
		}
	}
	var others []string
	for name := range decoded {
		if !slices.Contains(names, name) {
			others = append(others, name)
		}
	}
	sort.Strings(others)
	return append(names, others...)
}
