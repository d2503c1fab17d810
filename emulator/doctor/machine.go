package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/machine"
)

// ports tells of ports that others have.
func (e *exam) ports(context.Context) (found []check.Finding) {
	for _, p := range e.options.Ports {
		if p.Number == 0 {
			continue
		}
		address := net.JoinHostPort(p.IP, strconv.Itoa(p.Number))
		l, err := net.Listen("tcp", address)
		if err == nil {
			l.Close()
			continue
		}
		found = append(found, e.taken(p, address, err))
	}
	return found
}

func (e *exam) taken(p Port, address string, err error) check.Finding {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return failed(fmt.Sprintf("doemu cannot listen on %s, %s: %v", address, p.Of, err), fmt.Sprintf("Choose another with %s.", p.Flag))
	}
	who, session := "another program", ""
	pid, name := machine.Listener(p.Number)
	if pid != 0 && e.options.Session != nil {
		session = e.options.Session(pid)
	}
	switch {
	case session != "":
		who = fmt.Sprintf("%s (process %d)", session, pid)
	case pid != 0:
		who = fmt.Sprintf("%s (process %d)", name, pid)
	}
	text := fmt.Sprintf("%s, %s, is taken by %s.", address, p.Of, who)
	switch {
	case !p.Asked:
		return noted(text+" doemu dev takes the next free one.", "")
	case session != "":
		return noted(text, fmt.Sprintf("To run a second one, choose another with %s.", p.Flag))
	}
	return failed(text, fmt.Sprintf("Stop it, or choose another with %s.", p.Flag))
}

// machine looks at what the machine gives.
func (e *exam) machine(context.Context) (found []check.Finding) {
	for _, check := range []func() (string, error){machine.OpenFiles, machine.Memory} {
		if _, err := check(); err != nil {
			found = append(found, warned(sentence(err), ""))
		}
	}
	return found
}

// sentence is an error as a sentence of its own.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// javascript tells of a JavaScript engine that does not work; start has tried it.
func (e *exam) javascript(context.Context) []check.Finding {
	if err := e.engine; err != nil {
		return []check.Finding{failed(fmt.Sprintf("The JavaScript engine does not work here: %v", err),
			"Please report it, with what doemu version prints and the kind of machine.")}
	}
	return nil
}
