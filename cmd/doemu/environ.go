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

// setFromEnviron gives the flags of a command that are not on its command line the values that their
// environment variables have. They count as given then, so that a port is one that was asked for.
func setFromEnviron(cmd *cobra.Command) (err error) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := os.Getenv(variableOf(f.Name))
		if err != nil || f.Changed || value == "" || f.Name == "help" {
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
