package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are the pages of the repository, by their paths from its top.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, path := range append(paths, top...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(path, "../../")] = string(text)
	}
	return all
}

var (
	link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	// inRepository is a path in backticks that begins with a room of the house.
	inRepository = regexp.MustCompile("`((?:cmd|adminapi|web|hotreload|emulator|bindings|durable|fixtures|docs)/[\\w./-]+)`")
)

// What the pages link to and name is there.
func TestDocuments(t *testing.T) {
	t.Parallel()
	pages := documents(t)
	if len(pages) < 8 {
		t.Fatalf("got %d pages", len(pages))
	}
	for page, text := range pages {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("../..", filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			}
		}
		for _, m := range inRepository.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
				t.Errorf("%s names %s: %v", page, m[1], err)
			}
		}
	}
}

var shownCommand = regexp.MustCompile(`(?m)(?:^    (?:npx )?|[^.\w]` + "`" + `)(doemu [a-z][^` + "`" + `\n]*)`)

// The commands that the pages show are those of the program.
func TestDocuments_commands(t *testing.T) {
	t.Parallel()
	root := rootCommand(&console{strings.NewReader(""), io.Discard, io.Discard})
	shown := 0
	for page, text := range documents(t) {
		if page == "CHANGELOG.md" || page == "RATIONALE.md" {
			continue
		}
		for _, m := range shownCommand.FindAllStringSubmatch(text, -1) {
			shown++
			checkExample(t, root, page, "  "+strings.NewReplacer("…", "", "<", "").Replace(m[1]))
		}
	}
	if shown < 30 {
		t.Errorf("got %d commands, want more", shown)
	}
}
