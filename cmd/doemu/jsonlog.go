package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/doemu/doemu/emulator/check"
	"github.com/doemu/doemu/emulator/config"
	"github.com/doemu/doemu/emulator/journal"
)

// jsonLog tells what happens in lines of JSON, as log/slog writes them. Events of the journal have its
// fields, and its times: those of the emulator's clock.
type jsonLog struct {
	threshold
	lines   *lines
	log     *slog.Logger
	shown   shownFindings
	dropped atomic.Int64 // events since the last one that was written
}

func newJSONLog(out io.Writer, level string) (*jsonLog, error) {
	t, err := parseThreshold(level)
	if err != nil {
		return nil, err
	}
	j := &jsonLog{threshold: t, lines: newLines(out)}
	j.log = slog.New(slog.NewJSONHandler(lineWriter(func(line string) { j.lines.line(line) }), &slog.HandlerOptions{Level: slogLevels[levels[t]]}))
	return j, nil
}

// slogLevels are the levels of slog; it has fewer.
var slogLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "log": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	"none": slog.LevelError + 1,
}

// lineWriter gets a line with each write.
type lineWriter func(line string)

func (w lineWriter) Write(b []byte) (int, error) {
	w(strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}

func (j *jsonLog) logger() *slog.Logger { return j.log }

func (j *jsonLog) buildLine(text string) { j.log.Info(text, "kind", "build") }

func (j *jsonLog) diagnostics(d *config.Diagnostics) {
	if d == nil {
		return
	}
	for _, note := range d.Notes {
		j.log.Info(note, "kind", "config")
	}
	for _, text := range d.WarningTexts() {
		j.log.Warn(text, "kind", "config")
	}
}

func (j *jsonLog) findings(found []check.Finding) {
	for _, f := range j.shown.fresh(found) {
		level := slog.LevelWarn
		if f.Severity == check.Note {
			level = slog.LevelInfo
		}
		attrs := []slog.Attr{slog.String("kind", "check")}
		if code := f.Mistake.Code(); code != "" {
			attrs = append(attrs, slog.Int("mistake", f.Mistake.Number()), slog.String("code", code), slog.String("link", f.Mistake.Link()))
		}
		j.log.LogAttrs(context.Background(), level, f.Text, append(attrs, slog.String("source", f.Pos.String()), slog.String("fix", f.Fix))...)
	}
}

func (j *jsonLog) failure(err error) {
	j.log.Error(strings.TrimSpace(errorText(err, false)), "kind", "failure")
}

func (j *jsonLog) reloadFailed(err error) {
	j.failure(err)
	j.log.Warn("the code from before goes on serving", "kind", "reload")
}

func (j *jsonLog) reloaded(worker string, generation int, took time.Duration) {
	j.log.Info("reloaded", "kind", "reload", "worker", worker, "generation", generation, "ms", milliseconds(took))
}

func (j *jsonLog) ending() { j.log.Info("shutting down", "kind", "end") }

func (j *jsonLog) close() { j.lines.close() }

// event must not wait, as the journal is locked: what comes while thousands of lines wait is counted.
func (j *jsonLog) event(e journal.Event) {
	level := eventLevel(e)
	if e.Kind == journal.Reload || !j.shows(level) {
		return // reloaded and failure have told of a reload
	}
	if n := j.dropped.Load(); n > 0 && j.lines.try(encode(slog.NewRecord(e.Time, slog.LevelWarn, fmt.Sprintf("%d events are missing here: the log is read too slowly", n), 0))) {
		j.dropped.Add(-n)
	}
	if !j.lines.try(encode(eventRecord(e, slogLevels[level]))) {
		j.dropped.Add(1)
	}
}

// encode is a record as JSON.
func encode(r slog.Record) (line string) {
	handler := slog.NewJSONHandler(lineWriter(func(text string) { line = text }), &slog.HandlerOptions{Level: slog.LevelDebug})
	_ = handler.Handle(context.Background(), r) // the writer never fails
	return line
}

// eventLevel is the level of an event; what programs write has that of their console call.
func eventLevel(e journal.Event) string {
	switch e.Kind {
	case journal.Console, journal.Hint:
		return e.Level
	case journal.Uncaught, journal.Reset, journal.AlarmGiveUp:
		return "error"
	case journal.AlarmRetry:
		return "warn"
	case journal.Request, journal.Alarm:
		return "log"
	case journal.RPC, journal.Fetch, journal.Run, journal.AlarmSet, journal.AlarmDelete:
		return "debug"
	}
	return "info"
}

func eventRecord(e journal.Event, level slog.Level) slog.Record {
	message := e.Detail
	if message == "" {
		message = string(e.Kind)
	}
	r := slog.NewRecord(e.Time, level, message, 0)
	r.AddAttrs(slog.String("kind", string(e.Kind)))
	for _, field := range []struct{ key, value string }{
		{"worker", e.Worker}, {"namespace", e.Namespace}, {"object", e.Object}, {"name", e.Name}, {"error", e.Error},
	} {
		if field.value != "" {
			r.AddAttrs(slog.String(field.key, field.value))
		}
	}
	if h := e.Hint; h != nil {
		r.AddAttrs(slog.Int("mistake", h.Mistake), slog.String("code", h.Code), slog.String("source", h.Source), slog.String("link", h.Link))
	}
	if e.Generation != 0 {
		r.AddAttrs(slog.Int("generation", e.Generation))
	}
	if e.Status != 0 {
		r.AddAttrs(slog.Int("status", e.Status))
	}
	if e.Duration != 0 {
		r.AddAttrs(slog.Float64("ms", milliseconds(e.Duration)))
	}
	return r
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
