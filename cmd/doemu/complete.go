package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// What a shell waits for when somebody presses Tab, and how many candidates it gets at most.
const (
	completionTime = 250 * time.Millisecond
	mostCandidates = 100
)

// candidates are what an argument may be that has begun so, after the arguments before it.
type candidates func(ctx context.Context, a *admin, args []string, begun string) ([]cobra.Completion, error)

// complete completes arguments by what the doemu has that runs, or by the state directory. Shells show no errors: what
// fails, or takes too long, gives no candidates.
func complete(f *adminFlags, arguments ...candidates) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(arguments) || setFromEnviron(cmd) != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		found := make(chan []cobra.Completion, 1)
		go func() {
			a, err := f.look(ctx)
			if err != nil {
				found <- nil
				return
			}
			all, err := arguments[len(args)](ctx, a, args, begun)
			if err != nil {
				all = nil
			}
			found <- all
			_ = a.close() // nothing was written
		}()
		var all []cobra.Completion
		select {
		case all = <-found:
		case <-ctx.Done():
		}
		return fitting(all, begun), cobra.ShellCompDirectiveNoFileComp
	}
}

// fitting are the candidates that begin with what is there, and that fit on a line.
func fitting(all []cobra.Completion, begun string) (fit []cobra.Completion) {
	for _, c := range all {
		if strings.HasPrefix(c, begun) && !strings.ContainsAny(c, "\r\n") {
			fit = append(fit, c)
		}
	}
	return fit
}

// described is a candidate; one with a tab could not be told from its description.
func described(text, about string) cobra.Completion {
	if strings.Contains(text, "\t") {
		return "\n" // does not fit
	}
	return cobra.CompletionWithDesc(text, about)
}

// namespaceNames are the classes. The unique keys come where several namespaces have the same class, and to who has
// begun with one.
func namespaceNames(ctx context.Context, a *admin, _ []string, begun string) (names []cobra.Completion, err error) {
	all, err := a.namespaces(ctx)
	count := map[string]int{}
	for _, n := range all {
		count[n.Class]++
	}
	for _, n := range all {
		if count[n.Class] == 1 {
			names = append(names, described(n.Class, n.ID))
		}
		if count[n.Class] > 1 || begun != "" {
			names = append(names, described(n.ID, n.Class))
		}
	}
	return names, err
}

// objectNames are the objects of a namespace: their names, or the ids of those that have none.
func objectNames(ctx context.Context, a *admin, args []string, begun string) (names []cobra.Completion, err error) {
	path, err := a.namespacePath(ctx, args[0])
	if err != nil {
		return nil, err
	}
	items, err := a.list(ctx, path+"/objects", url.Values{"prefix": {begun}}, mostCandidates)
	for _, item := range items {
		var o shownObject
		if err := json.Unmarshal(item, &o); err != nil {
			return nil, err
		}
		names = append(names, described(o.called(), o.State))
	}
	return names, err
}

// storedKeys are the keys of an object's key-value storage.
func storedKeys(ctx context.Context, a *admin, args []string, begun string) (keys []cobra.Completion, err error) {
	path, err := a.objectPath(ctx, args[0], args[1])
	if err != nil {
		return nil, err
	}
	items, err := a.list(ctx, path+"/storage/kv", url.Values{"prefix": {begun}}, mostCandidates)
	for _, item := range items {
		var v shownValue
		if err := json.Unmarshal(item, &v); err != nil {
			return nil, err
		}
		keys = append(keys, described(v.Key, v.Type))
	}
	return keys, err
}

// snapshotNames are the snapshots.
func snapshotNames(ctx context.Context, a *admin, _ []string, _ string) (names []cobra.Completion, err error) {
	var all []shownSnapshot
	err = a.call(ctx, http.MethodGet, "snapshots", nil, &all)
	for _, s := range all {
		names = append(names, described(s.Name, s.At.Format(timeForm)))
	}
	return names, err
}

// thenFiles completes the argument after those that f completes by files.
func thenFiles(f cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return f(cmd, args, begun)
	}
}

// completeObject completes NAMESPACE/OBJECT.
func completeObject(f *adminFlags) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		namespace, object, slash := strings.Cut(begun, "/")
		if !slash {
			all, _ := complete(f, namespaceNames)(cmd, nil, begun)
			return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		all, directive := complete(f, nil, objectNames)(cmd, []string{namespace}, object)
		for n := range all {
			all[n] = namespace + "/" + all[n]
		}
		return all, directive
	}
}

// completeDirectory completes the path of a project.
func completeDirectory(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeFlags completes the values of those flags of a command, and of the commands below it, that are files,
// directories or one of a few words.
func completeFlags(cmd *cobra.Command) {
	words := map[string][]cobra.Completion{
		"limits": {"production", "workerd", "off"}, "eviction": {"prod", "fast", "never"}, "clock": {realClock, frozenClock}, "log-level": levels,
		"state": {"active", "idle", "hibernated", "evicted"},
	}
	// Registering fails for a flag that there is not.
	for name, all := range words {
		if cmd.Flags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	_ = cmd.MarkFlagFilename("config", "json", "jsonc", "toml")
	_ = cmd.MarkPersistentFlagFilename("config", "json", "jsonc", "toml")
	for _, name := range []string{"persist-to", "registry"} {
		_ = cmd.MarkFlagDirname(name)
		_ = cmd.MarkPersistentFlagDirname(name)
	}
	for _, below := range cmd.Commands() {
		completeFlags(below)
	}
}
