package platform

import (
	"bytes"
	"mime"
	"regexp"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

func formOps() []isolate.Op {
	return []isolate.Op{
		{Name: "form.parse", Run: func(c *isolate.Call) (isolate.Value, error) {
			b, _ := c.View(0)
			entries, err := realmOf(c).parseForm(bytes.Clone(b), c.String(1))
			if err != nil {
				return isolate.Value{}, err
			}
			return jsonValue(entries)
		}},
		{Name: "form.part", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			return isolate.Bytes(take(r, r.parts, c.Int(0))), nil
		}},
	}
}

// parseForm gives the entries of a multipart/form-data body; files are kept by their number.
func (r *Realm) parseForm(body []byte, contentType string) ([][2]any, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, isolate.Errorf("TypeError", "No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. See RFC 7578, section 4.")
	}
	parts, err := splitForm(body, params["boundary"])
	if err != nil {
		return nil, err
	}
	entries := [][2]any{}
	for _, p := range parts {
		if !p.file {
			entries = append(entries, [2]any{p.name, validText(p.content)})
			continue
		}
		entries = append(entries, [2]any{p.name, [3]any{keep(r, &r.parts, p.content), p.fileName, p.contentType}})
	}
	return entries, nil
}

// formPart is one entry of a form.
type formPart struct {
	name, fileName, contentType string
	file                        bool // there is a file name
	content                     []byte
}

// splitForm takes a multipart/form-data body apart, as leniently and as strictly as workerd does, which is not as
// mime/multipart does: names are quoted or are none, and CR before LF may be missing.
// https://www.rfc-editor.org/rfc/rfc7578
func splitForm(body []byte, boundary string) (parts []formPart, err error) {
	delimiter := []byte("\n--" + boundary)
	_, rest, found := bytes.Cut(body, delimiter[1:])
	if !found || len(rest) == 0 {
		return nil, isolate.Errorf("TypeError", "No initial boundary string (or you have a truncated message).")
	}
	for {
		switch {
		case bytes.HasPrefix(rest, []byte("\n")):
			rest = rest[1:]
		case bytes.HasPrefix(rest, []byte("\r\n")):
			rest = rest[2:]
		case bytes.HasPrefix(rest, []byte("--")):
			return parts, nil
		default:
			return nil, isolate.Errorf("TypeError", "Boundary string was not succeeded by CRLF, LF, or '--'.")
		}
		end := headerEnd.FindIndex(rest)
		if end == nil {
			return nil, isolate.Errorf("TypeError", "No multipart message header termination found.")
		}
		part, err := readPartHeaders(string(rest[:end[0]]))
		if err != nil {
			return nil, err
		}
		part.content, rest, found = bytes.Cut(rest[end[1]:], delimiter)
		if !found || len(rest) == 0 {
			return nil, isolate.Errorf("TypeError", "No subsequent boundary string after multipart message.")
		}
		part.content = bytes.TrimSuffix(part.content, []byte("\r"))
		parts = append(parts, part)
	}
}

var (
	headerEnd = regexp.MustCompile(`\r?\n\r?\n`)
	// partHeader is a line of a part's headers.
	partHeader = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\\r\\n\\x00]*)$")
	// disposition begins a Content-Disposition, and dispositionParam is one of its parameters; what follows is not looked at.
	disposition      = regexp.MustCompile(`^\s*([A-Za-z0-9_-]+)\s*`)
	dispositionParam = regexp.MustCompile(`^;\s*([A-Za-z0-9_-]+)\s*=\s*"((?:[^"\n\\]|\\[^\n])+)"\s*`)
	quotedPair       = regexp.MustCompile(`\\(.)`)
)

func readPartHeaders(text string) (part formPart, err error) {
	value, has := "", false
	for line := range strings.SplitSeq(text, "\n") {
		header := partHeader.FindStringSubmatch(strings.TrimSuffix(line, "\r"))
		switch {
		case header == nil:
			return part, isolate.Errorf("TypeError", "FormData part had invalid headers.")
		case strings.EqualFold(header[1], "Content-Disposition"):
			value, has = strings.Trim(header[2], " \t"), true
		case strings.EqualFold(header[1], "Content-Type"):
			part.contentType = strings.Trim(header[2], " \t")
		}
	}
	if !has {
		return part, isolate.Errorf("TypeError", "No valid Content-Disposition header found in FormData part.")
	}
	kind := disposition.FindStringSubmatch(value)
	if kind == nil {
		return part, isolate.Errorf("TypeError", "Invalid Content-Disposition header found in FormData part.")
	}
	if kind[1] != "form-data" {
		return part, isolate.Errorf("TypeError", "Content-Disposition header for FormData part must have the value \"form-data\", possibly followed by parameters. Got: %q", kind[1])
	}
	named := false
	for value = value[len(kind[0]):]; ; {
		param := dispositionParam.FindStringSubmatch(value)
		if param == nil {
			break
		}
		value = value[len(param[0]):]
		switch text := validText([]byte(quotedPair.ReplaceAllString(param[2], "$1"))); param[1] {
		case "name":
			part.name, named = text, true
		case "filename":
			part.fileName, part.file = text, true
		}
	}
	if !named {
		return part, isolate.Errorf("TypeError", "Content-Disposition header in FormData part is missing a name.")
	}
	return part, nil
}
