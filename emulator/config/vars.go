package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// resolveVars joins the vars of the file with those of .dev.vars or .env and of
// the command line, and names the secrets.
//
// https://developers.cloudflare.com/workers/configuration/secrets/#local-development-with-secrets
func (l *loader) resolveVars(d *Diagnostics, env environment) (vars []Var, names []string, err error) {
	if configured := env["vars"]; configured.is(objectKind) {
		for _, f := range configured.fields {
			kind := JSON
			if f.value.is(stringKind) {
				kind = PlainText
			}
			vars = append(vars, Var{f.name, kind, f.value.str(), json.RawMessage(f.value.json())})
		}
	}
	loaded, found, err := l.loadSecrets(d, env["secrets"] != nil)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range loaded {
		names = append(names, a.name)
	}
	if secrets := env["secrets"]; secrets != nil {
		needed := secrets.get("required").strings()
		loaded = slices.DeleteFunc(loaded, func(a assignment) bool {
			configured := slices.ContainsFunc(vars, func(v Var) bool { return v.Name == a.name })
			return !configured && !slices.Contains(needed, a.name)
		})
		names = needed
		var missing []string
		for _, name := range needed {
			if !slices.ContainsFunc(loaded, func(a assignment) bool { return a.name == name }) {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			d.Alone = append(d.Alone, Message{Text: fmt.Sprintf("Missing required secrets: %s. "+
				"Add them to .dev.vars, .env, or set as environment variables.", joinComma(missing))})
		}
	}
	if found {
		for _, a := range loaded {
			vars = setVar(vars, textVar(a.name, a.value, Secret))
		}
	}
	for _, given := range l.Vars {
		name, text, _ := strings.Cut(given, ":")
		vars = setVar(vars, textVar(name, text, PlainText))
	}
	return vars, names, nil
}

func textVar(name, text string, kind VarKind) Var {
	return Var{name, kind, text, json.RawMessage(quote(text))}
}

func setVar(vars []Var, v Var) []Var {
	for i := range vars {
		if vars[i].Name == v.Name {
			vars[i] = v
			return vars
		}
	}
	return append(vars, v)
}

// loadSecrets reads .dev.vars, else the .env files. found is false if neither
// is to be read.
func (l *loader) loadSecrets(d *Diagnostics, explicit bool) (list []assignment, found bool, err error) {
	dir := l.varsDir()
	if len(l.EnvFiles) == 0 {
		names := []string{".dev.vars"}
		if l.Env != "" {
			names = []string{".dev.vars." + l.Env, ".dev.vars"}
		}
		for _, name := range names {
			path := filepath.Join(dir, name)
			text, err := l.read(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, false, &Error{Text: fmt.Sprintf("Failed to load local dev variables file %q: %v", relative(l.WorkDir, path), err)}
			}
			d.Notes = append(d.Notes, "Using secrets defined in "+relative(l.WorkDir, path))
			return parseDotenv(string(text)), true, nil
		}
	}
	if !l.switchedOn("CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV", true) {
		return nil, false, nil
	}
	files := l.EnvFiles
	if len(files) == 0 {
		files = []string{".env", ".env.local"}
		if l.Env != "" {
			files = append(files, ".env."+l.Env, ".env."+l.Env+".local")
		}
	}
	for _, name := range files {
		path := resolvePath(dir, name)
		text, err := l.read(path)
		if err != nil {
			if len(l.EnvFiles) > 0 {
				d.Alone = append(d.Alone, Message{Text: fmt.Sprintf("The env file \"%s\" was not read: %s.", relative(l.WorkDir, path), reason(err))})
			}
			continue
		}
		d.Notes = append(d.Notes, "Using secrets defined in "+relative(l.WorkDir, path))
		for _, a := range parseDotenv(string(text)) {
			list = assign(list, a.name, a.value)
		}
	}
	process := map[string]string{}
	if explicit || l.switchedOn("CLOUDFLARE_INCLUDE_PROCESS_ENV", false) {
		d.Notes = append(d.Notes, "Using secrets defined in process.env")
		process = l.process
	}
	expanded := expandDotenv(list, process)
	for _, entry := range l.Environ {
		name, text, _ := strings.Cut(entry, "=")
		if _, included := process[name]; !included || slices.ContainsFunc(expanded, func(a assignment) bool { return a.name == name }) {
			continue
		}
		expanded = append(expanded, assignment{name, text})
	}
	return expanded, true, nil
}

// varsDir is the directory of the configuration file, or the working directory.
func (l *loader) varsDir() string {
	switch {
	case l.configPath != "":
		return filepath.Dir(l.configPath)
	case l.script != "":
		return l.WorkDir
	}
	return l.leaf
}

// switchedOn reads a variable of the process that is "true" or "false".
func (l *loader) switchedOn(name string, missing bool) bool {
	switch strings.ToLower(l.process[name]) {
	case "true":
		return true
	case "false":
		return false
	}
	return missing
}
