package bundle

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/go-sourcemap/sourcemap"
)

// SourceMaps finds where code of a bundle comes from. Each map is parsed when
// it is first asked. It is safe for concurrent use.
type SourceMaps struct {
	root string
	maps map[string]*lazyMap
}

type lazyMap struct {
	text     []byte
	once     sync.Once
	consumer *sourcemap.Consumer
}

// NewSourceMaps returns the source maps of a bundle.
func NewSourceMaps(b *Bundle) *SourceMaps {
	s := &SourceMaps{root: b.Root, maps: map[string]*lazyMap{}}
	for _, m := range b.Modules {
		if m.SourceMap != nil {
			s.maps[m.Name] = &lazyMap{text: m.SourceMap}
		}
	}
	return s
}

// Origin is a place in one of the user's files. Line and Column count from 1.
type Origin struct {
	File   string // absolute
	Line   int
	Column int
}

// Lookup returns where a place in a module comes from. Line and column count
// from 1. The result is false where the module has no source map or the place
// comes from no file, such as esbuild's own helpers.
func (s *SourceMaps) Lookup(module string, line, column int) (Origin, bool) {
	lazy := s.maps[strings.TrimPrefix(module, "./")]
	if lazy == nil {
		return Origin{}, false
	}
	lazy.once.Do(func() {
		if consumer, err := sourcemap.Parse("", lazy.text); err == nil {
			lazy.consumer = consumer
		}
	})
	if lazy.consumer == nil {
		return Origin{}, false
	}
	file, _, sourceLine, sourceColumn, ok := lazy.consumer.Source(line, max(column-1, 0))
	if !ok || file == "" || strings.Contains(file, requiredBuiltin+":") {
		return Origin{}, false
	}
	path := filepath.FromSlash(file)
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.root, path)
	}
	return Origin{path, sourceLine, sourceColumn + 1}, true
}

// frame matches the place in a line of a stack, with or without parentheses: "    at fn (index.js:12:5)". In a
// log, something else may follow the last line of a stack.
var frame = regexp.MustCompile(`(?m)^([ \t]*at (?:[^\n]*? )?\(?)([^\s()]+):(\d+):(\d+)(\)?)([ \t,\])}][^\n]*)?$`)

// Origin returns where the place of one line of a stack comes from, as Lookup does.
func (s *SourceMaps) Origin(line string) (Origin, bool) {
	part := frame.FindStringSubmatch(" " + strings.TrimSpace(line))
	if part == nil {
		return Origin{}, false
	}
	row, _ := strconv.Atoi(part[3])
	column, _ := strconv.Atoi(part[4])
	return s.Lookup(part[2], row, column)
}

// Stack rewrites a JavaScript stack, so that its lines name the user's files.
// Lines that come from no file stay as they are. show says how to write a
// file's absolute path; nil leaves it.
func (s *SourceMaps) Stack(stack string, show func(path string) string) string {
	return frame.ReplaceAllStringFunc(stack, func(line string) string {
		part := frame.FindStringSubmatch(line)
		row, _ := strconv.Atoi(part[3])
		column, _ := strconv.Atoi(part[4])
		origin, ok := s.Lookup(part[2], row, column)
		if !ok {
			return line
		}
		path := origin.File
		if show != nil {
			path = show(path)
		}
		return part[1] + path + ":" + strconv.Itoa(origin.Line) + ":" + strconv.Itoa(origin.Column) + part[5] + part[6]
	})
}
