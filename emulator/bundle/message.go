package bundle

import (
	"fmt"
	"strings"

	"github.com/doemu/doemu/emulator/config"
	"github.com/evanw/esbuild/pkg/api"
)

// Place is a place in a source file. Line counts from 1, Column from 0 in
// bytes, as esbuild counts them.
type Place struct {
	File     string
	Line     int
	Column   int
	Length   int
	LineText string
	// Suggestion is the text to put there, or "".
	Suggestion string
}

// Note is an explanation of a message. Place is nil where it is about no place.
type Note struct {
	Text  string
	Place *Place
}

// Message is an error or a warning of a build. Place.File is relative to the
// project's root; Place is nil where the message is about no place.
type Message struct {
	Text  string
	Place *Place
	Notes []Note
}

// BuildError is a build that failed.
type BuildError struct {
	Messages []Message
	Warnings []Message
	// Inputs are the absolute paths of the files that were read before the
	// build failed: a change of one of them may mend it.
	Inputs []string
}

// Error returns the first message with its place, and how many there are.
func (e *BuildError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "build failed with %s", count(len(e.Messages), "error"))
	if len(e.Messages) > 0 {
		m := e.Messages[0]
		b.WriteString(": ")
		if m.Place != nil {
			fmt.Fprintf(&b, "%s:%d:%d: ", m.Place.File, m.Place.Line, m.Place.Column+1)
		}
		b.WriteString(m.Text)
	}
	return b.String()
}

// Render returns the messages as wrangler shows them: "✘ [ERROR] Build failed
// with 1 error:" and each message with its source line.
func (e *BuildError) Render(color bool) string {
	text := config.Render(config.SeverityError, failure("error", e.Messages, api.ErrorMessage, color), color)
	if len(e.Warnings) > 0 {
		text += config.Render(config.SeverityWarning, failure("warning", e.Warnings, api.WarningMessage, color), color)
	}
	return text
}

func failure(noun string, messages []Message, kind api.MessageKind, color bool) string {
	formatted := api.FormatMessages(toAPI(messages), api.FormatMessagesOptions{Kind: kind, Color: color})
	return fmt.Sprintf("Build failed with %s:\n%s", count(len(messages), noun), strings.Join(formatted, "\n"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// RenderWarnings returns the warnings of a bundle as wrangler shows them.
func RenderWarnings(messages []Message, color bool) string {
	formatted := api.FormatMessages(toAPI(messages), api.FormatMessagesOptions{Kind: api.WarningMessage, Color: color})
	return strings.Join(formatted, "")
}

func fromAPI(messages []api.Message) []Message {
	list := make([]Message, 0, len(messages))
	for _, m := range messages {
		message := Message{Text: m.Text, Place: placeFrom(m.Location)}
		for _, note := range m.Notes {
			message.Notes = append(message.Notes, Note{note.Text, placeFrom(note.Location)})
		}
		list = append(list, message)
	}
	return list
}

func placeFrom(at *api.Location) *Place {
	if at == nil {
		return nil
	}
	return &Place{at.File, at.Line, at.Column, at.Length, at.LineText, at.Suggestion}
}

func toAPI(messages []Message) []api.Message {
	list := make([]api.Message, 0, len(messages))
	for _, m := range messages {
		// wrangler shows several lines of a message of its own as notes.
		first, rest, more := strings.Cut(m.Text, "\n")
		message := api.Message{Text: first, Location: m.Place.location()}
		if more {
			for line := range strings.SplitSeq(rest, "\n") {
				message.Notes = append(message.Notes, api.Note{Text: line})
			}
		}
		for _, note := range m.Notes {
			message.Notes = append(message.Notes, api.Note{Text: note.Text, Location: note.Place.location()})
		}
		list = append(list, message)
	}
	return list
}

func (p *Place) location() *api.Location {
	if p == nil {
		return nil
	}
	return &api.Location{File: p.File, Line: p.Line, Column: p.Column, Length: p.Length, LineText: p.LineText, Suggestion: p.Suggestion}
}
