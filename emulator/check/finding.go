// Package check finds, before anything runs, mistakes that people make with Durable Objects: in the
// configuration of a project, in its source, and between the Workers that run together. It prefers silence to a
// false alarm: what it is not sure of it does not say.
package check

import (
	"fmt"
	"strings"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/mistake"
)

// Severity says how bad a finding is.
type Severity string

// With an error nothing runs, or not as it should; a warning will do harm, here or on Cloudflare's network; a note
// is worth knowing.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is what a check has to say.
type Finding struct {
	Severity Severity
	// Mistake is the one that it is about; None for others.
	Mistake mistake.Mistake
	// Pos is where the cause stands; its file is as seen from the directory of the configuration. Without a file it
	// is not known.
	Pos config.Position
	// Text says what is wrong, Fix what to do; Fix may be empty and have several lines.
	Text, Fix string
}

// String is the finding as people read it, in a few lines.
func (f Finding) String() string {
	text := "[" + strings.ToUpper(string(f.Severity))
	if n := f.Mistake.Number(); n > 0 {
		text += fmt.Sprintf(" %d", n)
	}
	text += "] " + indent(f.Text)
	if f.Pos.File != "" {
		text += "\n    " + f.Pos.String()
	}
	if f.Fix != "" {
		text += "\n    " + indent(f.Fix)
	}
	if link := f.Mistake.Link(); link != "" {
		text += "\n    " + link
	}
	return text
}
