//go:build unix

package main

import "golang.org/x/sys/unix"

// enableOutput lets a terminal in raw mode still turn line feeds into new lines.
func enableOutput(fd int) {
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return
	}
	t.Oflag |= unix.OPOST
	// A terminal that refuses shows lines askew, and works.
	_ = unix.IoctlSetTermios(fd, setTermios, t)
}
