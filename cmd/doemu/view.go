package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doemu/doemu/emulator/check"
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
	findings(found []check.Finding) // those that were not shown before
	event(e journal.Event)
	ending()
	close() // writes what waits
}

// shownFindings are those that a view has shown. It is safe for use by many goroutines.
type shownFindings struct {
	mu  sync.Mutex
	all map[check.Finding]bool
}

// fresh are the findings that have not been shown; they are from now on.
func (s *shownFindings) fresh(found []check.Finding) (fresh []check.Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range found {
		if !s.all[f] {
			fresh = append(fresh, f)
		}
	}
	// What has been mended is told again if it comes back.
	s.all = map[check.Finding]bool{}
	for _, f := range found {
		s.all[f] = true
	}
	return fresh
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
