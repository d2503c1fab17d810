package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// environHelp is at the end of the help of every command.
const environHelp = `
Each flag has an environment variable: DOEMU_ADMIN_PORT is --admin-port. The flag goes before the variable,
an empty variable counts as none, and one for a flag that may be given more than once has a value per line.
`

// variableOf is the environment variable of a flag.
func variableOf(flag string) string {
	return "DOEMU_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// excludes are flags that go before the variable of another one, as well as before their own: an image that
// sets DOEMU_PERSIST_TO can still be told --ephemeral.
var excludes = map[string]string{"persist-to": "ephemeral", "ephemeral": "persist-to"}

// setFromEnviron gives the flags of a command that are not on its command line the values that their
// environment variables have. They count as given then, so that a port is one that was asked for.
func setFromEnviron(cmd *cobra.Command) (err error) {
	given := map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = true })
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := os.Getenv(variableOf(f.Name))
		if err != nil || given[f.Name] || given[excludes[f.Name]] || value == "" || f.Name == "help" {
			return
		}
		values := []string{value}
		if _, many := f.Value.(pflag.SliceValue); many || f.Value.Type() == portType {
			values = strings.FieldsFunc(value, func(r rune) bool { return r == '\n' })
		}
		for _, v := range values {
			if set := cmd.Flags().Set(f.Name, v); set != nil {
				err = usageError{fmt.Errorf("the environment variable %s: %w", variableOf(f.Name), set)}
				return
			}
		}
	})
	return err
}
