package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/random"
)

// seedFlags say when the clock begins and where randomness comes from.
type seedFlags struct{ at, seed string }

func (f *seedFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.at, "at", "", "time at which the clock begins: RFC 3339, a date, or milliseconds since 1970")
	flags.StringVar(&f.seed, "seed", "", "number from which all randomness comes, so that two runs do the same")
}

// Clocks, as --clock names them.
const (
	realClock   = "real"
	frozenClock = "frozen"
)

// apply gives an emulator the clock and the randomness.
func (f *seedFlags) apply(options *emulator.Options, mode string) error {
	at := time.Now().UTC()
	if f.at != "" {
		var err error
		if at, err = clock.ParseTime(f.at); err != nil {
			return usageError{fmt.Errorf("--at: %w", err)}
		}
	}
	switch {
	case mode == frozenClock:
		options.Clock = clock.NewFrozen(at)
	case mode != realClock:
		return usageError{fmt.Errorf("--clock is real or frozen, not %q", mode)}
	case f.at != "":
		options.Clock = clock.NewAt(at)
	}
	if f.seed != "" {
		seed, err := strconv.ParseUint(f.seed, 10, 64)
		if err != nil {
			return usageError{fmt.Errorf("--seed is a whole number from 0, not %q", f.seed)}
		}
		options.Random = random.Seeded(seed)
	}
	return nil
}

func clockCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	run := func(method, path string, body func(arg string) (any, error)) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) error {
			var sent any
			if body != nil {
				var err error
				if sent, err = body(strings.Join(args, " ")); err != nil {
					return usageError{err}
				}
			}
			a, err := f.find(cmd.Context())
			if err != nil {
				return err
			}
			a.progress = newProgress(c.err, cmd.CommandPath())
			var result json.RawMessage
			err = a.call(cmd.Context(), method, path, sent, &result)
			a.progress.end()
			if err != nil {
				return err
			}
			return showClock(c, f.json, result)
		}
	}
	now := run(http.MethodGet, "clock", nil)
	cmd := &cobra.Command{
		Use:   "clock",
		Short: "See and steer the time of a running doemu",
		Long: `Everything in a running doemu goes by one clock: Date, timers, alarms and their retries, eviction.
While it stands still, advance makes time pass: what falls due is done in order, each thing at its own
time, and the command returns when all that followed has come to rest.`,
		Example: `  doemu clock                     what the clock shows, and what is due next
  doemu clock freeze
  doemu clock advance 1h30m       or a number of milliseconds
  doemu clock next                up to what is due next
  doemu clock set 2027-01-01T00:00:00Z
  doemu clock resume`,
		Args: cobra.NoArgs,
		RunE: now,
	}
	f.add(cmd.PersistentFlags())
	cmd.AddCommand(
		&cobra.Command{Use: "now", Example: "  doemu clock now --json", Short: "Show the time and what is due next", Args: cobra.NoArgs, RunE: now},
		&cobra.Command{Use: "freeze", Example: "  doemu clock freeze", Short: "Stop the clock", Args: cobra.NoArgs, RunE: run(http.MethodPost, "clock/freeze", nil)},
		&cobra.Command{Use: "resume", Example: "  doemu clock resume", Short: "Let the clock run on", Args: cobra.NoArgs, RunE: run(http.MethodPost, "clock/resume", nil)},
		&cobra.Command{Use: "next", Example: "  doemu clock next", Short: "Let time pass until what is due next is done", Args: cobra.NoArgs, RunE: run(http.MethodPost, "clock/next", nil)},
		&cobra.Command{Use: "advance DURATION", Example: "  doemu clock advance 1h30m", Short: "Let time pass", Args: cobra.ExactArgs(1), RunE: run(http.MethodPost, "clock/advance", func(arg string) (any, error) {
			d, err := parseDuration(arg)
			return map[string]float64{"ms": float64(d) / float64(time.Millisecond)}, err
		})},
		&cobra.Command{Use: "set TIME", Example: "  doemu clock set 2027-01-01T00:00:00Z", Short: "Move the clock without passing through the time between", Args: cobra.ExactArgs(1), RunE: run(http.MethodPost, "clock/set", func(arg string) (any, error) {
			at, err := clock.ParseTime(arg)
			return map[string]string{"at": at.Format(time.RFC3339Nano)}, err
		})},
	)
	return cmd
}

// parseDuration reads a duration as Go writes it, or milliseconds.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if ms, number := strconv.ParseInt(text, 10, 64); number == nil && ms <= clock.MostAdvance.Milliseconds() {
		d, err = time.Duration(ms)*time.Millisecond, nil
	}
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no duration: give one such as 90s or 1h30m, or milliseconds", text)
	}
	return d, nil
}

// shownDue is a thing that waits for its time, or was done, as a person reads it.
type shownDue struct {
	At                                            time.Time
	Kind, Worker, Namespace, Object, Name, Detail string
}

func (d shownDue) String() string {
	text := d.Kind
	switch {
	case d.Object != "" && d.Name != "":
		text += " of " + d.Namespace + "/" + d.Name
	case d.Object != "":
		text += " of " + d.Namespace + "/" + d.Object
	case d.Worker != "":
		text += " of " + d.Worker
	}
	if d.Detail != "" {
		text += " (" + d.Detail + ")"
	}
	return text
}

func showClock(c *console, asJSON bool, result json.RawMessage) error {
	if asJSON {
		fmt.Fprintln(c.out, string(result))
		return nil
	}
	var r struct {
		Now     time.Time
		Mode    string
		Waiting int
		Next    *shownDue
		Count   int
		Ran     []shownDue
		Pending []string
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return err
	}
	const form = "2006-01-02 15:04:05.000"
	for _, d := range r.Ran {
		fmt.Fprintln(c.out, d.At.Format(form), d)
	}
	if more := r.Count - len(r.Ran); more > 0 {
		fmt.Fprintf(c.out, "… and %d more\n", more)
	}
	for _, what := range r.Pending {
		fmt.Fprintln(c.out, "still under way:", what)
	}
	state := "runs"
	if r.Mode == frozenClock {
		state = "stands"
	}
	fmt.Fprintf(c.out, "%s  the clock %s\n", r.Now.Format(form), state)
	if r.Next != nil {
		fmt.Fprintf(c.out, "next: %s in %s\n", r.Next, r.Next.At.Sub(r.Now))
	}
	return nil
}
