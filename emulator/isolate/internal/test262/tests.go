package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
)

// mode is how a test's code runs.
type mode int

const (
	sloppy mode = iota
	strict
	module
)

func (m mode) suffix() string {
	if m == strict {
		return " strict"
	}
	return ""
}

// test is a test file.
type test struct {
	source   string
	flags    []string
	features []string
	includes []string
	negative string // the class of the error that it has to end with
}

var (
	frontMatter = regexp.MustCompile(`(?s)/\*---(.*?)---\*/`)
	listLine    = regexp.MustCompile(`(?m)^\s*-\s*(\S+)\s*$`)
)

// parse reads the front matter, which is YAML; of that the tests use only what is read here.
func parse(source string) *test {
	t := &test{source: source}
	m := frontMatter.FindStringSubmatch(source)
	if m == nil {
		return t
	}
	meta := strings.ReplaceAll(m[1], "\r", "\n")
	t.flags = field(meta, "flags")
	t.features = field(meta, "features")
	t.includes = field(meta, "includes")
	if _, negative, ok := strings.Cut("\n"+meta, "\nnegative:"); ok {
		_, class, _ := strings.Cut(negative, "type:")
		t.negative = strings.TrimSpace(strings.SplitN(class, "\n", 2)[0])
	}
	return t
}

// field is a list of the front matter: [a, b] or lines that begin with a dash.
func field(meta, name string) []string {
	_, value, ok := strings.Cut("\n"+meta, "\n"+name+":")
	if !ok {
		return nil
	}
	if inline := strings.TrimSpace(value); strings.HasPrefix(inline, "[") {
		inside, _, _ := strings.Cut(inline[1:], "]")
		items := strings.FieldsFunc(inside, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
		return items
	}
	var items []string
	for line := range strings.Lines(strings.TrimLeft(value, " \n")) {
		m := listLine.FindStringSubmatch(line)
		if m == nil {
			break
		}
		items = append(items, m[1])
	}
	return items
}

func (t *test) has(flag string) bool { return slices.Contains(t.flags, flag) }

// skip are the features that neither QuickJS-ng has nor anybody expects here, and what a host would have to bring. The
// stack of an error is its own property here, as in V8, and not the accessor that is proposed.
var skip = []string{
	"Atomics.waitAsync", "await-dictionary", "canonical-tz", "decorators", "host-gc-required", "import-defer", "legacy-regexp",
	"ShadowRealm", "source-phase-imports", "source-phase-imports-module-source", "tail-call-optimization", "Temporal",
	"error-stack-accessor", "Atomics", "Atomics.pause", "cross-realm", "IsHTMLDDA", "import-attributes", "json-modules", "import-bytes", "import-text",
}

// modes are those that a test runs in; none if it is skipped.
func (t *test) modes() []mode {
	for _, feature := range t.features {
		if slices.Contains(skip, feature) || strings.HasPrefix(feature, "Intl") || strings.HasPrefix(feature, "intl") {
			return nil
		}
	}
	switch {
	case strings.Contains(t.source, "$262.agent"), strings.Contains(t.source, "$262.createRealm"), t.has("CanBlockIsFalse"), t.has("CanBlockIsTrue"):
		return nil
	case t.has("module"):
		return []mode{module}
	case t.has("onlyStrict"):
		return []mode{strict}
	case t.has("noStrict"), t.has("raw"):
		return []mode{sloppy}
	}
	return []mode{sloppy, strict}
}

// host makes what the tests expect of a host.
const host = `{
	const { host } = globalThis.` + isolate.KernelGlobal + `;
	const { transfer } = ArrayBuffer.prototype;
	const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
	define("print", (text) => host.print(String(text)));
	define("$262", {
		global: globalThis,
		gc() {},
		detachArrayBuffer(buffer) { Reflect.apply(transfer, buffer, []); return null; },
		evalScript: (source) => host.evalScript(String(source)),
	});
}`

var ops = []isolate.Op{
	{Name: "print", Run: func(c *isolate.Call) (isolate.Value, error) {
		out := c.Owner().(*outcome)
		out.said = append(out.said, c.String(0))
		return isolate.Undefined(), nil
	}},
	{Name: "evalScript", Run: func(c *isolate.Call) (isolate.Value, error) { return c.Script("evalScript", c.String(0)) }},
}

// outcome is what an asynchronous test says of itself.
type outcome struct{ said []string }

func (o *outcome) done() bool { return slices.Contains(o.said, "Test262:AsyncTestComplete") }

func (o *outcome) async() error {
	for _, line := range o.said {
		if why, ok := strings.CutPrefix(line, "Test262:AsyncTestFailure:"); ok {
			return fmt.Errorf("%s", why)
		}
	}
	if !o.done() {
		return errors.New("$DONE was not called")
	}
	return nil
}
