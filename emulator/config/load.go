package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options say what to load, and hold all that Load needs from outside.
type Options struct {
	// WorkDir is the working directory, absolute. Files are looked for from
	// here, and messages name files as seen from here.
	WorkDir string
	// Path is what the user named: a directory, a script or a configuration
	// file; "" means WorkDir.
	Path string
	// ConfigPath is the configuration file to use instead of the nearest.
	ConfigPath string
	// Env is the environment; "" means the process's CLOUDFLARE_ENV.
	Env string
	// EnvFiles are used instead of .dev.vars and .env, the later ones winning.
	EnvFiles []string
	// Vars are variables as "NAME:value"; they win over all others.
	Vars []string
	// Name, CompatibilityDate, CompatibilityFlags and AssetsDir override the
	// file.
	Name               string
	CompatibilityDate  string
	CompatibilityFlags []string
	AssetsDir          string
	// Environ is the environment of the process, in the form of os.Environ.
	Environ []string
	// Now is the time to compare compatibility dates with.
	Now time.Time
}

// loader is one call of Load.
type loader struct {
	Options
	process        map[string]string
	leaf           string // where the search for files starts
	script         string // the script the user named, if any
	configPath     string
	userConfigPath string
	files          []string
	src            *source // the configuration file
}

// Load reads a project. The Diagnostics are never nil and hold warnings to show
// also where the error is nil. An error that is for the user is an *Error.
func Load(opts Options) (*Project, *Diagnostics, error) {
	if !filepath.IsAbs(opts.WorkDir) {
		return nil, &Diagnostics{}, fmt.Errorf("load configuration: working directory %q is not absolute", opts.WorkDir)
	}
	l := &loader{Options: opts, process: map[string]string{}}
	for _, entry := range opts.Environ {
		if name, text, ok := strings.Cut(entry, "="); ok {
			l.process[name] = text
		}
	}
	if l.Env == "" {
		l.Env = l.process["CLOUDFLARE_ENV"]
	}
	d := &Diagnostics{}
	if err := l.discover(); err != nil {
		return nil, d, err
	}
	raw, err := l.parse()
	if err != nil {
		return nil, d, err
	}
	project, err := l.resolve(d, raw)
	if err != nil {
		return nil, d, l.quote(err)
	}
	return project, d, nil
}

// quote adds the source line to an error that has a place in the configuration
// file.
func (l *loader) quote(err error) error {
	var user *Error
	if l.src == nil || !errors.As(err, &user) || user.Pos.Line == 0 || user.Pos.File != l.src.file {
		return err
	}
	user.LineText = l.src.line(user.Pos.Line)
	user.Length = tokenLength([]byte(user.LineText[min(user.Pos.Column-1, len(user.LineText)):]))
	return user
}

// parse reads the configuration file; without one, an empty object.
func (l *loader) parse() (*value, error) {
	if l.configPath == "" {
		return &value{kind: objectKind}, nil
	}
	short := relative(l.WorkDir, l.configPath)
	text, err := l.read(l.configPath)
	if err != nil {
		return nil, &Error{Text: "Could not read file: " + short, Hint: reason(err)}
	}
	text, err = decodeText(short, text)
	if err != nil {
		return nil, err
	}
	l.src = newSource(short, text)
	return parseFile(l.src)
}

// parseFile reads the text of a configuration file in the language that its
// name says.
func parseFile(src *source) (*value, error) {
	if len(src.text) > maxFileSize {
		return nil, &Error{Text: "Could not read file: " + src.file, Hint: fmt.Sprintf("It has more than %d bytes.", maxFileSize)}
	}
	parse := parseJSONC
	if strings.HasSuffix(src.file, ".toml") {
		parse = parseTOML
	}
	v, err := parse(src)
	if err != nil {
		return nil, err
	}
	if !v.is(objectKind) {
		return nil, &Error{Text: fmt.Sprintf("Expected the configuration to be an object but got %s.", v.json()), Pos: v.pos, LineText: src.line(v.pos.Line), Length: 1}
	}
	return v, nil
}

// decodeText removes the byte order mark of UTF-8 and refuses other encodings.
func decodeText(name string, text []byte) ([]byte, error) {
	for _, mark := range []struct {
		bytes    string
		encoding string
	}{
		{"\x00\x00\xfe\xff", "UTF-32 BE"}, {"\xff\xfe\x00\x00", "UTF-32 LE"}, {"\xfe\xff", "UTF-16 BE"}, {"\xff\xfe", "UTF-16 LE"},
	} {
		if bytes.HasPrefix(text, []byte(mark.bytes)) {
			return nil, &Error{
				Text: fmt.Sprintf("Configuration file contains %s byte order marker", mark.encoding),
				Pos:  Position{File: name, Line: 1, Column: 1},
				Hint: fmt.Sprintf("The file \"%s\" appears to be encoded as %s. Please save the file as UTF-8 without BOM.", name, mark.encoding),
			}
		}
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

// read reads a file and remembers its name, also if it is not there.
func (l *loader) read(path string) ([]byte, error) {
	l.saw(path)
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFileSize+1))
}

func (l *loader) saw(path string) {
	if !slices.Contains(l.files, path) {
		l.files = append(l.files, path)
	}
}

// reason returns why a file could not be read, without its path.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
