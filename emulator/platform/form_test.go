package platform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator/isolate"
)

// The entries and the errors are workerd's.
func TestSplitForm(t *testing.T) {
	t.Parallel()
	part := func(lines ...string) string { return "--B\r\n" + strings.Join(lines, "\r\n") + "\r\n" }
	const end = "--B--\r\n"
	for _, test := range []struct{ name, body, want string }{
		{"a value", part(`Content-Disposition: form-data; name="a"`, "", "v") + end, `"a"="v"`},
		{"a file", part(`Content-Disposition: form-data; name="f"; filename="dir/x.txt"`, "Content-Type: text/plain", "", "abc") + end, `"f"=File("dir/x.txt" "text/plain" "abc")`},
		{"no name of a file", part(`Content-Disposition: form-data; name="f"; filename=""`, "", "abc") + end, `"f"="abc"`},
		{"an encoded name is not looked at", part(`Content-Disposition: form-data; name="f"; filename*=utf-8''x.txt`, "", "abc") + end, `"f"="abc"`},
		{"quoted pairs", part(`content-disposition: form-data;name="a\"b"; filename="c\\d"`, "", "v") + end, `"a\"b"=File("c\\d" "" "v")`},
		{"lines without CR", "--B\nContent-Disposition: form-data; name=\"a\"\n\nv\n--B--\n", `"a"="v"`},
		{"between other text", "before\r\n" + part(`Content-Disposition: form-data; name="a"`, "", "v") + end + "after", `"a"="v"`},
		{"lines in a value", part(`Content-Disposition: form-data; name="a"`, "", "1\r\n2\r\n") + end, `"a"="1\r\n2\r\n"`},
		{"the boundary within a line", part(`Content-Disposition: form-data; name="a"`, "", "x--By") + end, `"a"="x--By"`},
		{"empty values", part(`Content-Disposition: form-data; name="a"`, "", "") + part(`Content-Disposition: form-data; name="a"`, "", "") + end, `"a"="" "a"=""`},
		{"no entries", end, ""},
		{"the boundary at the begin of a line", part(`Content-Disposition: form-data; name="a"`, "", "x\r\n--By") + end, "Boundary string was not succeeded by CRLF, LF, or '--'."},
		{"empty", "", "No initial boundary string (or you have a truncated message)."},
		{"another boundary", "--C--\r\n", "No initial boundary string (or you have a truncated message)."},
		{"no end", part(`Content-Disposition: form-data; name="a"`, "", "v") + "--B\r\n", "No multipart message header termination found."},
		{"cut off", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv", "No subsequent boundary string after multipart message."},
		{"unquoted", part(`Content-Disposition: form-data; name=a`, "", "v") + end, "Content-Disposition header in FormData part is missing a name."},
		{"an empty name", part(`Content-Disposition: form-data; name=""`, "", "v") + end, "Content-Disposition header in FormData part is missing a name."},
		{"no disposition", part(`Content-Type: text/plain`, "", "v") + end, "No valid Content-Disposition header found in FormData part."},
		{"another disposition", part(`Content-Disposition: attachment; name="a"`, "", "v") + end, `Content-Disposition header for FormData part must have the value "form-data", possibly followed by parameters. Got: "attachment"`},
		{"no header", part(`what`, "", "v") + end, "FormData part had invalid headers."},
		{"CR in a header", part("Content-Disposition: form-data; name=\"a\rb\"", "", "v") + end, "FormData part had invalid headers."},
	} {
		parts, err := splitForm([]byte(test.body), "B")
		var entries []string
		for _, p := range parts {
			if p.file {
				entries = append(entries, fmt.Sprintf("%q=File(%q %q %q)", p.name, p.fileName, p.contentType, p.content))
			} else {
				entries = append(entries, fmt.Sprintf("%q=%q", p.name, p.content))
			}
		}
		got := strings.Join(entries, " ")
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got  %s\nwant %s", test.name, got, test.want)
		}
	}
}

// Whatever bytes come, they are parts or a TypeError, and what a part has lay in them.
func FuzzSplitForm(f *testing.F) {
	f.Add([]byte("--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\"\r\nContent-Type: t/t\r\n\r\nv\r\n--B--\r\n"), "B")
	f.Add([]byte("--B\nContent-Disposition: form-data; name=\"a\\\"\"\n\nv\n--B--"), "B")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		parts, err := splitForm(body, boundary)
		var thrown *isolate.Error
		if err != nil && (!errors.As(err, &thrown) || thrown.Class != "TypeError") {
			t.Errorf("got %v, want a TypeError", err)
		}
		for _, p := range parts {
			if p.name == "" || !bytes.Contains(body, p.content) {
				t.Errorf("got the name %q and %d bytes that are not in the body", p.name, len(p.content))
			}
		}
	})
}
