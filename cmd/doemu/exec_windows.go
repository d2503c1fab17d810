package main

import (
	"io"
	"os"
	"os/exec"
)

// processGroup is a command. Windows has no signals that could be passed on: the console gives Ctrl-C to
// both, and everything else ends the command.
type processGroup struct{ cmd *exec.Cmd }

func newProcessGroup(cmd *exec.Cmd, _ io.Reader) *processGroup { return &processGroup{cmd} }

func (g *processGroup) signal(s os.Signal) {
	if s != os.Interrupt {
		g.kill()
	}
}

func (g *processGroup) kill() { _ = g.cmd.Process.Kill() }

func signalCode(*exec.ExitError) int { return exitFailed }
