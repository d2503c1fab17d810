//go:build !linux

package machine

func available() (bytes uint64, ok bool) { return 0, false }
