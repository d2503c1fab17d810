package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// maxFileSize is the size in bytes above which a configuration file is refused.
// It bounds how deep values can be nested.
const maxFileSize = 1 << 20

// parseJSONC reads JSON with comments and trailing commas.
func parseJSONC(src *source) (*value, error) {
	// hujson wants a line break after a comment, also at the end of the file.
	text := append(append([]byte(nil), src.text...), '\n')
	tree, err := hujson.Parse(text)
	if err != nil {
		return nil, jsoncError(src, err)
	}
	return jsoncValue(src, &tree)
}

func jsoncValue(src *source, from *hujson.Value) (*value, error) {
	v := &value{pos: src.at(from.StartOffset)}
	switch literal := from.Value.(type) {
	case *hujson.Object:
		v.kind = objectKind
		for i := range literal.Members {
			member, err := jsoncValue(src, &literal.Members[i].Value)
			if err != nil {
				return nil, err
			}
			name := &literal.Members[i].Name
			v.set(field{name.Value.(hujson.Literal).String(), src.at(name.StartOffset), member})
		}
	case *hujson.Array:
		v.kind = arrayKind
		for i := range literal.Elements {
			item, err := jsoncValue(src, &literal.Elements[i])
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
	case hujson.Literal:
		switch literal.Kind() {
		case 'n':
			v.kind = nullKind
		case 't', 'f':
			v.kind, v.bool = boolKind, literal.Bool()
		case '0':
			v.kind = numberKind
			// A number too large is Infinity, as in JavaScript.
			number, err := strconv.ParseFloat(string(literal), 64)
			if err != nil && !math.IsInf(number, 0) {
				return nil, syntaxError(src, from.StartOffset, "InvalidNumberFormat", err.Error())
			}
			v.number = number
		default:
			v.kind, v.text = stringKind, literal.String()
		}
	}
	return v, nil
}

var hujsonError = regexp.MustCompile(`(?s)^hujson: line (\d+), column (\d+): (.*)$`)

// jsoncError turns an error of the parser into the one that wrangler's parser
// reports.
func jsoncError(src *source, err error) error {
	parts := hujsonError.FindStringSubmatch(err.Error())
	if parts == nil {
		return fmt.Errorf("parse %s: %w", src.file, err)
	}
	line, _ := strconv.Atoi(parts[1])
	column, _ := strconv.Atoi(parts[2])
	offset := len(src.text)
	if line <= len(src.lines) {
		offset = min(src.lines[line-1]+column-1, len(src.text))
	}
	if strings.HasPrefix(parts[3], "parsing string") {
		offset = lastString(src.text)
	}
	return syntaxError(src, offset, jsoncErrorName(src.text, offset, parts[3]), parts[3])
}

// lastString returns where the string begins that is open at the end of text.
func lastString(text []byte) int {
	offset := 0
	for offset < len(text) {
		part := jsoncPart.Find(text[offset:])
		if len(part) == 0 || offset+len(part) == len(text) {
			break
		}
		offset += len(part)
	}
	return offset
}

// jsoncPart matches a comment, a string, or one other byte.
var jsoncPart = regexp.MustCompile(`(?s)^(?://[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"?|.)`)

// jsoncErrorName returns the name that Microsoft's jsonc-parser, which wrangler
// uses, has for a syntax error.
func jsoncErrorName(text []byte, offset int, message string) string {
	switch {
	case strings.Contains(message, "after object value"), strings.Contains(message, "after array value"):
		return "CommaExpected"
	case strings.Contains(message, "after object name"):
		return "ColonExpected"
	case strings.Contains(message, "at start of object name"):
		return "PropertyNameExpected"
	case strings.Contains(message, "after top-level value"):
		return "EndOfFileExpected"
	case strings.HasPrefix(message, "parsing string"):
		return "UnexpectedEndOfString"
	case strings.HasPrefix(message, "parsing comment"):
		return "UnexpectedEndOfComment"
	case strings.HasPrefix(message, "parsing object after name"):
		return "ColonExpected"
	case strings.HasPrefix(message, "parsing object after value"):
		return "CloseBraceExpected"
	case strings.HasPrefix(message, "parsing array after value"):
		return "CloseBracketExpected"
	case strings.HasPrefix(message, "parsing value"):
		return missingAtEnd(text)
	case strings.HasPrefix(message, `invalid literal: "`) && strings.Contains(message, "\n"):
		return "UnexpectedEndOfString"
	case strings.HasPrefix(message, `invalid literal: "`):
		return "InvalidCharacter"
	case strings.HasPrefix(message, "invalid literal: ") && offset < len(text) && strings.IndexByte("-0123456789", text[offset]) >= 0:
		return "InvalidNumberFormat"
	case strings.HasPrefix(message, "invalid literal: "):
		return "InvalidSymbol"
	case strings.Contains(message, "invalid UTF-8"), strings.Contains(message, "in line comment"):
		return "InvalidCharacter"
	}
	return "ValueExpected"
}

// missingAtEnd names what is missing where the text ends before a value.
func missingAtEnd(text []byte) string {
	trimmed := strings.TrimRight(string(text), " \t\r\n")
	switch {
	case strings.HasSuffix(trimmed, "{"):
		return "CloseBraceExpected"
	case strings.HasSuffix(trimmed, "["):
		return "CloseBracketExpected"
	case strings.HasSuffix(trimmed, ","):
		return "PropertyNameExpected"
	}
	return "ValueExpected"
}

// syntaxError returns an error about the token at offset.
func syntaxError(src *source, offset int, name, detail string) *Error {
	pos := src.at(offset)
	return &Error{
		Text:     name,
		Pos:      pos,
		LineText: src.line(pos.Line),
		Length:   tokenLength(src.text[min(offset, len(src.text)):]),
		Hint:     explain(detail),
	}
}

// explain says a parser's error in a sentence.
func explain(detail string) string {
	literal, isLiteral := strings.CutPrefix(detail, "invalid literal: ")
	switch {
	case isLiteral && strings.HasPrefix(literal, `"`):
		return "The string is not closed on its line, or has an escape that JSON does not know."
	case isLiteral:
		return fmt.Sprintf("%q is no JSON: names and texts need double quotes.", literal)
	case strings.HasPrefix(detail, "parsing string"):
		return "The string is not closed."
	case strings.HasSuffix(detail, "unexpected EOF"):
		return "The file ends too early."
	}
	return strings.ToUpper(detail[:1]) + detail[1:] + "."
}

var token = regexp.MustCompile(`^(?:"(?:\\.|[^"\\\n])*"?|[\w.+-]+|.)`)

func tokenLength(text []byte) int { return len(token.Find(text)) }
