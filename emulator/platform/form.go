package platform

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"

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
	entries := [][2]any{}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return entries, nil
		}
		if err != nil {
			return nil, isolate.Errorf("TypeError", "No initial boundary string (or you have a truncated message).")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, isolate.Errorf("TypeError", "Message terminated before final boundary string.")
		}
		if part.FileName() == "" {
			entries = append(entries, [2]any{part.FormName(), validText(content)})
			continue
		}
		number := keep(r, &r.parts, content)
		entries = append(entries, [2]any{part.FormName(), [3]any{number, part.FileName(), part.Header.Get("Content-Type")}})
	}
}
