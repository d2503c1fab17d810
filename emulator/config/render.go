package config

import (
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Severity says how Render marks a message.
type Severity uint8

// The severities.
const (
	SeverityError Severity = iota
	SeverityWarning
)

// Render lays a text out as wrangler's logger does: "✘ [ERROR] " or
// "▲ [WARNING] ", the first line, an empty line, and the others indented.
// wrangler uses esbuild's formatter for it, and so does this.
func Render(severity Severity, text string, color bool) string {
	first, rest, more := strings.Cut(text, "\n")
	message := api.Message{Text: first}
	if more {
		for line := range strings.SplitSeq(rest, "\n") {
			message.Notes = append(message.Notes, api.Note{Text: line})
		}
	}
	return RenderMessage(severity, message, color)
}

// RenderMessage lays out a message that may have a place in a file.
func RenderMessage(severity Severity, message api.Message, color bool) string {
	options := api.FormatMessagesOptions{Kind: api.ErrorMessage, Color: color}
	if severity == SeverityWarning {
		options.Kind = api.WarningMessage
	}
	return strings.Join(api.FormatMessages([]api.Message{message}, options), "")
}
