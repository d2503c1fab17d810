package main

import (
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, meta      string
		flags, features []string
		includes        []string
		negative        string
		modes           []mode
	}{
		{"nothing", "", nil, nil, nil, "", []mode{sloppy, strict}},
		{"inline lists", "description: x\nflags: [async, onlyStrict]\nincludes: [a.js, b.js]\nfeatures: [BigInt]", []string{"async", "onlyStrict"}, []string{"BigInt"}, []string{"a.js", "b.js"}, "", []mode{strict}},
		{"lists of lines", "flags:\n  - module\nincludes:\n  - a.js\n  - b.js\ndescription: >\n  - no item\n", []string{"module"}, nil, []string{"a.js", "b.js"}, "", []mode{module}},
		{"list over lines", "features: [BigInt,\n  Symbol]\nflags: [noStrict]", []string{"noStrict"}, []string{"BigInt", "Symbol"}, nil, "", []mode{sloppy}},
		{"negative", "negative:\n  phase: parse\n  type: SyntaxError\nflags: [raw]", []string{"raw"}, nil, nil, "SyntaxError", []mode{sloppy}},
		{"carriage returns", "flags: [raw]\r\nnegative:\r\n  phase: runtime\r\n  type: TypeError\r\n", []string{"raw"}, nil, nil, "TypeError", []mode{sloppy}},
		{"skipped", "features: [Temporal]", nil, []string{"Temporal"}, nil, "", nil},
		{"skipped by a prefix", "features: [Intl.Segmenter]", nil, []string{"Intl.Segmenter"}, nil, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := parse("// Copyright\n/*---\n" + test.meta + "\n---*/\nassert(true);\n")
			if !slices.Equal(got.flags, test.flags) || !slices.Equal(got.features, test.features) || !slices.Equal(got.includes, test.includes) || got.negative != test.negative {
				t.Errorf("got flags %q, features %q, includes %q, negative %q\nwant %q, %q, %q, %q",
					got.flags, got.features, got.includes, got.negative, test.flags, test.features, test.includes, test.negative)
			}
			if modes := got.modes(); !slices.Equal(modes, test.modes) {
				t.Errorf("got modes %v, want %v", modes, test.modes)
			}
		})
	}
}
