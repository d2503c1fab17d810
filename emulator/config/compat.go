package config

import (
	"fmt"
	"slices"
	"sort"
)

// LatestCompatibilityDate is the newest date whose flags are known. A project
// without a date gets it, and one with a later date too.
const LatestCompatibilityDate = "2026-11-09"

// Flags are the compatibility flags in force, by the names that enable them.
type Flags struct {
	enabled map[string]bool
	names   []string
}

// Enabled reports whether the flag with this enabling name, such as
// "nodejs_compat", is in force.
func (f Flags) Enabled(name string) bool { return f.enabled[name] }

// All returns the enabling names of all flags in force, sorted.
func (f Flags) All() []string { return slices.Clone(f.names) }

// FlagNames returns the enabling names of all flags that are known.
func FlagNames() []string {
	rules := flagRules()
	names := make([]string, len(rules))
	for i, rule := range rules {
		names[i] = rule.enable
	}
	return names
}

// CompatFlags computes the flags that a compatibility date and a list of flags
// enable. The texts say what workerd would refuse: unknown names, names given
// twice, and flags that contradict each other.
//
// https://developers.cloudflare.com/workers/configuration/compatibility-flags/
func CompatFlags(date string, flags []string) (Flags, []string) {
	var wrong []string
	given := map[string]bool{}
	for _, flag := range flags {
		if given[flag] {
			wrong = append(wrong, "Compatibility flag specified multiple times: "+flag)
		}
		given[flag] = true
	}
	result := Flags{enabled: map[string]bool{}}
	known := map[string]bool{}
	type implication struct{ flag, by string }
	var implied []implication
	for _, rule := range flagRules() {
		known[rule.enable] = true
		if rule.disable != "" {
			known[rule.disable] = true
		}
		on, off := given[rule.enable], rule.disable != "" && given[rule.disable]
		byDate := rule.always || rule.since != "" && date >= rule.since
		if on && off {
			wrong = append(wrong, fmt.Sprintf("Compatibility flags are mutually contradictory: %s vs %s", rule.enable, rule.disable))
		}
		if on || byDate && !off {
			result.enabled[rule.enable] = true
		}
		if rule.impliedSince != "" && date >= rule.impliedSince && !off {
			for _, by := range rule.impliedBy {
				implied = append(implied, implication{rule.enable, by})
			}
		}
	}
	for _, i := range implied {
		if result.enabled[i.by] {
			result.enabled[i.flag] = true
		}
	}
	for _, flag := range flags {
		if !known[flag] {
			known[flag] = true
			wrong = append(wrong, "No such compatibility flag: "+flag)
		}
	}
	for name := range result.enabled {
		result.names = append(result.names, name)
	}
	sort.Strings(result.names)
	return result, wrong
}
