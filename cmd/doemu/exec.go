package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// commandError says that the command of doemu exec ended with an exit code, which becomes doemu's own.
type commandError struct{ code int }

func (e commandError) Error() string {
	return fmt.Sprintf("the command ended with exit code %d", e.code)
}

// patience is how long a command may take to end after a signal.
const patience = 10 * time.Second

func execCommand(c *console) *cobra.Command {
	f := &hostFlags{}
	cmd := &cobra.Command{
		Use:   "exec [path] [flags] -- COMMAND [ARGUMENT]...",
		Short: "Run a command beside a project that runs while it does",
		Long: `Starts the project on free ports, runs the command with DOEMU_URL and DOEMU_ADMIN_URL, ends everything when
it ends, and returns its exit code. Signals go to the command. What doemu says goes to standard error; by
default only warnings and errors.`,
		Example: `  doemu exec -- npm test
  doemu exec --ephemeral fixtures/counter -- sh -c 'curl -X POST $DOEMU_URL/visits'`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch dash := cmd.ArgsLenAtDash(); {
			case dash < 0 || dash == len(args):
				return usageError{errors.New("doemu exec needs the command to run after --, as in: doemu exec -- npm test")}
			case dash > 1:
				return usageError{fmt.Errorf("doemu exec takes one project before --, not %q", args[:dash])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path, command := "", args
			if cmd.ArgsLenAtDash() == 1 {
				path, command = args[0], args[1:]
			}
			return execBeside(c, cmd, f, path, command)
		},
	}
	f.add(cmd.Flags(), hostDefaults{freePorts: true, adminPort: 0, logLevel: "warn"})
	return cmd
}

func execBeside(c *console, cmd *cobra.Command, f *hostFlags, path string, command []string) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	screen, err := newScreen(c.err, f.logLevel)
	if err != nil {
		return err
	}
	defer screen.close()
	// A mistake in the command is known before the project starts.
	if _, err := exec.LookPath(command[0]); err != nil {
		return fmt.Errorf("run %s: %w", command[0], errors.Unwrap(err))
	}
	// A signal that comes while the project starts ends that; later ones are the command's.
	starting, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	started := make(chan struct{})
	early := make(chan struct{})
	go func() {
		defer close(early)
		select {
		case <-signals:
			cancel()
		case <-started:
		}
	}()
	return f.host(starting, cmd, screen, path, func(h *hosted) error {
		close(started)
		<-early
		if err := starting.Err(); err != nil {
			return err
		}
		environ := []string{"DOEMU_URL=" + h.url, "DOEMU_ADMIN_URL=" + h.adminURL}
		if f.admin.token != "" {
			environ = append(environ, "DOEMU_ADMIN_TOKEN="+f.admin.token)
		}
		return runCommand(cmd.Context(), c, signals, command, environ...)
	})
}

// runCommand runs a command with more in its environment, and gives it the signals that come.
func runCommand(ctx context.Context, c *console, signals <-chan os.Signal, command []string, environ ...string) error {
	child := exec.Command(command[0], command[1:]...)
	child.Env = append(os.Environ(), environ...)
	child.Stdin, child.Stdout, child.Stderr = c.in, c.out, c.err
	group := newProcessGroup(child, c.in)
	// What the command leaves behind may hold its output open.
	child.WaitDelay = time.Second
	if err := child.Start(); err != nil {
		return fmt.Errorf("run %s: %w", command[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	var late <-chan time.Time
	done := ctx.Done()
	for {
		select {
		case err := <-ended:
			group.kill() // what it left behind
			return exitOf(err)
		case s := <-signals:
			group.signal(s)
			late = time.After(patience)
		case <-done:
			group.signal(syscall.SIGTERM)
			done, late = nil, time.After(patience)
		case <-late:
			group.kill()
		}
	}
}

// exitOf is what the end of a command means for doemu.
func exitOf(err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case !errors.As(err, &exit):
		return fmt.Errorf("run the command: %w", err)
	}
	if code := exit.ExitCode(); code >= 0 {
		return commandError{code}
	}
	return commandError{signalCode(exit)}
}
