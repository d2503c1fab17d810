package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// wranglerFlag is a flag of a command of wrangler that changes nothing here. People's scripts carry it, so it is accepted, and a
// line says why it does nothing.
// https://developers.cloudflare.com/workers/wrangler/commands/general/#dev
type wranglerFlag struct {
	name, short string
	value       bool // it takes one
	always      bool // what it asks for is always so: only =false does nothing
	why         string
}

const (
	inConfiguration = "set %q in the configuration instead"
	noRoutes        = "a Worker sees the address that was asked for, whatever its routes"
	noHTTPS         = "doemu serves HTTP; a proxy in front of it can serve HTTPS"
	noDebugger      = "there is no debugger yet"
	noSites         = "static files are not served yet"
	noTunnel        = "there is no tunnel; --ip lets others in the network in"
	noContainers    = "containers are not run"
)

var wranglerDevFlags = []wranglerFlag{
	{name: "local", short: "l", why: "projects always run on this machine"},
	{name: "remote", short: "r", why: "nothing runs on Cloudflare's network: the project runs here, with storage of its own. wrangler dev --remote does that"},
	{name: "latest", why: "there is one runtime"},
	{name: "name", value: true, why: fmt.Sprintf(inConfiguration, "name")},
	{name: "compatibility-flag", value: true, why: fmt.Sprintf(inConfiguration, "compatibility_flags")},
	{name: "compatibility-flags", value: true, why: fmt.Sprintf(inConfiguration, "compatibility_flags")},
	{name: "no-bundle", why: fmt.Sprintf(inConfiguration, "no_bundle")},
	{name: "bundle", why: fmt.Sprintf(inConfiguration, "no_bundle")},
	{name: "define", value: true, why: fmt.Sprintf(inConfiguration, "define")},
	{name: "alias", value: true, why: fmt.Sprintf(inConfiguration, "alias")},
	{name: "jsx-factory", value: true, why: fmt.Sprintf(inConfiguration, "jsx_factory")},
	{name: "jsx-fragment", value: true, why: fmt.Sprintf(inConfiguration, "jsx_fragment")},
	{name: "tsconfig", value: true, why: fmt.Sprintf(inConfiguration, "tsconfig")},
	{name: "minify", why: "code is not minified in development: errors would lose their places"},
	{name: "assets", value: true, why: noSites},
	{name: "site", value: true, why: noSites},
	{name: "site-include", value: true, why: noSites},
	{name: "site-exclude", value: true, why: noSites},
	{name: "inspector-port", value: true, why: noDebugger},
	{name: "inspector-ip", value: true, why: noDebugger},
	{name: "inspect", why: noDebugger},
	{name: "route", value: true, why: noRoutes},
	{name: "routes", value: true, why: noRoutes},
	{name: "host", value: true, why: noRoutes},
	{name: "local-upstream", value: true, why: noRoutes},
	{name: "infer-origin-from-routes", why: noRoutes},
	{name: "upstream-protocol", value: true, why: noRoutes},
	{name: "local-protocol", value: true, why: noHTTPS},
	{name: "https-key-path", value: true, why: noHTTPS},
	{name: "https-cert-path", value: true, why: noHTTPS},
	{name: "live-reload", why: "the Worker is reloaded, and pages in a browser are not"},
	{name: "test-scheduled", why: "scheduled handlers can always be called: GET /cdn-cgi/handler/scheduled?cron=…"},
	{name: "show-interactive-dev-session", why: "keys are read whenever there is a terminal"},
	{name: "types", why: "doemu types writes them"},
	{name: "tunnel", why: noTunnel},
	{name: "tunnel-name", value: true, why: noTunnel},
	{name: "tunnel-allowed-mail", value: true, why: noTunnel},
	{name: "enable-containers", why: noContainers},
	{name: "container-engine", value: true, why: noContainers},
	{name: "node-compat", why: `set the compatibility flag "nodejs_compat" in the configuration instead`},
	{name: "legacy-env", why: "an environment is always a Worker of its own name"},
	experiments,
}

var wranglerTypesFlags = []wranglerFlag{
	{name: "include-env", always: true, why: "the types of env are all that doemu types writes"},
	experiments,
}

var experiments = wranglerFlag{name: experimentalFlag, why: "flags for wrangler's experiments change nothing here"}

// experimentalFlag is what all flags for wrangler's experiments count as.
const experimentalFlag = "experimental-…"

// addWranglerFlags lets a command take wrangler's flags. Help does not list them.
func addWranglerFlags(flags *pflag.FlagSet, wrangler []wranglerFlag) {
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "experimental-") {
			name = experimentalFlag
		}
		return pflag.NormalizedName(name)
	})
	for _, f := range wrangler {
		if flags.Lookup(f.name) != nil {
			continue // it works here
		}
		flags.StringArrayP(f.name, f.short, nil, f.why)
		flag := flags.Lookup(f.name)
		flag.Hidden = true
		if !f.value {
			flag.NoOptDefVal = "true"
		}
	}
}

// tellWranglerFlags says which flags on the command line do nothing.
func tellWranglerFlags(w io.Writer, flags *pflag.FlagSet, wrangler []wranglerFlag) {
	for _, f := range wrangler {
		flag := flags.Lookup(f.name)
		if flag != nil && flag.Hidden && flag.Changed && (flag.Value.String() == "[false]") == f.always {
			fmt.Fprintf(w, "--%s does nothing: %s.\n", f.name, f.why)
		}
	}
}
