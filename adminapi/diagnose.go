package adminapi

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/doemu/doemu/emulator"
)

func diagnoseRoutes() []route {
	return []route{handle(http.MethodGet, "diagnose", "Check whether all works that doemu needs; it goes on after a failure", (*api).diagnose)}
}

type diagnosis struct {
	OK     bool        `json:"ok" description:"Whether all parts are well"`
	Checks []diagnosed `json:"checks"`
}

// diagnosed is what one part of the self-check found.
type diagnosed struct {
	Name   string  `json:"name"`
	OK     bool    `json:"ok"`
	Detail string  `json:"detail" description:"What was seen, or what is wrong"`
	MS     float64 `json:"ms" description:"How long it took, by the machine's time"`
}

func (a *api) diagnose(ctx context.Context, _ struct{}) (diagnosis, error) {
	parts := a.emulator.Diagnose(ctx)
	for _, name := range slices.Sorted(maps.Keys(a.options.Listeners)) {
		address := a.options.Listeners[name]
		parts = append(parts, emulator.Diagnosed(ctx, "listener of "+name, func() (string, error) { return connects(ctx, address) }))
	}
	d := diagnosis{OK: true, Checks: []diagnosed{}}
	for _, part := range parts {
		view := diagnosed{part.Name, part.Err == nil, part.Detail, float64(part.Took.Microseconds()) / 1000}
		if part.Err != nil {
			view.Detail = part.Err.Error()
		}
		d.OK = d.OK && view.OK
		d.Checks = append(d.Checks, view)
	}
	return d, nil
}

// connectTime is how long a listener may take to answer.
const connectTime = time.Second

// connects sees whether something accepts connections at an address.
func connects(ctx context.Context, address string) (string, error) {
	dialer := net.Dialer{Timeout: connectTime}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("nothing answers: %w", err)
	}
	return address, conn.Close()
}
