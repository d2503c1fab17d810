//go:build unix

package bundle

import (
	"os/exec"
	"syscall"
)

// endTogether makes the end of the command the end of all its children too.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// killAll ends what is left of the command and its children.
func killAll(cmd *exec.Cmd) {
	if cmd.Process != nil {
		// An error says that nothing is left.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
