//go:build unix

package machine

import (
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// files are how many files are open and may be. Go has raised the limit to what it may be raised to.
func files() (open, limit uint64, ok bool) {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 0, 0, false
	}
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		entries = nil // then only the limit is known
	}
	return uint64(len(entries)), l.Cur, true
}

// addresses says why there may be too few addresses; "" if not. Each isolate reserves those of all memory that it may
// come to use.
func addresses() string {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &l); err == nil && l.Cur < math.MaxInt64 {
		return fmt.Sprintf("the process may have %d MiB of addresses, and each isolate reserves 128 MiB: lift the limit with ulimit -v unlimited", l.Cur>>20)
	}
	return strictOvercommit()
}

// Writable tells why files cannot be made in a directory, or nil. It makes none.
func Writable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}
