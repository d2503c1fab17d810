package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func snapshotCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	return group("snapshot", "Save states, go back to them, compare them", `  doemu snapshot save before
  doemu snapshot diff before          what has changed since
  doemu snapshot restore before
  doemu snapshot export before before.tar.gz`, f,
		snapshotSave(c, f), snapshotList(c, f), snapshotRestore(c, f), snapshotDiff(c, f), snapshotRemove(c, f), snapshotExport(c, f), snapshotImport(c, f))
}

// shownSnapshot is what the commands show of a snapshot.
type shownSnapshot struct {
	Name    string
	At      time.Time
	Whole   bool
	Objects int
	Bytes   int64
}

func (s shownSnapshot) String() string {
	return fmt.Sprintf("%s: %s, %s", s.Name, counted(s.Objects, "object"), bytesText(s.Bytes))
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// bytesText is a size as people read it.
func bytesText(n int64) string {
	const kib = 1024
	switch {
	case n < kib:
		return fmt.Sprintf("%d B", n)
	case n < kib*kib:
		return fmt.Sprintf("%.1f KiB", float64(n)/kib)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/kib/kib)
}

func snapshotSave(c *console, f *adminFlags) *cobra.Command {
	var objects []string
	cmd := &cobra.Command{
		Use: "save [NAME]", Short: "Save the state at one instant: all of it, or chosen objects", Args: args(0, 1),
		Example: `  doemu snapshot save
  doemu snapshot save before --object Room/lobby --object Player`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			type place struct {
				Namespace string `json:"namespace"`
				Object    string `json:"object,omitempty"`
			}
			body := struct {
				Name    string  `json:"name,omitempty"`
				Objects []place `json:"objects,omitempty"`
			}{Name: append(args, "")[0]}
			for _, named := range objects {
				namespace, object, _ := strings.Cut(named, "/")
				key, err := a.namespaceKey(ctx, namespace)
				if err != nil {
					return nil, err
				}
				if object != "" && !hexID.MatchString(object) {
					object = "name:" + strings.TrimPrefix(object, "name:")
				}
				body.Objects = append(body.Objects, place{key, object})
			}
			return a.result(ctx, http.MethodPost, "snapshots", body)
		}, func(s shownSnapshot) { fmt.Fprintln(c.out, "saved", s) }),
	}
	cmd.ValidArgsFunction = complete(f)
	cmd.Flags().StringArrayVar(&objects, "object", nil, "NAMESPACE/OBJECT or NAMESPACE that is saved instead of everything; can be given again")
	// Only a second registration of the same flag fails.
	_ = cmd.RegisterFlagCompletionFunc("object", completeObject(f))
	return cmd
}

func snapshotList(c *console, f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List the snapshots, the newest first", Args: args(0, 0), Example: `  doemu snapshot ls --json`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, _ []string) (json.RawMessage, error) {
			return a.result(ctx, http.MethodGet, "snapshots", nil)
		}, func(all []shownSnapshot) {
			t := newTable(c.out, "NAME", "AT", "OF", "OBJECTS", "BYTES")
			for _, s := range all {
				of := "chosen objects"
				if s.Whole {
					of = "everything"
				}
				t.row(s.Name, s.At.Format(timeForm), of, fmt.Sprint(s.Objects), fmt.Sprint(s.Bytes))
			}
			t.end()
		}),
	}
}

func snapshotPath(name string) string { return "snapshots/" + url.PathEscape(name) }

func snapshotRestore(c *console, f *adminFlags) *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use: "restore NAME", Short: "Go back to a snapshot", Args: args(1, 1), ValidArgsFunction: complete(f, snapshotNames),
		Long: `Makes the state what it was: objects of the snapshot are reset, and those that it covers and does not have are
deleted. A snapshot of everything takes the clock back, too.`,
		Example: `  doemu snapshot restore before
  doemu snapshot restore before --keep-sockets`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			body := map[string]string{"webSockets": "close"}
			if keep {
				body["webSockets"] = "keep"
			}
			return a.result(ctx, http.MethodPost, snapshotPath(args[0])+"/restore", body)
		}, func(r struct{ Restored, Deleted int }) {
			fmt.Fprintf(c.out, "%s restored, %d deleted\n", counted(r.Restored, "object"), r.Deleted)
		}),
	}
	cmd.Flags().BoolVar(&keep, "keep-sockets", false, "keep the WebSockets of restored objects connected")
	return cmd
}

// shownComparison is what the commands show of a comparison.
type shownComparison struct {
	Objects []struct {
		Namespace, ID, Name, Change string
		Alarm                       *struct{ Before, After *time.Time }
		Keys                        []struct {
			Key           string
			Before, After *struct{ Preview string }
		}
		Tables []struct {
			Table, Change, SQLBefore, SQLAfter string
			Rows                               []struct{ Before, After json.RawMessage }
			More                               bool
		}
		More bool
	}
	More bool
}

func snapshotDiff(c *console, f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use: "diff NAME [OTHER]", Short: "Show what differs between two snapshots, or one and now", Args: args(1, 2),
		ValidArgsFunction: complete(f, snapshotNames, snapshotNames),
		Example: `  doemu snapshot diff before
  doemu snapshot diff before after --json`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			return a.result(ctx, http.MethodGet, snapshotPath(args[0])+"/diff/"+url.PathEscape(append(args, "now")[1]), nil)
		}, func(d shownComparison) { showComparison(c.out, d) }),
	}
}

func showComparison(out io.Writer, d shownComparison) {
	if len(d.Objects) == 0 {
		fmt.Fprintln(out, "nothing differs")
	}
	marks := map[string]string{"added": "+", "removed": "-", "changed": "~"}
	pair := func(indent, what, before, after string) {
		if before != "" {
			fmt.Fprintf(out, "%s- %s%s\n", indent, what, before)
		}
		if after != "" {
			fmt.Fprintf(out, "%s+ %s%s\n", indent, what, after)
		}
	}
	for _, o := range d.Objects {
		name := o.Name
		if name == "" {
			name = o.ID
		}
		fmt.Fprintf(out, "%s %s %s\n", marks[o.Change], o.Namespace, name)
		if o.Alarm != nil {
			pair("    ", "alarm ", dashless(o.Alarm.Before), dashless(o.Alarm.After))
		}
		for _, k := range o.Keys {
			before, after := "", ""
			if k.Before != nil {
				before = k.Before.Preview
			}
			if k.After != nil {
				after = k.After.Preview
			}
			pair("    ", fmt.Sprintf("%q: ", k.Key), before, after)
		}
		for _, t := range o.Tables {
			fmt.Fprintf(out, "    %s table %s\n", marks[t.Change], t.Table)
			if t.SQLBefore != t.SQLAfter {
				pair("        ", "", t.SQLBefore, t.SQLAfter)
			}
			for _, r := range t.Rows {
				pair("        ", "", rowText(r.Before), rowText(r.After))
			}
			if t.More {
				fmt.Fprintln(out, "        … and more rows")
			}
		}
		if o.More {
			fmt.Fprintln(out, "    … and more keys")
		}
	}
	if d.More {
		fmt.Fprintln(out, "… and more objects")
	}
}

func dashless(t *time.Time) string {
	if t == nil {
		return ""
	}
	return when(t)
}

func rowText(row json.RawMessage) string {
	if string(row) == "null" {
		return ""
	}
	return string(row)
}

func snapshotRemove(c *console, f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use: "rm NAME", Short: "Delete a snapshot", Args: args(1, 1), ValidArgsFunction: complete(f, snapshotNames), Example: `  doemu snapshot rm before`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			return a.result(ctx, http.MethodDelete, snapshotPath(args[0]), nil)
		}, func(struct{}) { fmt.Fprintln(c.out, "deleted") }),
	}
}

func snapshotExport(c *console, f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use: "export NAME FILE", Short: "Pack a snapshot into an archive, a compressed tar of SQLite files", Args: args(2, 2),
		ValidArgsFunction: thenFiles(complete(f, snapshotNames)),
		Example:           `  doemu snapshot export before before.tar.gz`,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := f.open(cmd.Context())
			if err != nil {
				return err
			}
			a.progress = newProgress(c.err, cmd.CommandPath())
			defer a.progress.end()
			return errors.Join(a.download(cmd.Context(), "/api/v1/"+snapshotPath(args[0])+"/archive", args[1]), a.close())
		},
	}
}

func snapshotImport(c *console, f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use: "import FILE [NAME]", Short: "Take a snapshot from an archive", Args: args(1, 2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []cobra.Completion{"gz"}, cobra.ShellCompDirectiveFilterFileExt
		},
		Long:    "Takes a snapshot from an archive that doemu snapshot export wrote, and keeps it under a name, or under that of the file.",
		Example: `  doemu snapshot import before.tar.gz`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			name := strings.TrimSuffix(filepath.Base(args[0]), ".tar.gz")
			if len(args) > 1 {
				name = args[1]
			}
			archive, err := os.Open(args[0])
			if err != nil {
				return nil, err
			}
			defer archive.Close()
			about, err := archive.Stat()
			if err != nil {
				return nil, err
			}
			return a.upload(ctx, snapshotPath(name)+"/archive", a.progress.counted(archive, about.Size()))
		}, func(s shownSnapshot) { fmt.Fprintln(c.out, "imported", s) }),
	}
}

// download writes what is answered at a path into a file, which is there as a whole or not at all.
func (a *admin) download(ctx context.Context, path, file string) (err error) {
	res, err := a.open(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		_, err := a.answer(res)
		return err
	}
	to, err := os.CreateTemp(filepath.Dir(file), ".doemu-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(to.Name()))
		}
	}()
	_, err = io.Copy(to, a.progress.counted(res.Body, res.ContentLength))
	if err = errors.Join(err, to.Chmod(0o644), to.Close()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.Rename(to.Name(), file)
}

// upload sends an archive and gives the result.
func (a *admin) upload(ctx context.Context, path string, body io.Reader) (json.RawMessage, error) {
	res, err := a.open(ctx, http.MethodPost, "/api/v1/"+path, "application/gzip", body)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := a.answer(res)
	return answer.Result, err
}
