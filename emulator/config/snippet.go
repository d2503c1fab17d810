package config

import (
	"path/filepath"
	"strings"
)

// configFileName returns how messages call the configuration file.
func configFileName(path string) string {
	switch {
	case strings.HasSuffix(path, "toml"):
		return "wrangler.toml"
	case strings.HasSuffix(path, "jsonc"):
		return "wrangler.jsonc"
	case strings.HasSuffix(path, "json"):
		return "wrangler.json"
	}
	return "Wrangler configuration"
}

// snippet returns configuration to add, in the language of the file.
func snippet(path string, pretty bool, fields ...field) string {
	v := &value{kind: objectKind, fields: fields}
	if strings.HasSuffix(path, ".toml") {
		var b strings.Builder
		v.writeTOML(&b, "")
		return b.String()
	}
	if pretty {
		return v.indented()
	}
	return v.json()
}

// writeTOML writes an object as TOML: first its plain values, then its tables.
func (v *value) writeTOML(b *strings.Builder, path string) {
	for _, f := range v.fields {
		if !f.value.is(objectKind) {
			b.WriteString(f.name + " = " + f.value.json() + "\n")
		}
	}
	for _, f := range v.fields {
		if !f.value.is(objectKind) {
			continue
		}
		name := member(path, f.name)
		if len(f.value.fields) == 0 || !f.value.fields[0].value.is(objectKind) {
			b.WriteString("[" + name + "]\n")
		}
		f.value.writeTOML(b, name)
	}
}

func joinComma(names []string) string { return strings.Join(names, ", ") }

// relative returns a path as seen from dir, with slashes.
func relative(dir, path string) string {
	short, err := filepath.Rel(dir, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(short)
}
