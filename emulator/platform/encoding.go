package platform

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/doemu/doemu/emulator/isolate"
)

func encodingOps() []isolate.Op {
	return []isolate.Op{
		{Name: "text.encode", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Bytes([]byte(c.String(0))), nil
		}},
		{Name: "text.decode", Run: func(c *isolate.Call) (isolate.Value, error) {
			b, _ := c.View(0)
			if c.Bool(1) && !utf8.Valid(b) {
				return isolate.Value{}, errNotText
			}
			return isolate.String(validText(b)), nil
		}},
		{Name: "text.label", Run: func(c *isolate.Call) (isolate.Value, error) {
			label := strings.Trim(c.String(0), "\t\n\f\r ")
			enc, err := htmlindex.Get(label)
			if err != nil {
				return isolate.Undefined(), nil
			}
			name, err := htmlindex.Name(enc)
			if err != nil || name == "replacement" {
				return isolate.Undefined(), nil
			}
			return isolate.String(name), nil
		}},
		{Name: "text.open", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			return isolate.Int(keep(r, &r.decoders, newDecoder(c.String(0), c.Bool(1), c.Bool(2)))), nil
		}},
		{Name: "text.chunk", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			b, _ := c.View(1)
			d := look(r, r.decoders, c.Int(0))
			if c.Bool(2) {
				take(r, r.decoders, c.Int(0))
			}
			text, err := d.decode(b, c.Bool(2))
			return isolate.String(text), err
		}},
		{Name: "text.close", Run: func(c *isolate.Call) (isolate.Value, error) {
			r := realmOf(c)
			take(r, r.decoders, c.Int(0))
			return isolate.Undefined(), nil
		}},
		{Name: "base64.encode", Run: func(c *isolate.Call) (isolate.Value, error) {
			b, ok := latin1Bytes(c.String(0))
			if !ok {
				return isolate.Undefined(), nil
			}
			return isolate.String(base64.StdEncoding.EncodeToString(b)), nil
		}},
		{Name: "base64.decode", Run: func(c *isolate.Call) (isolate.Value, error) {
			return forgivingBase64(c.String(0)), nil
		}},
		{Name: "serialize.text", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Bytes(serializedText(c)), nil
		}},
		{Name: "serialize.class", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Int(c.Class(0)), nil
		}},
		{Name: "serialize.view", Run: func(c *isolate.Call) (isolate.Value, error) {
			return isolate.Int(int(c.ViewState(0))), nil
		}},
		{Name: "serialize.latin1", Run: func(c *isolate.Call) (isolate.Value, error) {
			b, _ := c.View(0)
			return isolate.String(latin1Text(b)), nil
		}},
		{Name: "serialize.utf16", Run: func(c *isolate.Call) (isolate.Value, error) {
			b, _ := c.View(0)
			return isolate.UTF16(b), nil
		}},
	}
}

var errNotText = isolate.Errorf("TypeError", "Failed to decode input.")

// validText is b with U+FFFD for each maximal part that is not UTF-8, as the WHATWG decodes.
func validText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out, _, err := transform.Bytes(unicode.UTF8.NewDecoder(), b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return string(out)
}

// latin1Bytes is a text whose characters fit into bytes.
func latin1Bytes(text string) ([]byte, bool) {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

func latin1Text(b []byte) string {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return string(out)
}

// forgivingBase64 decodes as atob does: https://infra.spec.whatwg.org/#forgiving-base64-decode
func forgivingBase64(text string) isolate.Value {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("\t\n\f\r ", r) {
			return -1
		}
		return r
	}, text)
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || strings.Contains(text, "=") {
		return isolate.Undefined()
	}
	return isolate.String(latin1Text(b))
}

// serializedText is a string in V8's form: one byte for each character if they fit, else two.
func serializedText(c *isolate.Call) []byte {
	units := c.UTF16(0)
	wide := false
	for _, u := range units {
		wide = wide || u > 0xff
	}
	if !wide {
		out := appendVarint([]byte{'"'}, len(units))
		for _, u := range units {
			out = append(out, byte(u))
		}
		return out
	}
	out := appendVarint([]byte{'c'}, 2*len(units))
	for _, u := range units {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func appendVarint(b []byte, n int) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

// decoder is a TextDecoder in the middle of a stream.
type decoder struct {
	t         transform.Transformer
	name      string
	fatal     bool
	ignoreBOM bool
	began     bool
	rest      []byte
}

func newDecoder(name string, fatal, ignoreBOM bool) *decoder {
	d := &decoder{name: name, fatal: fatal, ignoreBOM: ignoreBOM}
	enc, err := htmlindex.Get(name)
	if err != nil {
		enc = encoding.Replacement
	}
	switch name {
	case "utf-8":
		d.t = unicode.UTF8.NewDecoder()
	case "utf-16le":
		d.t = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case "utf-16be":
		d.t = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	default:
		d.t = enc.NewDecoder()
	}
	return d
}

func (d *decoder) decode(b []byte, last bool) (string, error) {
	in := append(d.rest, b...)
	out := make([]byte, 3*len(in)+16)
	var text []byte
	for {
		n, used, err := d.t.Transform(out, in, last)
		text = append(text, out[:n]...)
		in = in[used:]
		if !errors.Is(err, transform.ErrShortDst) {
			break
		}
	}
	d.rest = bytes.Clone(in)
	if d.fatal && bytes.ContainsRune(text, utf8.RuneError) && !bytes.Contains(b, []byte("\xef\xbf\xbd")) {
		return "", errNotText
	}
	if !d.began && len(text) > 0 {
		d.began = true
		if !d.ignoreBOM {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
	}
	return string(text), nil
}
