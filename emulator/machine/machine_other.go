//go:build !linux

package machine

func available() (bytes uint64, ok bool) { return 0, false }

// Listener is the process that listens on a TCP port; pid is 0, as that is known on Linux only.
func Listener(int) (pid int, name string) { return 0, "" }
