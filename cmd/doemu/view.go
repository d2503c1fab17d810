package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/journal"
)

// view is where a command that runs projects tells what happens: the screen of a person, or a log that
// programs read.
type view interface {
	logger() *slog.Logger // for what doemu itself has to say
	buildLine(text string)
	diagnostics(d *config.Diagnostics)
	failure(err error)
	reloadFailed(err error)
	reloaded(worker string, generation int, took time.Duration)
	event(e journal.Event)
	ending()
	close() // writes what waits
}

// threshold is the least important level that a view shows.
type threshold int

// levels are those of wrangler dev, the least important first.
var levels = []string{"debug", "info", "log", "warn", "error", "none"}

func parseThreshold(level string) (threshold, error) {
	n := slices.Index(levels, level)
	if n < 0 {
		return 0, usageError{fmt.Errorf("--log-level is %q, but must be one of %s", level, strings.Join(levels, ", "))}
	}
	return threshold(n), nil
}

func (t threshold) shows(level string) bool { return threshold(slices.Index(levels, level)) >= t }
