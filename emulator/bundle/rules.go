package bundle

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/config"
)

// ruleSet is the module rules in force, and those that an earlier rule of the
// same type without fallthrough has switched off.
type ruleSet struct {
	rules    []config.Rule
	removed  []config.Rule
	warnings []Message
}

// defaultRules come after the user's.
func defaultRules() []config.Rule {
	return []config.Rule{
		{Type: config.Text, Globs: []string{"**/*.txt", "**/*.html", "**/*.sql"}},
		{Type: config.Data, Globs: []string{"**/*.bin"}},
		{Type: config.CompiledWasm, Globs: []string{"**/*.wasm", "**/*.wasm?module"}},
	}
}

// ModuleRules are the rules by which a project's files are imported as something else than code, the first that fits
// first: its own, and the default ones that they leave in force.
//
// https://developers.cloudflare.com/workers/wrangler/bundling/#including-non-javascript-modules
func ModuleRules(p *config.Project) []config.Rule { return parseRules(p.Bundle.Rules).rules }

func parseRules(user []config.Rule) ruleSet {
	all := append(slices.Clone(user), defaultRules()...)
	var set ruleSet
	final := map[config.ModuleType]int{}
	ignored := map[int][]int{}
	var order []int
	for i, rule := range all {
		first, closed := final[rule.Type]
		if closed {
			set.removed = append(set.removed, rule)
			if through := all[first].Fallthrough; through == nil || *through {
				if ignored[first] == nil {
					order = append(order, first)
				}
				ignored[first] = append(ignored[first], i)
			}
			continue
		}
		set.rules = append(set.rules, rule)
		if rule.Fallthrough == nil || !*rule.Fallthrough {
			final[rule.Type] = i
		}
	}
	for _, first := range order {
		text := "The "
		if first >= len(user) {
			text += "default "
		}
		text += fmt.Sprintf("module rule %s does not have a fallback, the following rules will be ignored:", ruleJSON(all[first]))
		for _, i := range ignored[first] {
			text += "\n " + ruleJSON(all[i])
			if i >= len(user) {
				text += " (DEFAULT)"
			}
		}
		text += "\n\nAdd `fallthrough = true` to rule to allow next rule to be used or `fallthrough = false` to silence this warning"
		set.warnings = append(set.warnings, Message{Text: text})
	}
	return set
}

func ruleJSON(rule config.Rule) string {
	shape := struct {
		Type        config.ModuleType `json:"type"`
		Globs       []string          `json:"globs"`
		Fallthrough *bool             `json:"fallthrough,omitempty"`
	}{rule.Type, rule.Globs, rule.Fallthrough}
	text, err := json.Marshal(shape)
	if err != nil {
		return string(rule.Type)
	}
	return string(text)
}

func kindOf(t config.ModuleType) Kind {
	switch t {
	case config.CommonJS:
		return CommonJS
	case config.CompiledWasm:
		return CompiledWasm
	case config.Text:
		return Text
	case config.Data:
		return Data
	}
	return ESModule
}

func isJavaScript(t config.ModuleType) bool { return t == config.ESModule || t == config.CommonJS }

// globPattern turns a glob into a regular expression, as the npm package
// glob-to-regexp does. Without globstar a "*" also matches slashes, which is
// what wrangler does with import specifiers; with it, only "**" does.
func globPattern(glob string, globstar bool) string {
	var b strings.Builder
	b.WriteByte('^')
	for i := 0; i < len(glob); i++ {
		if glob[i] != '*' {
			b.WriteString(regexp.QuoteMeta(glob[i : i+1]))
			continue
		}
		start := i
		for i+1 < len(glob) && glob[i+1] == '*' {
			i++
		}
		before := start == 0 || glob[start-1] == '/'
		after := i+1 == len(glob) || glob[i+1] == '/'
		switch {
		case !globstar:
			b.WriteString(".*")
		case i > start && before && after:
			b.WriteString("((?:[^/]*(?:/|$))*)")
			i++
		default:
			b.WriteString("([^/]*)")
		}
	}
	b.WriteByte('$')
	return b.String()
}
