package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/doemu/doemu/emulator/config"
)

// defaultPort is wrangler's for the first Worker.
const defaultPort = 8787

const portType = "[NAME=]PORT"

// portFlag is --port, which may be given more than once: PORT is the first Worker's, NAME=PORT that of the
// Worker with the name. It implements pflag.Value.
type portFlag struct {
	first *int
	named map[string]int
	free  bool // without the flag any port will do, whatever the configuration says
}

func (f *portFlag) Type() string { return portType }

func (f *portFlag) String() string {
	if f.first == nil {
		return ""
	}
	return strconv.Itoa(*f.first)
}

func (f *portFlag) Set(text string) error {
	name, digits, named := strings.Cut(text, "=")
	if !named {
		digits = text
	}
	port, err := strconv.Atoi(digits)
	if err != nil || port < 0 || port > 65535 {
		return fmt.Errorf("%q is not a port: give a number from 0 to 65535, 0 for any", digits)
	}
	switch {
	case !named:
		f.first = &port
	case name == "":
		return errors.New("the name of a Worker is missing before the =")
	default:
		if f.named == nil {
			f.named = map[string]int{}
		}
		f.named[name] = port
	}
	return nil
}

// wantedPort is the port on which a Worker is to answer HTTP.
type wantedPort struct {
	worker int // its number among the projects
	port   int
	// asked tells that it must be this one; otherwise the next free one does.
	asked bool
	// source is what asks for it, as people know it.
	source string
}

// assign says which Workers answer HTTP, and on which ports: the first one always, others if the flag or
// their configuration gives them one.
func (f *portFlag) assign(projects []*config.Project) ([]wantedPort, error) {
	// A project without a name could not be read, and has an error of its own.
	unread := slices.ContainsFunc(projects, func(p *config.Project) bool { return p.Name == "" })
	for _, name := range slices.Sorted(maps.Keys(f.named)) {
		if !unread && !slices.ContainsFunc(projects, func(p *config.Project) bool { return p.Name == name }) {
			var names []string
			for _, p := range projects {
				names = append(names, p.Name)
			}
			return nil, usageError{fmt.Errorf("--port %s=%d: no Worker with the name %q runs here, only: %s", name, f.named[name], name, strings.Join(names, ", "))}
		}
	}
	var wanted []wantedPort
	for n, p := range projects {
		port, named := f.named[p.Name]
		switch {
		case named && n == 0 && f.first != nil && *f.first != port:
			return nil, usageError{fmt.Errorf("--port %d and --port %s=%d are both for the first Worker: leave one of them out", *f.first, p.Name, port)}
		case named:
			wanted = append(wanted, wantedPort{n, port, true, fmt.Sprintf("--port %s=%d", p.Name, port)})
		case n == 0 && f.first != nil:
			wanted = append(wanted, wantedPort{n, *f.first, true, fmt.Sprintf("--port %d", *f.first)})
		case f.free && (n == 0 || p.Dev.Port != 0):
			wanted = append(wanted, wantedPort{n, 0, true, "any"})
		case p.Dev.Port != 0:
			wanted = append(wanted, wantedPort{n, p.Dev.Port, true, fmt.Sprintf("\"dev\": { \"port\": %d } in %s", p.Dev.Port, p.ConfigPath)})
		case n == 0:
			wanted = append(wanted, wantedPort{n, defaultPort, false, "--port"})
		}
	}
	for n, w := range wanted {
		for _, other := range wanted[:n] {
			if w.port == other.port && w.port != 0 && w.asked && other.asked {
				return nil, usageError{fmt.Errorf("two Workers are to answer on port %d: %s (%s) and %s (%s). Give one of them another port with --port NAME=PORT",
					w.port, projects[other.worker].Name, other.source, projects[w.worker].Name, w.source)}
			}
		}
	}
	return wanted, nil
}

// listenAll opens the ports of the Workers that answer HTTP.
func (f *portFlag) listenAll(ip string, projects []*config.Project) (listeners map[int]net.Listener, err error) {
	wanted, err := f.assign(projects)
	if err != nil {
		return nil, err
	}
	listeners = map[int]net.Listener{}
	// Those that must have their port come first: the default of the first Worker moves out of their way.
	slices.SortStableFunc(wanted, func(a, b wantedPort) int {
		switch {
		case a.asked == b.asked:
			return 0
		case a.asked:
			return -1
		}
		return 1
	})
	for _, w := range wanted {
		flag := "--port"
		if w.worker > 0 {
			flag = "--port " + projects[w.worker].Name + "=PORT"
		}
		l, err := listen(ip, w.port, w.asked, flag)
		if err != nil {
			closeAll(listeners)
			if strings.HasPrefix(w.source, "\"dev\"") {
				err = fmt.Errorf("%w\nThe port is that of %s.", err, w.source)
			}
			return nil, err
		}
		listeners[w.worker] = l
	}
	return listeners, nil
}

func closeAll(listeners map[int]net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}
