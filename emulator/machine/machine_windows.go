package machine

import (
	"errors"
	"os"
)

func files() (open, limit uint64, ok bool) { return 0, 0, false }

func addresses() string { return "" }

// Writable tells why files cannot be made in a directory, or nil. Permissions do not tell on this system: it makes
// one, and removes it.
func Writable(dir string) error {
	f, err := os.CreateTemp(dir, "doemu-doctor-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
