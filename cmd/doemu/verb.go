package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// request asks the admin API for something that verb or live is to show.
type request func(ctx context.Context, a *admin, args []string) (json.RawMessage, error)

// verb is a command that asks for something that needs no code, and shows it: as JSON, or as show does. When
// no doemu runs it works on the state directory.
func verb[T any](c *console, f *adminFlags, do request, show func(result T)) func(*cobra.Command, []string) error {
	return ask(c, f, f.open, do, show)
}

// live is verb for what only a running doemu can do.
func live[T any](c *console, f *adminFlags, do request, show func(result T)) func(*cobra.Command, []string) error {
	return ask(c, f, f.find, do, show)
}

func ask[T any](c *console, f *adminFlags, open func(context.Context) (*admin, error), do request, show func(result T)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a, err := open(cmd.Context())
		if err != nil {
			return err
		}
		a.progress = newProgress(c.err, cmd.CommandPath())
		raw, err := do(cmd.Context(), a, args)
		a.progress.end()
		if err := errors.Join(err, a.close()); err != nil {
			return err
		}
		if f.json {
			fmt.Fprintln(c.out, string(raw))
			return nil
		}
		var result T
		if err := json.Unmarshal(raw, &result); err != nil {
			return fmt.Errorf("read the answer of %s: %w", a.url, err)
		}
		show(result)
		return nil
	}
}

// result is what the API gives, as JSON.
func (a *admin) result(ctx context.Context, method, path string, body any) (json.RawMessage, error) {
	var raw json.RawMessage
	err := a.call(ctx, method, path, body, &raw)
	return raw, err
}

// table writes rows in columns.
type table struct{ *tabwriter.Writer }

func newTable(out io.Writer, header ...string) table {
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	t.row(header...)
	return t
}

// row writes a row; what would break the columns is written as Go writes it in a string.
func (t table) row(cells ...string) {
	for n, cell := range cells {
		cells[n] = strings.NewReplacer("\t", `\t`, "\n", `\n`, "\r", `\r`, "\v", `\v`, "\f", `\f`, "\x1b", `\x1b`).Replace(cell)
	}
	fmt.Fprintln(t, strings.Join(cells, "\t"))
}

func (t table) end() { _ = t.Flush() } // whoever cannot be written to has gone

// timeForm is how people read times.
const timeForm = "2006-01-02 15:04:05.000"

// when shows a time, or a dash for none.
func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(timeForm)
}

// orDash shows text that may be empty.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

var hexID = regexp.MustCompile(`^[0-9a-f]{64}$`)

// objectPath is the path of an object. It is named by its id or by its name; the namespace by its unique
// key or, if no other has it, by its class.
func (a *admin) objectPath(ctx context.Context, namespace, object string) (string, error) {
	path, err := a.namespacePath(ctx, namespace)
	if err != nil {
		return "", err
	}
	if !hexID.MatchString(object) {
		object = "name:" + strings.TrimPrefix(object, "name:")
	}
	return path + "/objects/" + url.PathEscape(object), nil
}

func (a *admin) namespacePath(ctx context.Context, namespace string) (string, error) {
	key, err := a.namespaceKey(ctx, namespace)
	return "namespaces/" + url.PathEscape(key), err
}

// namespaceKey is the unique key of a namespace that is named by it or by its class.
func (a *admin) namespaceKey(ctx context.Context, namespace string) (string, error) {
	all, err := a.namespaces(ctx)
	if err != nil {
		return "", err
	}
	var keys, matches []string
	for _, n := range all {
		keys = append(keys, n.ID)
		if n.ID == namespace {
			return n.ID, nil
		}
		if n.Class == namespace {
			matches = append(matches, n.ID)
		}
	}
	switch len(matches) {
	case 0:
		return "", fmt.Errorf("there is no namespace %s; there are: %s", namespace, strings.Join(keys, ", "))
	case 1:
		return matches[0], nil
	}
	return "", fmt.Errorf("several namespaces have the class %s: name one of %s", namespace, strings.Join(matches, ", "))
}

// shownNamespace is what the commands use of a namespace.
type shownNamespace struct {
	ID, Class string
	Objects   int64
}

func (a *admin) namespaces(ctx context.Context) (all []shownNamespace, err error) {
	err = a.call(ctx, http.MethodGet, "namespaces", nil, &all)
	return all, err
}

// allNamespaces are the paths of the namespaces that are named, or of all.
func (a *admin) allNamespaces(ctx context.Context, named []string) (paths []string, err error) {
	for _, name := range named {
		path, err := a.namespacePath(ctx, name)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	if len(named) > 0 {
		return paths, nil
	}
	all, err := a.namespaces(ctx)
	for _, n := range all {
		paths = append(paths, "namespaces/"+url.PathEscape(n.ID))
	}
	return slices.Clip(paths), err
}

// group is a command whose work is done by those below it.
func group(use, short, example string, f *adminFlags, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		var names []string
		for _, v := range verbs {
			names = append(names, v.Name())
		}
		return usageError{fmt.Errorf("doemu %s needs one of: %s", use, strings.Join(names, ", "))}
	}}
	f.add(cmd.PersistentFlags())
	cmd.AddCommand(verbs...)
	return cmd
}

// args checks the number of arguments.
func args(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if len(given) < least || len(given) > most {
			return usageError{fmt.Errorf("doemu %s takes other arguments: doemu %s", cmd.Name(), cmd.UseLine()[len("doemu "):])}
		}
		return nil
	}
}
