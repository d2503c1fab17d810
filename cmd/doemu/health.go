package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// shownHealth is what /readyz says.
type shownHealth struct {
	Status, Reason string
	Generation     int
}

// healthInterval is how often health --wait looks.
const healthInterval = 100 * time.Millisecond

func healthCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	var wait bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "health", Short: "Tell whether doemu serves; exits with 3 if not", Args: args(0, 0),
		Long: `Tell whether doemu serves: ready, or degraded when the last build failed and the one before it serves.
It exits with 0 then, and with 3 if doemu does not run or serves nothing yet.`,
		Example: `  doemu health
  doemu health --wait --timeout 10s`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			if wait {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, timeout)
				defer cancel()
			}
			waits := newProgress(c.err, "waiting for doemu")
			defer waits.end()
			if wait {
				waits.begin()
			}
			for {
				err := health(ctx, c, f, waits)
				var not notRunningError
				if err == nil || !wait || !errors.As(err, &not) {
					return err
				}
				select {
				case <-time.After(healthInterval):
				case <-ctx.Done():
					if cmd.Context().Err() != nil {
						return cmd.Context().Err()
					}
					return notRunningError{fmt.Errorf("not ready within %s: %w", timeout, err)}
				}
			}
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until it serves")
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long to wait")
	return cmd
}

func health(ctx context.Context, c *console, f *adminFlags, waits *progress) error {
	a, err := f.find(ctx)
	if err != nil {
		return err
	}
	status, raw, err := a.request(ctx, http.MethodGet, "/readyz", nil)
	if err != nil {
		if ctx.Err() != nil {
			err = notRunningError{err}
		}
		return err
	}
	var h shownHealth
	if err := json.Unmarshal(raw, &h); err != nil {
		return fmt.Errorf("%s is not the admin API of a doemu: it answers %d %.200q", a.url, status, raw)
	}
	if status != http.StatusOK {
		return notRunningError{fmt.Errorf("doemu is %s: %s", h.Status, h.Reason)}
	}
	waits.end()
	if f.json {
		fmt.Fprint(c.out, string(raw))
		return nil
	}
	fmt.Fprintf(c.out, "%s, build %d\n", h.Status, h.Generation)
	if h.Reason != "" {
		fmt.Fprintln(c.out, h.Reason)
	}
	return nil
}
