package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/doemu/doemu/emulator/clock"
)

// shownAlarm is an alarm as a person reads it.
type shownAlarm struct {
	Namespace, Object, Name string
	At, Next                time.Time
	Attempt                 int
	Running                 bool
	LastError               string
}

// due says when the alarm runs next.
func (a *shownAlarm) due() string {
	switch {
	case a == nil:
		return "-"
	case a.Running:
		return "running"
	}
	return when(&a.Next)
}

func (a *shownAlarm) called() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Object
}

func alarmCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	one := func(method, path string) func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
		return func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			object, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			return a.result(ctx, method, object+path, nil)
		}
	}
	ls := &cobra.Command{Use: "ls [NAMESPACE]", Short: "List alarms in the order in which they run next", Args: args(0, 1), ValidArgsFunction: complete(f, namespaceNames),
		Example: `  doemu alarm ls
  doemu alarm ls Room --json`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			all, err := a.result(ctx, http.MethodGet, "alarms", nil)
			if err != nil || len(args) == 0 {
				return all, err
			}
			path, err := a.namespacePath(ctx, args[0])
			if err != nil {
				return nil, err
			}
			var alarms []json.RawMessage
			if err := json.Unmarshal(all, &alarms); err != nil {
				return nil, err
			}
			mine := []json.RawMessage{}
			for _, text := range alarms {
				var alarm shownAlarm
				if err := json.Unmarshal(text, &alarm); err != nil {
					return nil, err
				}
				if "namespaces/"+url.PathEscape(alarm.Namespace) == path {
					mine = append(mine, text)
				}
			}
			return json.Marshal(mine)
		}, func(alarms []shownAlarm) {
			t := newTable(c.out, "NAMESPACE", "OBJECT", "NEXT", "SET FOR", "FAILED", "LAST ERROR")
			for _, a := range alarms {
				t.row(a.Namespace, a.called(), a.due(), when(&a.At), strconv.Itoa(a.Attempt), orDash(a.LastError))
			}
			t.end()
		})}
	set := &cobra.Command{Use: "set NAMESPACE OBJECT TIME", Short: "Set or move an alarm: RFC 3339, a date, milliseconds since 1970, or +DURATION", Args: args(3, 3),
		ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example: `  doemu alarm set Room lobby 2027-01-01T00:00:00Z
  doemu alarm set Room lobby +90s`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			at, err := alarmTime(ctx, a, args[2])
			if err != nil {
				return nil, err
			}
			object, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			return a.result(ctx, http.MethodPut, object+"/alarm", map[string]string{"at": at.Format(time.RFC3339Nano)})
		}, func(r struct{ Alarm *shownAlarm }) { fmt.Fprintln(c.out, "set for", r.Alarm.due()) })}
	fire := &cobra.Command{Use: "fire NAMESPACE OBJECT", Short: "Run an alarm now, and wait for its end; exits with 1 if the handler fails", Args: args(2, 2),
		ValidArgsFunction: complete(f, namespaceNames, objectNames), Example: `  doemu alarm fire Room lobby`}
	fire.RunE = func(cmd *cobra.Command, args []string) error {
		var failure string
		err := live(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			raw, err := one(http.MethodPost, "/alarm/fire")(ctx, a, args)
			if err != nil {
				return nil, err
			}
			var outcome struct{ Error string }
			err = json.Unmarshal(raw, &outcome)
			failure = outcome.Error
			return raw, err
		}, func(r struct{ Alarm *shownAlarm }) {
			if failure == "" {
				fmt.Fprintln(c.out, "done")
			}
			if r.Alarm != nil {
				fmt.Fprintln(c.out, "next:", r.Alarm.due())
			}
		})(cmd, args)
		if err == nil && failure != "" {
			err = errors.New("the alarm's handler failed: " + failure)
		}
		return err
	}
	rm := &cobra.Command{Use: "rm NAMESPACE OBJECT", Short: "Delete an alarm", Args: args(2, 2), ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example: `  doemu alarm rm Room lobby`,
		RunE:    verb(c, f, one(http.MethodDelete, "/alarm"), func(struct{}) { fmt.Fprintln(c.out, "deleted") })}
	return group("alarm", "See, set, fire and delete the alarms of objects", `  doemu alarm ls
  doemu alarm set Room lobby 2027-01-01T00:00:00Z
  doemu alarm set Room lobby +90s
  doemu alarm fire Room lobby
  doemu alarm rm Room lobby`, f, ls, set, fire, rm)
}

// alarmTime reads a time, or a duration from now by the emulator's clock.
func alarmTime(ctx context.Context, a *admin, text string) (time.Time, error) {
	duration, relative := strings.CutPrefix(text, "+")
	if !relative {
		at, err := clock.ParseTime(text)
		if err != nil {
			err = usageError{err}
		}
		return at, err
	}
	d, err := parseDuration(duration)
	if err != nil {
		return time.Time{}, usageError{err}
	}
	var shown struct{ Now time.Time }
	err = a.call(ctx, http.MethodGet, "clock", nil, &shown)
	return shown.Now.Add(d), err
}
