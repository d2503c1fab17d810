package platform

import (
	"encoding/json"
	"net/url"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/doemu/doemu/emulator/isolate"
)

func urlOps() []isolate.Op {
	return []isolate.Op{
		{Name: "url.parse", Run: func(c *isolate.Call) (isolate.Value, error) {
			u, err := parseURL(c.String(0), c.String(1), !c.IsUndefined(1))
			if err != nil {
				return isolate.Undefined(), nil
			}
			return urlParts(u)
		}},
		{Name: "url.set", Run: func(c *isolate.Call) (isolate.Value, error) {
			u, err := whatwg.Parse(c.String(0))
			if err != nil {
				return isolate.Value{}, isolate.Errorf("TypeError", "Invalid URL string.")
			}
			setURLPart(u, c.String(1), c.String(2))
			return urlParts(u)
		}},
		{Name: "url.pairs", Run: func(c *isolate.Call) (isolate.Value, error) {
			return jsonValue(formPairs(c.String(0)))
		}},
		{Name: "url.query", Run: func(c *isolate.Call) (isolate.Value, error) {
			var b strings.Builder
			for n := range c.Len() {
				switch {
				case n%2 == 1:
					b.WriteByte('=')
				case n > 0:
					b.WriteByte('&')
				}
				b.WriteString(formEscape(c.String(n)))
			}
			return isolate.String(b.String()), nil
		}},
	}
}

func jsonValue(v any) (isolate.Value, error) {
	text, err := json.Marshal(v)
	return isolate.JSON(text), err
}

func parseURL(text, base string, hasBase bool) (u *whatwg.Url, err error) {
	if hasBase {
		u, err = whatwg.ParseRef(base, text)
	} else {
		u, err = whatwg.Parse(text)
	}
	if err == nil && strings.Contains(u.Pathname(), "^") && origin(u) != "null" {
		// The standard has escaped it since 2024, and the library does not yet.
		u.SetPathname(strings.ReplaceAll(u.Pathname(), "^", "%5E"))
	}
	return u, err
}

// urlParts are the parts in the order of url.ts.
func urlParts(u *whatwg.Url) (isolate.Value, error) {
	return jsonValue([]string{
		u.Href(false), origin(u), u.Protocol(), u.Username(), u.Password(), u.Host(), u.Hostname(), u.Port(), u.Pathname(),
		u.Search(), u.Hash(),
	})
}

// origin is "null" for schemes that have none.
func origin(u *whatwg.Url) string {
	switch u.Protocol() {
	case "http:", "https:", "ws:", "wss:", "ftp:":
		return u.Protocol() + "//" + u.Host()
	case "blob:":
		if inner, err := whatwg.Parse(u.Pathname()); err == nil && strings.HasPrefix(inner.Protocol(), "http") {
			return origin(inner)
		}
	}
	return "null"
}

func setURLPart(u *whatwg.Url, part, value string) {
	switch part {
	case "protocol":
		u.SetProtocol(value)
	case "username":
		u.SetUsername(value)
	case "password":
		u.SetPassword(value)
	case "host":
		u.SetHost(value)
	case "hostname":
		u.SetHostname(value)
	case "port":
		u.SetPort(value)
	case "pathname":
		u.SetPathname(value)
	case "search":
		u.SetSearch(value)
	case "hash":
		u.SetHash(value)
	}
}

// formPairs parses application/x-www-form-urlencoded text: names and values in turn.
// https://url.spec.whatwg.org/#concept-urlencoded-parser
func formPairs(text string) []string {
	pairs := []string{}
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, formUnescape(name), formUnescape(value))
	}
	return pairs
}

// formUnescape leaves percent signs that begin no escape as they are.
func formUnescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return validText(b)
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// formEscape differs from Go's in the characters that it leaves: * and not ~.
func formEscape(s string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}
