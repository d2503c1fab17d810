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
)

// shownObject is an object as a person reads it.
type shownObject struct {
	Namespace, ID, Name, State string
	PinnedBy                   []struct{ Kind, Detail string }
	Alarm                      *shownAlarm
	Sockets, Generation, Keys  int
	Bytes                      int64
	LastEvent                  *shownEvent
	Tables                     []struct {
		Name string
		Rows int64
	}
	Facets []struct {
		Path  []string
		Bytes int64
	}
	Events []shownEvent
}

type shownEvent struct {
	Time                time.Time
	Kind, Detail, Error string
}

func (e *shownEvent) String() string {
	if e == nil {
		return "-"
	}
	text := e.Time.Format(timeForm) + " " + e.Kind
	if e.Detail != "" {
		text += " " + e.Detail
	}
	if e.Error != "" {
		text += ": " + e.Error
	}
	return text
}

// called is the object's name, or the beginning of its id.
func (o shownObject) called() string {
	if o.Name != "" {
		return o.Name
	}
	return o.ID
}

func objectsCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	var state, prefix string
	var limit int
	ls := &cobra.Command{Use: "ls [NAMESPACE]", Short: "List objects, of one namespace or of all, without waking them", Args: args(0, 1), ValidArgsFunction: complete(f, namespaceNames),
		Example: `  doemu objects ls
  doemu objects ls Room --state hibernated
  doemu objects ls Room --prefix lob --json`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			paths, err := a.allNamespaces(ctx, args)
			if err != nil {
				return nil, err
			}
			all := []json.RawMessage{}
			for _, path := range paths {
				query := url.Values{}
				for name, value := range map[string]string{"state": state, "prefix": prefix} {
					if value != "" {
						query.Set(name, value)
					}
				}
				items, err := a.list(ctx, path+"/objects", query, limit)
				if err != nil {
					return nil, err
				}
				key, err := url.PathUnescape(strings.TrimPrefix(path, "namespaces/"))
				if err != nil {
					return nil, err
				}
				for _, item := range items {
					all = append(all, withNamespace(key, item))
				}
			}
			return json.Marshal(all)
		}, func(objects []shownObject) {
			t := newTable(c.out, "NAMESPACE", "OBJECT", "STATE", "SOCKETS", "ALARM", "BYTES", "LAST EVENT")
			for _, o := range objects {
				t.row(o.Namespace, o.called(), o.State, strconv.Itoa(o.Sockets), o.Alarm.due(), strconv.FormatInt(o.Bytes, 10), o.LastEvent.String())
			}
			t.end()
		})}
	ls.Flags().StringVar(&state, "state", "", "only those that are active, idle, hibernated or evicted")
	ls.Flags().StringVar(&prefix, "prefix", "", "only those whose id or name begins so")
	ls.Flags().IntVar(&limit, "limit", 0, "how many to list of a namespace; 0 for all")

	get := &cobra.Command{Use: "get NAMESPACE OBJECT", Short: "Show all of an object, without waking it", Args: args(2, 2), ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example: `  doemu objects get Room lobby
  doemu objects get Room lobby --persist-to backup`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			path, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			return a.result(ctx, http.MethodGet, path, nil)
		}, func(o shownObject) { showObject(c, o) })}

	rm := &cobra.Command{Use: "rm NAMESPACE OBJECT", Short: "Delete an object: its storage, its alarm and its WebSockets", Args: args(2, 2),
		ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example:           `  doemu objects rm Room lobby`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			path, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			return a.result(ctx, http.MethodDelete, path, nil)
		}, func(struct{}) { fmt.Fprintln(c.out, "deleted") })}

	closeSockets := false
	evict := &cobra.Command{Use: "evict NAMESPACE OBJECT", Short: "Take an object out of memory, once it is idle", Args: args(2, 2), ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example: `  doemu objects evict Room lobby
  doemu objects evict Room lobby --close-sockets`,
		RunE: live(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			path, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			mode := "hibernate"
			if closeSockets {
				mode = "close"
			}
			return a.result(ctx, http.MethodPost, path+"/evict", map[string]string{"webSockets": mode})
		}, func(struct{}) { fmt.Fprintln(c.out, "evicted") })}
	evict.Flags().BoolVar(&closeSockets, "close-sockets", false, "end its WebSockets, instead of letting them hibernate")

	rpc := &cobra.Command{Use: "rpc NAMESPACE OBJECT METHOD [ARG]...", Short: "Call a method of an object; arguments are JSON",
		Args: args(3, 1000), ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example: `  doemu objects rpc Counter a increment 5
  doemu objects rpc Room lobby post '{"from": "me", "text": "hello"}'`,
		RunE: live(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			values := []json.RawMessage{}
			for _, arg := range args[3:] {
				if !json.Valid([]byte(arg)) {
					return nil, usageError{fmt.Errorf("the argument %s is not JSON; text needs quotes: %s", arg, strconv.Quote(arg))}
				}
				values = append(values, json.RawMessage(arg))
			}
			path, err := a.objectPath(ctx, args[0], args[1])
			if err != nil {
				return nil, err
			}
			return a.result(ctx, http.MethodPost, path+"/rpc/"+url.PathEscape(args[2]), map[string]any{"args": values})
		}, func(v shownValue) { fmt.Fprintln(c.out, v) })}

	return group("objects", "See objects, call, evict and delete them; when no doemu runs, those in the state directory", `  doemu objects ls
  doemu objects ls Room --state hibernated
  doemu objects get Room lobby
  doemu objects rpc Counter a increment 5
  doemu objects evict Room lobby
  doemu objects rm Room lobby`, f, ls, get, rm, evict, rpc)
}

// withNamespace adds the namespace to an object of a list.
func withNamespace(key string, object json.RawMessage) json.RawMessage {
	head, err := json.Marshal(map[string]string{"namespace": key})
	if err != nil || len(object) < 2 {
		return object
	}
	return append(append(head[:len(head)-1], ','), object[1:]...)
}

func showObject(c *console, o shownObject) {
	t := table{newTable(c.out, "namespace", o.Namespace).Writer}
	t.row("id", o.ID)
	t.row("name", orDash(o.Name))
	t.row("state", o.State)
	for _, p := range o.PinnedBy {
		t.row("kept by", strings.TrimSpace(p.Kind+" "+p.Detail))
	}
	t.row("alarm", o.Alarm.due())
	t.row("sockets", strconv.Itoa(o.Sockets))
	t.row("bytes", strconv.FormatInt(o.Bytes, 10))
	t.row("keys", strconv.Itoa(o.Keys))
	for _, table := range o.Tables {
		t.row("table", table.Name+", "+strconv.FormatInt(table.Rows, 10)+" rows")
	}
	for _, f := range o.Facets {
		t.row("facet", strings.Join(f.Path, " / ")+", "+bytesText(f.Bytes))
	}
	for _, e := range o.Events {
		t.row("event", e.String())
	}
	t.end()
}

// shownValue is a stored value as a person reads it.
type shownValue struct {
	Key, Type, Preview string
	JSON               json.RawMessage
}

func (v shownValue) String() string {
	if v.JSON != nil {
		return string(v.JSON)
	}
	return v.Preview
}

// jsonArgument is a value that a person gave as JSON, or "-" for what is read from in.
func jsonArgument(c *console, text string) (json.RawMessage, error) {
	if text == "-" {
		var value json.RawMessage
		err := json.NewDecoder(c.in).Decode(&value)
		if err != nil {
			err = usageError{fmt.Errorf("the input is not JSON: %w", err)}
		}
		return value, err
	}
	if !json.Valid([]byte(text)) {
		return nil, usageError{errors.New("the value is not JSON: " + text + "; text needs quotes: " + strconv.Quote(text))}
	}
	return json.RawMessage(text), nil
}
