package platform

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/doemu/doemu/emulator/isolate"
)

// localeOps are what the engine, which has no Intl, asks of Go.
func localeOps() []isolate.Op {
	// A collator serves one call at a time.
	var variant, accent, base sync.Pool
	compare := func(pool *sync.Pool, a, b string, options ...collate.Option) int {
		c, ok := pool.Get().(*collate.Collator)
		if !ok {
			c = collate.New(language.English, options...)
		}
		defer pool.Put(c)
		return c.CompareString(a, b)
	}
	return []isolate.Op{
		{Name: "locale.compare", Run: func(c *isolate.Call) (isolate.Value, error) {
			a, b := c.String(0), c.String(1)
			if c.Bool(3) {
				a, b = sortableNumbers(a), sortableNumbers(b)
			}
			switch sensitivity := c.String(2); sensitivity {
			case "base":
				return isolate.Int(compare(&base, a, b, collate.Loose)), nil
			case "accent":
				return isolate.Int(compare(&accent, a, b, collate.IgnoreCase)), nil
			case "variant":
				return isolate.Int(compare(&variant, a, b)), nil
			default:
				return isolate.Value{}, isolate.Errorf("Error", "String.prototype.localeCompare() with the sensitivity %q is not available in doemu: its JavaScript engine has no Intl.", sensitivity)
			}
		}},
	}
}

var digitRun = regexp.MustCompile(`[0-9]+`)

// sortableNumbers writes each number behind the count of its digits, so that numbers are ordered as numbers, and
// still by digits alone beside all else.
func sortableNumbers(text string) string {
	return digitRun.ReplaceAllStringFunc(text, func(run string) string {
		digits := strings.TrimLeft(run, "0")
		return fmt.Sprintf("%08d%s", len(digits), digits)
	})
}
