package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotRunning  = 3
	exitInterrupted = 130
)

// version is set by the release build.
var version = "dev"

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// usageError is a mistake on the command line.
type usageError struct{ error }

// shownError is an error that the user has seen already.
type shownError struct{ error }

// run is the program: everything that it uses is given, so that tests can call it.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	root := rootCommand(&console{in, out, errw})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	var shown shownError
	var notRunning notRunningError
	var command commandError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &command):
		return command.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &shown):
		return exitFailed
	case errors.As(err, &usage), isUsage(err):
		fmt.Fprintf(errw, "Error: %v\nTry:   doemu --help\n", err)
		return exitUsage
	}
	fmt.Fprintf(errw, "Error: %v\n", err)
	if errors.As(err, &notRunning) {
		return exitNotRunning
	}
	return exitFailed
}

// rootCommand is the command doemu with all that are below it.
func rootCommand(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:           "doemu",
		Short:         "Run Cloudflare Workers with Durable Objects on this machine",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return setFromEnviron(cmd) }
	root.SetUsageTemplate(root.UsageTemplate() + environHelp)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		initCommand(c), devCommand(c), serveCommand(c), execCommand(c), testCommand(c), typesCommand(c), objectsCommand(c), storageCommand(c), sqlCommand(c), alarmCommand(c), clockCommand(c), snapshotCommand(c), resetCommand(c), doctorCommand(c),
		healthCommand(c), versionCommand(c),
	)
	completeFlags(root)
	return root
}

// isUsage knows the errors of cobra for which it has no type.
func isUsage(err error) bool {
	var unknown *pflag.NotExistError
	return errors.As(err, &unknown) || len(err.Error()) > 15 && err.Error()[:15] == "unknown command"
}

func versionCommand(c *console) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Example: "  doemu version", Args: cobra.NoArgs, Run: func(*cobra.Command, []string) {
		fmt.Fprintln(c.out, "doemu", version)
	}}
}
