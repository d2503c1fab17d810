//go:build !unix

package bundle

import "os/exec"

// endTogether does nothing: only the command itself is ended.
func endTogether(*exec.Cmd) {}

// killAll does nothing: the command itself has ended.
func killAll(*exec.Cmd) {}
