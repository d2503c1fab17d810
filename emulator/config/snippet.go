package config

import (
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
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
		text, err := toml.Marshal(v.plain())
		if err == nil {
			return strings.ReplaceAll(string(text), "'", `"`)
		}
	}
	if pretty {
		return v.indented()
	}
	return v.json()
}

// plain returns the value as Go's maps, slices and basic types.
func (v *value) plain() any {
	if v == nil {
		return nil
	}
	switch v.kind {
	case boolKind:
		return v.bool
	case numberKind:
		return v.number
	case stringKind, dateKind:
		return v.text
	case arrayKind:
		items := make([]any, len(v.items))
		for i, item := range v.items {
			items[i] = item.plain()
		}
		return items
	case objectKind:
		object := make(map[string]any, len(v.fields))
		for _, f := range v.fields {
			object[f.name] = f.value.plain()
		}
		return object
	}
	return nil
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
