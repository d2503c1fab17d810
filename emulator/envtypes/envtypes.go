// Package envtypes writes the TypeScript declarations of a project's env in the form of wrangler types.
//
// https://developers.cloudflare.com/workers/languages/typescript/#generate-types
package envtypes

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doemu/doemu/emulator/bundle"
	"github.com/doemu/doemu/emulator/config"
)

// Options say what declarations are made of.
type Options struct {
	// Workers say where the project is and, after it, Workers to which its bindings lead. Without an environment, what
	// some environments of the project lack is optional in Env.
	Workers []config.Options
	// Output is the absolute path of the file that the declarations are for.
	Output string
	// Interface is the name of env's type.
	Interface string
	// Loose gives variables the type of their values; otherwise it is the value itself.
	Loose bool
	// NoMainModule leaves the import of the entry point out, by which ctx.exports is typed.
	NoMainModule bool
}

// Declarations are what was written, and of what.
type Declarations struct {
	Text    string
	Project *config.Project
	// Diagnostics are what reading the configurations gave, also if it failed.
	Diagnostics []*config.Diagnostics
}

// Generate reads the project and writes the declarations.
func Generate(o Options) (d Declarations, err error) {
	in, err := read(o)
	if err == nil {
		d.Text, err = in.generate()
	}
	d.Project, d.Diagnostics = in.project, in.diagnostics
	return d, err
}

func (in *input) generate() (string, error) {
	if err := in.checkNames(); err != nil {
		return "", err
	}
	env := newCollected()
	var interfaces strings.Builder
	for _, p := range in.environments {
		members := in.members(p)
		env.add(members)
		fmt.Fprintf(&interfaces, "\tinterface %s {", interfaceName(p.Env))
		for _, m := range members {
			fmt.Fprintf(&interfaces, "\n\t\t%s: %s;", key(m.name), m.typ)
		}
		if len(members) > 0 {
			interfaces.WriteString("\n\t")
		}
		interfaces.WriteString("}\n")
	}
	env.add(in.members(in.project))
	modules := in.modules()
	if in.format == bundle.ServiceWorker {
		var lines []string
		for _, m := range env.members {
			lines = append(lines, fmt.Sprintf("declare const %s: %s;", m.name, m.typ))
		}
		return strings.Join(append(lines, modules...), "\n"), nil
	}

	var b strings.Builder
	base := "__BaseEnv_" + in.Interface
	fmt.Fprintf(&b, "interface %s {\n", base)
	for _, m := range env.members {
		optional := "?"
		if env.in[m.name] == len(in.environments)+1 {
			optional = ""
		}
		fmt.Fprintf(&b, "\t%s%s: %s;\n", key(m.name), optional, m.typ)
	}
	b.WriteString("}\ndeclare namespace Cloudflare {\n")
	b.WriteString(in.globalProps())
	b.WriteString(interfaces.String())
	fmt.Fprintf(&b, "\tinterface Env extends %s {}\n}\ninterface %s extends %s {}", base, in.Interface, base)
	if strings := env.strings; len(strings) > 0 && in.fillsProcessEnv() {
		b.WriteString("\n" + processEnv(strings))
	}
	for _, m := range modules {
		b.WriteString("\n" + m)
	}
	return b.String(), nil
}

// collected are the members of env over all environments.
type collected struct {
	members []member
	in      map[string]int // in how many environments each is
	strings []string       // variables and secrets
}

func newCollected() *collected { return &collected{in: map[string]int{}} }

// add adds the members of an environment. One that has other types elsewhere gets all of them.
func (c *collected) add(members []member) {
	for _, m := range members {
		c.in[m.name]++
		if m.variable && !slices.Contains(c.strings, m.name) {
			c.strings = append(c.strings, m.name)
		}
		n := slices.IndexFunc(c.members, func(other member) bool { return other.name == m.name })
		if n < 0 {
			c.members = append(c.members, m)
		} else if !slices.Contains(strings.Split(c.members[n].typ, " | "), m.typ) {
			c.members[n].typ += " | " + m.typ
		}
	}
}

// globalProps types ctx.exports.
// https://developers.cloudflare.com/workers/runtime-apis/context/#exports
func (in *input) globalProps() string {
	text := ""
	if in.main.file != "" && !in.NoMainModule {
		text += fmt.Sprintf("\t\tmainModule: typeof import(%q);\n", in.specifier(in.main.file))
	}
	if declared := in.project.Declared; len(declared) > 0 {
		text += fmt.Sprintf("\t\tdurableNamespaces: %s;\n", union(declared))
	}
	if text == "" {
		return ""
	}
	return "\tinterface GlobalProps {\n" + text + "\t}\n"
}

// specifier is how the output imports a file.
func (in *input) specifier(file string) string {
	path, err := filepath.Rel(filepath.Dir(in.Output), file)
	if err != nil {
		path = file // another drive
	}
	path = strings.TrimSuffix(filepath.ToSlash(path), filepath.Ext(path))
	if !strings.HasPrefix(path, "../") {
		path = "./" + path
	}
	return path
}

// fillsProcessEnv tells whether process.env has the variables.
// https://developers.cloudflare.com/workers/configuration/compatibility-flags/#enable-auto-populating-processenv
func (in *input) fillsProcessEnv() bool {
	p := in.project
	node := p.Flags.Enabled("nodejs_compat") || p.Flags.Enabled("nodejs_compat_v2")
	switch {
	case slices.Contains(p.CompatibilityFlags, "nodejs_compat_populate_process_env"):
		return node
	case slices.Contains(p.CompatibilityFlags, "nodejs_compat_do_not_populate_process_env"):
		return false
	}
	return node && p.CompatibilityDate >= "2025-04-01"
}

func processEnv(names []string) string {
	return "type StringifyValues<EnvType extends Record<string, unknown>> = {\n" +
		"\t[Binding in keyof EnvType]: EnvType[Binding] extends string ? EnvType[Binding] : string;\n" +
		"};\ndeclare namespace NodeJS {\n\tinterface ProcessEnv extends StringifyValues<Pick<Cloudflare.Env, " + union(names) + ">> {}\n}"
}

func union(names []string) string { return `"` + strings.Join(names, `" | "`) + `"` }

// interfaceName is the name of the type of an environment's env.
func interfaceName(env string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(env, func(r rune) bool { return r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(word[:1]) + strings.ToLower(word[1:]))
	}
	return strings.TrimSuffix(b.String(), "Env") + "Env"
}

// checkNames refuses environments whose types would have the same name.
func (in *input) checkNames() error {
	taken := map[string]string{"Env": ""}
	for _, p := range in.environments {
		name := interfaceName(p.Env)
		switch other, ok := taken[name]; {
		case ok && other == "":
			return fmt.Errorf("the environment %q would get the type %s, which is that of env itself: rename it", p.Env, name)
		case ok:
			return fmt.Errorf("the environments %q and %q would both get the type %s: rename one of them", other, p.Env, name)
		}
		taken[name] = p.Env
	}
	return nil
}
