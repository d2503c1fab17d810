package config

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDotenv compares with what npm's dotenv 16 and dotenv-expand 13, which
// wrangler bundles, make of the same texts.
func TestDotenv(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "dotenv.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tests []struct {
		Name, Text                string
		Process, Parsed, Expanded map[string]string
	}
	if err := json.Unmarshal(text, &tests); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.Name, func(t *testing.T) {
			t.Parallel()
			parsed := parseDotenv(test.Text)
			if got := asMap(parsed); !maps.Equal(got, test.Parsed) {
				t.Errorf("parseDotenv = %q, want %q", got, test.Parsed)
			}
			if got := asMap(expandDotenv(parsed, test.Process)); !maps.Equal(got, test.Expanded) {
				t.Errorf("expandDotenv = %q, want %q", got, test.Expanded)
			}
		})
	}
}

func asMap(list []assignment) map[string]string {
	m := map[string]string{}
	for _, a := range list {
		m[a.name] = a.value
	}
	return m
}

func FuzzDotenv(f *testing.F) {
	f.Add("A=1\nB=\"x\\n${A:-y}\" # c\nexport C='z'\n", "A=2")
	f.Add("A=$B\nB=$A$A", "B=$A$A")
	f.Fuzz(func(t *testing.T, text, process string) {
		name, value, _ := strings.Cut(process, "=")
		parsed := parseDotenv(text)
		expanded := expandDotenv(parsed, map[string]string{name: value})
		if len(expanded) != len(parsed) {
			t.Errorf("%d assignments, %d after expansion", len(parsed), len(expanded))
		}
	})
}
