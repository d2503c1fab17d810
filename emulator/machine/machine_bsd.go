//go:build unix && !linux

package machine

func strictOvercommit() string { return "" }
