package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func resetCommand(c *console) *cobra.Command {
	f := &adminFlags{}
	var yes bool
	cmd := &cobra.Command{
		Use: "reset [NAMESPACE [OBJECT]]", Short: "Delete all objects, those of a namespace, or one", Args: args(0, 2), ValidArgsFunction: complete(f, namespaceNames, objectNames),
		Example: `  doemu reset Room lobby
  doemu reset Room
  doemu reset --yes              all objects, without a question`,
		RunE: verb(c, f, func(ctx context.Context, a *admin, args []string) (json.RawMessage, error) {
			body := map[string]string{}
			switch len(args) {
			case 0:
				if err := confirm(c, yes, "Delete all objects of all namespaces?"); err != nil {
					return nil, err
				}
			case 2:
				if body["object"] = args[1]; !hexID.MatchString(args[1]) {
					body["object"] = "name:" + strings.TrimPrefix(args[1], "name:")
				}
				fallthrough
			case 1:
				key, err := a.namespaceKey(ctx, args[0])
				if err != nil {
					return nil, err
				}
				body["namespace"] = key
			}
			stop := a.progress.follow(ctx, func(ctx context.Context) (left int64, err error) {
				all, err := a.namespaces(ctx)
				for _, n := range all {
					if body["namespace"] == "" || body["namespace"] == n.ID {
						left += n.Objects
					}
				}
				return left, err
			})
			defer stop()
			return a.result(ctx, http.MethodPost, "reset", body)
		}, func(r struct{ Deleted int }) {
			if r.Deleted == 1 {
				fmt.Fprintln(c.out, "1 object deleted")
			} else {
				fmt.Fprintln(c.out, r.Deleted, "objects deleted")
			}
		}),
	}
	f.add(cmd.Flags())
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// confirm asks a person; a program has to say --yes.
func confirm(c *console, yes bool, question string) error {
	if yes {
		return nil
	}
	file, ok := c.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return usageError{errors.New("nobody can be asked here: say --yes to delete all objects")}
	}
	fmt.Fprint(c.err, question, " [y/N] ")
	answer, err := bufio.NewReader(c.in).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); err == nil && (answer == "y" || answer == "yes") {
		return nil
	}
	return errors.New("nothing was deleted")
}
