package config

import (
	"regexp"
	"strings"
)

// The format of .dev.vars and .env is what the npm packages dotenv and
// dotenv-expand read. Go's dotenv libraries read another one: they expand "$"
// inside values always, know no backticks, and refuse files that dotenv
// accepts. A secret with a "$" in it would come out wrong.

// assignment is one KEY=value, with the value unquoted but not expanded.
type assignment struct{ name, value string }

var dotenvLine = regexp.MustCompile(`(?m)^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*` +
	"`(?:\\\\`|[^`])*`" + `|[^#\r\n]+)?\s*(?:#.*)?$`)

// parseDotenv reads a file in the format of npm's dotenv. Lines that are no
// assignments are left out. Where a name comes twice, the last counts.
func parseDotenv(text string) []assignment {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var list []assignment
	for _, match := range dotenvLine.FindAllStringSubmatch(text, -1) {
		value := strings.TrimSpace(match[2])
		quote := byte(0)
		if value != "" {
			quote = value[0]
		}
		if last := len(value) - 1; last > 0 && value[last] == quote && strings.IndexByte("'\"`", quote) >= 0 {
			value = value[1:last]
		}
		if quote == '"' {
			value = strings.ReplaceAll(strings.ReplaceAll(value, `\n`, "\n"), `\r`, "\r")
		}
		list = assign(list, match[1], value)
	}
	return list
}

// assign sets a name, keeping the place that it has.
func assign(list []assignment, name, value string) []assignment {
	for i := range list {
		if list[i].name == name {
			list[i].value = value
			return list
		}
	}
	return append(list, assignment{name, value})
}

// expandDotenv replaces ${NAME}, ${NAME:-default} and $NAME in values, as
// dotenv-expand does. A variable of the process wins over one of the file.
func expandDotenv(parsed []assignment, process map[string]string) []assignment {
	running := map[string]string{}
	var expanded []assignment
	for _, a := range parsed {
		value := a.value
		if own := process[a.name]; own != "" && own != value {
			value = own
		} else {
			value = expandValue(value, process, running)
		}
		value = strings.ReplaceAll(value, `\$`, "$")
		running[a.name] = value
		expanded = append(expanded, assignment{a.name, value})
	}
	return expanded
}

var (
	dotenvReference = regexp.MustCompile(`\$\{([^{}]+)\}|\$([A-Za-z_][A-Za-z0-9_]*)`)
	dotenvOperator  = regexp.MustCompile(`:\+|\+|:-|-`)
)

// maxExpansions and maxGrowth (bytes) bound the expansion of one value: values
// that name each other would grow without end.
const (
	maxExpansions = 1000
	maxGrowth     = 64 << 10
)

func expandValue(value string, process, running map[string]string) string {
	lookup := func(name string) string {
		if v, ok := process[name]; ok {
			return v
		}
		return running[name]
	}
	seen := map[string]bool{}
	limit := len(value) + maxGrowth
	for range maxExpansions {
		template, expression := firstReference(value)
		if template == "" || len(value) > limit {
			break
		}
		seen[value] = true
		name, fallback, operator := expression, "", ""
		if at := dotenvOperator.FindStringIndex(expression); at != nil {
			name, operator, fallback = expression[:at[0]], expression[at[0]:at[1]], expression[at[1]:]
		}
		replacement := lookup(name)
		switch {
		case operator == ":+" || operator == "+":
			if replacement != "" {
				replacement = fallback
			}
		case replacement == "" || seen[replacement]:
			replacement = fallback
		}
		value = strings.Replace(value, template, replacement, 1)
		if own, ok := running[name]; ok && value == own {
			break
		}
	}
	return value
}

// firstReference returns the first reference that no backslash escapes, and
// what stands in it.
func firstReference(value string) (template, expression string) {
	for start := 0; start < len(value); {
		at := dotenvReference.FindStringSubmatchIndex(value[start:])
		if at == nil {
			return "", ""
		}
		begin := start + at[0]
		if begin > 0 && value[begin-1] == '\\' {
			start = begin + 1
			continue
		}
		template = value[begin : start+at[1]]
		if at[2] >= 0 {
			return template, value[start+at[2] : start+at[3]]
		}
		return template, value[start+at[4] : start+at[5]]
	}
	return "", ""
}
