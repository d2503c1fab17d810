package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// redirectPath is where build tools say which generated file to use.
var redirectPath = filepath.Join(".wrangler", "deploy", "config.json")

// discover finds the configuration file: the one given, or the nearest one
// above the start.
func (l *loader) discover() error {
	l.leaf = l.WorkDir
	path := l.Options.Path
	if path != "" {
		path = resolvePath(l.WorkDir, path)
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return &Error{Text: fmt.Sprintf("The entry-point file at %q was not found.", relative(l.WorkDir, path)),
				Hint: "Name a directory with a Wrangler configuration file, the configuration file itself, or a script."}
		case info.IsDir():
			l.leaf = path
		case isConfigFile(path):
			l.userConfigPath, l.configPath = path, path
			return nil
		default:
			l.script = path
			l.leaf = filepath.Dir(path)
		}
	}
	if l.ConfigPath != "" {
		l.userConfigPath = resolvePath(l.WorkDir, l.ConfigPath)
		l.configPath = l.userConfigPath
		return nil
	}
	for _, name := range []string{"wrangler.json", "wrangler.jsonc", "wrangler.toml"} {
		if found := l.findUp(l.leaf, name); found != "" {
			l.userConfigPath, l.configPath = found, found
			break
		}
	}
	return l.followRedirect()
}

func isConfigFile(path string) bool {
	switch filepath.Ext(path) {
	case ".toml", ".jsonc", ".json":
		return true
	}
	return false
}

// findUp returns the nearest file of that name in dir or above it, or "".
func (l *loader) findUp(dir, name string) string {
	for {
		path := filepath.Join(dir, name)
		if dir == l.leaf {
			l.saw(path)
		}
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// followRedirect uses the generated file that .wrangler/deploy/config.json
// names, if there is one.
func (l *loader) followRedirect() error {
	deploy := l.findUp(l.leaf, redirectPath)
	if deploy == "" {
		return nil
	}
	short := relative(l.WorkDir, deploy)
	text, err := l.read(deploy)
	if err != nil {
		return fmt.Errorf("read %s: %w", short, err)
	}
	parsed, err := parseJSONC(newSource(short, text))
	if err != nil {
		return &Error{Text: fmt.Sprintf("Failed to parse the deploy configuration file at %s", short), Hint: err.Error()}
	}
	target := parsed.get("configPath").str()
	if target == "" {
		return &Error{Text: fmt.Sprintf("A deploy configuration file was found at \"%s\".\n"+
			"But this is not valid - the required \"configPath\" property was not found.\n"+
			"Instead this file contains:\n```\n%s\n```", short, strings.TrimRight(string(text), "\n"))}
	}
	target = resolvePath(filepath.Dir(deploy), target)
	if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
		return &Error{Text: fmt.Sprintf("There is a deploy configuration at \"%s\".\n"+
			"But the redirected configuration path it points to, \"%s\", does not exist.", short, relative(l.WorkDir, target))}
	}
	if l.userConfigPath != "" && filepath.Join(filepath.Dir(l.userConfigPath), redirectPath) != deploy {
		return &Error{Text: fmt.Sprintf("Found both a user configuration file at \"%s\"\n"+
			"and a deploy configuration file at \"%s\".\n"+
			"But these do not share the same base path so it is not clear which should be used.", relative(l.WorkDir, l.userConfigPath), short)}
	}
	l.configPath = target
	return nil
}

// resolvePath returns path seen from dir.
func resolvePath(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, filepath.FromSlash(path))
}
