package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/journal"
)

// screen is what a person sees of doemu dev. It is safe for use by many goroutines.
type screen struct {
	threshold
	color bool
	lines *lines
	shown shownFindings
}

func newScreen(out io.Writer, level string) (*screen, error) {
	t, err := parseThreshold(level)
	if err != nil {
		return nil, err
	}
	file, _ := out.(*os.File)
	return &screen{
		threshold: t, lines: newLines(out),
		color: file != nil && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == "",
	}, nil
}

func (s *screen) line(text string) { s.lines.line(text) }

func (s *screen) buildLine(text string) { s.line("[custom build] " + text) }

func (s *screen) ending() {
	if s.shows("log") {
		s.line("Shutting down")
	}
}

// close writes what waits.
func (s *screen) close() { s.lines.close() }

// Colours of a terminal.
const (
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	bold   = "1"
)

func (s *screen) paint(color, text string) string {
	if !s.color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (s *screen) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(lineWriter(func(line string) { s.line(s.paint(yellow, line)) }), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (s *screen) diagnostics(d *config.Diagnostics) {
	if d == nil {
		return
	}
	for _, note := range d.Notes {
		s.line(note)
	}
	for _, text := range d.WarningTexts() {
		if s.shows("warn") {
			s.line(config.Render(config.SeverityWarning, text, s.color))
		}
	}
}

func (s *screen) findings(found []check.Finding) {
	for _, f := range s.shown.fresh(found) {
		if s.shows("warn") {
			s.line(s.findingText(f))
		}
	}
}

// findingText is a finding with its mark: the first line in its colour, the others plain.
func (s *screen) findingText(f check.Finding) string {
	look := map[check.Severity]struct{ color, mark string }{check.Error: {red, "✘ "}, check.Warning: {yellow, "▲ "}, check.Note: {cyan, "ℹ "}}[f.Severity]
	head, rest, more := strings.Cut(f.String(), "\n")
	text := s.paint(look.color, look.mark+head)
	if more {
		text += "\n" + rest
	}
	return text
}

func (s *screen) failure(err error) {
	s.line(errorText(err, s.color))
}

func (s *screen) reloadFailed(err error) {
	s.failure(err)
	s.line("The code from before goes on serving.")
}

// banner says what runs: the URLs of the Workers that answer HTTP are by their names.
func (s *screen) banner(e *emulator.Emulator, urls map[string]string, adminURL string, took time.Duration) {
	head := s.paint(bold, "doemu") + " " + version + "  "
	for _, service := range e.Services() {
		s.line(head + s.paint(dim, service.Project().Name))
		head = ""
		rows := bindingRows(e, service.Project())
		width := 0
		for _, r := range rows {
			width = max(width, len(r[0]))
		}
		for _, r := range rows {
			s.line(fmt.Sprintf("  %-*s  %s", width, r[0], s.paint(dim, r[1])))
		}
	}
	if dir := e.StateDir(); dir != "" {
		s.line("  state in " + s.paint(dim, dir))
	} else {
		s.line("  state in " + s.paint(dim, "memory only"))
	}
	s.line("  UI and admin API " + s.paint(dim, adminURL))
	for _, other := range e.Services()[1:] {
		if url := urls[other.Project().Name]; url != "" {
			s.line("  " + other.Project().Name + " on " + s.paint(dim, url))
		}
	}
	s.line(s.paint(green, "Ready on "+urls[e.Services()[0].Project().Name]) + s.paint(dim, fmt.Sprintf("  in %d ms", took.Milliseconds())))
}

// bindingRows are the members of env, as a person reads them.
func bindingRows(e *emulator.Emulator, p *config.Project) [][2]string {
	var rows [][2]string
	for _, b := range p.DurableObjects {
		what := "Durable Object"
		if b.ScriptName != "" && b.ScriptName != p.Name {
			what += ", defined in " + b.ScriptName + connection(e, b.ScriptName, b.ClassName)
		}
		rows = append(rows, [2]string{"env." + b.Name + " (" + b.ClassName + ")", what})
	}
	for _, v := range p.Vars {
		shown := string(v.Value)
		if v.Kind == config.Secret {
			shown = `"(hidden)"`
		}
		rows = append(rows, [2]string{"env." + v.Name + " (" + shown + ")", "Environment Variable"})
	}
	for _, b := range p.Services {
		rows = append(rows, [2]string{"env." + b.Name + " (" + entrypointOf(b) + ")", "Worker" + connection(e, b.Service, "")})
	}
	for _, name := range p.TailConsumers {
		rows = append(rows, [2]string{name, "Tail Worker" + connection(e, name, "")})
	}
	if a := p.Assets; a != nil && a.Binding != "" {
		rows = append(rows, [2]string{"env." + a.Binding, "Assets — not in doemu yet: throws when it is used"})
	}
	for _, b := range p.Unsupported {
		rows = append(rows, [2]string{"env." + b.Name, b.Noun + " — not in doemu yet: throws when it is used"})
	}
	// These are no members of env.
	for _, b := range p.Unserved {
		name := b.Name
		if name == "" {
			name = b.Kind
		}
		rows = append(rows, [2]string{name, b.Noun + " — not in doemu yet: has no effect"})
	}
	return rows
}

func (s *screen) reloaded(worker string, generation int, took time.Duration) {
	s.line(s.paint(green, "Reloaded "+worker) + s.paint(dim, fmt.Sprintf("  generation %d in %d ms", generation, took.Milliseconds())))
}

// event shows an event of the journal in one line.
func (s *screen) event(e journal.Event) {
	if text := s.eventText(e); text != "" {
		s.lines.try(text) // a terminal that is thousands of lines behind misses some
	}
}

func (s *screen) eventText(e journal.Event) string {
	switch e.Kind {
	case journal.Console:
		return s.consoleText(e)
	case journal.Uncaught:
		return s.paint(red, "✘ Uncaught "+e.Error)
	case journal.Request:
		if !s.shows("log") {
			return ""
		}
		color := green
		if e.Status >= 400 {
			color = yellow
		}
		if e.Status >= 500 {
			color = red
		}
		line := fmt.Sprintf("%s %s %s", e.Detail, s.paint(color, fmt.Sprint(e.Status)), s.paint(dim, took(e.Duration)))
		if e.Error != "" {
			line += "\n" + s.paint(red, e.Error)
		}
		return line
	case journal.Reset:
		return s.paint(red, "✘ "+place(e)+" was reset: "+e.Error)
	case journal.Alarm:
		line := s.paint(cyan, "alarm ") + place(e) + " " + s.paint(dim, e.Detail+" "+took(e.Duration))
		if e.Error != "" {
			line += "\n" + s.paint(red, e.Error)
		}
		return line
	case journal.AlarmGiveUp:
		return s.paint(red, "✘ the alarm of "+place(e)+" was given up "+e.Detail+": "+e.Error)
	case journal.Hint:
		if !s.shows(e.Level) {
			return ""
		}
		return s.paint(yellow, "▲ "+hint.Text(e))
	case journal.Reload, journal.RPC, journal.Fetch, journal.Run, journal.AlarmSet, journal.AlarmDelete, journal.AlarmRetry:
		return ""
	}
	if !s.shows("info") {
		return ""
	}
	return s.paint(dim, string(e.Kind)+" "+place(e)+" "+e.Detail)
}

func (s *screen) consoleText(e journal.Event) string {
	if !s.shows(e.Level) {
		return ""
	}
	switch e.Level {
	case "error":
		return s.paint(red, e.Detail)
	case "warn":
		return s.paint(yellow, e.Detail)
	}
	return e.Detail
}

// place names an object, or a Worker.
func place(e journal.Event) string {
	if e.Object == "" {
		return e.Worker
	}
	if e.Name != "" {
		return e.Namespace + "/" + e.Name
	}
	return e.Namespace + "/" + e.Object[:8]
}

func took(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// hotKeys are what the keys do.
type hotKeys struct {
	url, adminURL string
	reload        func()
	quit          func()
}

// open shows an address in a browser, or says that it could not.
func (s *screen) open(url string) {
	if err := openBrowser(url); err != nil {
		s.line("Open " + url + " in a browser.")
	}
}

// hotKeys reads keys from a terminal; restore gives it back as it was.
func (s *screen) hotKeys(ctx context.Context, in io.Reader, do hotKeys) (restore func()) {
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || !s.color {
		return func() {}
	}
	old, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return func() {}
	}
	enableOutput(int(file.Fd()))
	s.line(s.paint(dim, "[o] open  [u] UI  [r] reload  [c] clear  [q] quit"))
	go func() {
		key := make([]byte, 1)
		for ctx.Err() == nil {
			if _, err := file.Read(key); err != nil {
				return
			}
			switch key[0] {
			case 'o', 'b':
				s.open(do.url)
			case 'u':
				s.open(do.adminURL)
			case 'r':
				do.reload()
			case 'c':
				s.line("\x1b[2J\x1b[H")
			case 'q', 'x', 3:
				do.quit()
				return
			}
		}
	}()
	return func() { _ = term.Restore(int(file.Fd()), old) }
}
