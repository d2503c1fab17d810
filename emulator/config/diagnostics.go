package config

import (
	"regexp"
	"strings"
)

// Message is one thing that is wrong or doubtful. Text is wrangler's, and may
// have several lines.
type Message struct {
	Text string
	Pos  Position
}

// Diagnostics is a tree of messages, as wrangler keeps it: those about the file
// at the root, those about one environment or one binding in children.
type Diagnostics struct {
	Description string
	Errors      []Message
	Warnings    []Message
	Children    []*Diagnostics

	// Notes are lines that wrangler logs on its own, such as
	// "Using secrets defined in .dev.vars". Only the root has them.
	Notes []string
	// Alone are warnings that wrangler logs on their own and not in the tree.
	// Only the root has them.
	Alone []Message
}

func (d *Diagnostics) fail(at *value, text string) {
	d.Errors = append(d.Errors, Message{Text: text, Pos: placeOf(at)})
}

func (d *Diagnostics) warn(at *value, text string) {
	d.Warnings = append(d.Warnings, Message{Text: text, Pos: placeOf(at)})
}

// add makes child part of the tree if it has something to say.
func (d *Diagnostics) add(child *Diagnostics) {
	if child.HasErrors() || child.hasWarnings() {
		d.Children = append(d.Children, child)
	}
}

func placeOf(v *value) Position {
	if v == nil {
		return Position{}
	}
	return v.pos
}

// HasErrors reports whether the tree holds an error.
func (d *Diagnostics) HasErrors() bool {
	return d.has(func(d *Diagnostics) []Message { return d.Errors })
}

func (d *Diagnostics) hasWarnings() bool {
	return d.has(func(d *Diagnostics) []Message { return d.Warnings })
}

func (d *Diagnostics) has(pick func(*Diagnostics) []Message) bool {
	if len(pick(d)) > 0 {
		return true
	}
	for _, child := range d.Children {
		if child.has(pick) {
			return true
		}
	}
	return false
}

// ErrorText returns the errors of the tree as wrangler's text, or "".
func (d *Diagnostics) ErrorText() string {
	if !d.HasErrors() {
		return ""
	}
	return d.text(func(d *Diagnostics) []Message { return d.Errors })
}

// WarningTexts returns the warnings, one text for each that wrangler logs: the
// tree first, then those that stand alone.
func (d *Diagnostics) WarningTexts() []string {
	var texts []string
	if d.hasWarnings() {
		texts = append(texts, d.text(func(d *Diagnostics) []Message { return d.Warnings }))
	}
	for _, message := range d.Alone {
		texts = append(texts, message.Text)
	}
	return texts
}

func (d *Diagnostics) text(pick func(*Diagnostics) []Message) string {
	items := make([]string, 0, len(pick(d)))
	for _, message := range pick(d) {
		items = append(items, "- "+indent(message.located()))
	}
	var children []string
	for _, child := range d.Children {
		if child.has(pick) {
			children = append(children, "\n- "+child.text(pick))
		}
	}
	return indent(d.Description + "\n" + strings.Join(items, "\n") + strings.Join(children, "\n"))
}

// located returns the text with its place after the first line, so that the
// words stay wrangler's.
func (m Message) located() string {
	if m.Pos.Line == 0 {
		return m.Text
	}
	return strings.TrimRight(m.Text, "\n") + "\n" + m.Pos.String()
}

var blankLine = regexp.MustCompile(`^\s*$`)

// indent moves all lines but the first two columns to the right, and empties
// those of white space only.
func indent(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 {
			line = "  " + line
		}
		if blankLine.MatchString(line) {
			line = ""
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}
