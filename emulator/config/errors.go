package config

import (
	"fmt"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Error is a project that cannot be used as it is. Text is wrangler's text with
// all its lines; Pos is where the cause stands, if that is one place.
type Error struct {
	Text string
	Pos  Position
	// LineText is the source line at Pos, for syntax errors.
	LineText string
	// Length is how many bytes from Pos are to be marked.
	Length int
	// Hint says what to do, if wrangler's text does not.
	Hint string
}

func (e *Error) Error() string {
	if e.Pos.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("%s: %s", e.Pos, e.Text)
}

// Render returns the error in wrangler's layout: "✘ [ERROR] ", the text, and
// for syntax errors the source line with a mark under the place.
func (e *Error) Render(color bool) string {
	if e.LineText == "" && e.Pos.Line == 0 {
		text := e.Text
		if e.Hint != "" {
			text = strings.TrimRight(text, "\n") + "\n\n" + e.Hint
		}
		return Render(SeverityError, text, color)
	}
	message := api.Message{
		Text: e.Text,
		Location: &api.Location{
			File:     e.Pos.File,
			Line:     e.Pos.Line,
			Column:   max(e.Pos.Column-1, 0),
			Length:   e.Length,
			LineText: e.LineText,
		},
	}
	if e.Hint != "" {
		message.Notes = append(message.Notes, api.Note{Text: e.Hint})
	}
	return RenderMessage(SeverityError, message, color)
}
