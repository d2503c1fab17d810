//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/term"
)

// processGroup is a command with all that it starts: signals reach the command that npm or a shell runs,
// and not only those two.
type processGroup struct {
	cmd *exec.Cmd
	own bool
}

// newProcessGroup prepares a command. One that reads a terminal stays in doemu's own group, as only that
// may read it; the terminal sends its signals to the whole group.
func newProcessGroup(cmd *exec.Cmd, in io.Reader) *processGroup {
	file, ok := in.(*os.File)
	g := &processGroup{cmd, !ok || !term.IsTerminal(int(file.Fd()))}
	if g.own {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	}
	return g
}

// signal passes a signal on. It fails only if nobody is left.
func (g *processGroup) signal(s os.Signal) {
	switch {
	case g.own:
		_ = syscall.Kill(-g.cmd.Process.Pid, s.(syscall.Signal))
	case s != os.Interrupt: // the terminal has sent that one already
		_ = g.cmd.Process.Signal(s)
	}
}

func (g *processGroup) kill() {
	if g.own {
		_ = syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL)
		return
	}
	_ = g.cmd.Process.Kill()
}

// signalCode is the exit code of a command that a signal ended, as shells have it.
func signalCode(exit *exec.ExitError) int {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exitFailed
}
