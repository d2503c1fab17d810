package check

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
)

// HowToExport says how to export the classes that a project needs and whose entry point does not export them: the
// line to add, if the class is in one of the project's files. It is "" if there are none.
func HowToExport(p *config.Project, exports []string) string {
	var lines []string
	for _, c := range p.Classes {
		if !slices.Contains(exports, c.Name) {
			lines = append(lines, howToExport(p, c.Name, exports))
		}
	}
	return strings.Join(lines, "\n")
}

func howToExport(p *config.Project, class string, exports []string) string {
	entry := relativeTo(p.Dir, p.Main)
	if near, _ := nearest(class, exports); near != "" {
		return fmt.Sprintf("%s exports %s: did you mean that, or is %s the one to be exported?", entry, near, class)
	}
	d, ok := findClass(p, class)
	if !ok {
		return fmt.Sprintf("No file beside it has a class %s. Add to %s: export class %s extends DurableObject { … }", class, entry, class)
	}
	if d.file == p.Main {
		return fmt.Sprintf("%s has the class. Write export before it: export class %s", d.pos, class)
	}
	from := path.Join(relativeTo(filepath.Dir(p.Main), strings.TrimSuffix(d.file, filepath.Ext(d.file))))
	if !strings.HasPrefix(from, ".") {
		from = "./" + from
	}
	line := fmt.Sprintf("add to %s: export { %s } from %q;", entry, class, from)
	if !d.exported {
		return fmt.Sprintf("%s has the class. Write export before it, and %s", d.pos, line)
	}
	return fmt.Sprintf("%s has the class: %s", d.pos, line)
}

func relativeTo(dir, file string) string {
	short, err := filepath.Rel(dir, file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(short)
}

// declaration is where a file declares a class.
type declaration struct {
	file     string // absolute
	pos      config.Position
	exported bool
}

// loaders are esbuild's for the files that can have a class.
var loaders = map[string]api.Loader{
	".ts": api.LoaderTS, ".mts": api.LoaderTS, ".cts": api.LoaderTS, ".tsx": api.LoaderTSX,
	".js": api.LoaderJSX, ".mjs": api.LoaderJSX, ".jsx": api.LoaderJSX,
}

// Looking for a class ends after so many files, and passes over larger ones.
const (
	mostFiles   = 1000
	largestFile = 1 << 20
)

// findClass finds the declaration of a class in the files beside a project's entry point, that file first.
func findClass(p *config.Project, class string) (found declaration, ok bool) {
	root := filepath.Dir(p.Main)
	if found, ok = declares(p, p.Main, class); ok {
		return found, true
	}
	files := 0
	// A directory that cannot be read has nothing to offer.
	_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case entry.IsDir() && name != root && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		if files++; files > mostFiles {
			return filepath.SkipAll
		}
		if d, has := declares(p, name, class); has {
			found, ok = d, true
			return filepath.SkipAll
		}
		return nil
	})
	return found, ok
}

// declares tells whether a file declares a class at its top level.
func declares(p *config.Project, file, class string) (d declaration, ok bool) {
	loader, known := loaders[filepath.Ext(file)]
	info, err := os.Stat(file)
	if !known || err != nil || info.Size() > largestFile {
		return d, false
	}
	text, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(text, []byte("class "+class)) {
		return d, false
	}
	result := api.Transform(string(text), api.TransformOptions{
		Loader: loader, Format: api.FormatESModule, Sourcemap: api.SourceMapExternal, Sourcefile: file, LogLevel: api.LogLevelSilent,
	})
	s, err := Parse(p, &bundle.Bundle{Entry: "file", Root: p.Root, Modules: []bundle.Module{{Name: "file", Source: result.Code, SourceMap: result.Map}}})
	if len(result.Errors) > 0 || err != nil {
		return d, false
	}
	for v := range s.classes {
		if string(v.Name()) == class {
			pos, own := s.position(v.Data)
			return declaration{file, pos, s.exports[class] == v}, own
		}
	}
	return d, false
}
