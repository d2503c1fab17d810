package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockName is the file that is locked. A second file tells who holds the lock,
// since on some systems a locked file cannot be read.
const (
	lockName   = "doemu.lock"
	holderName = "doemu.lock.json"
)

// holder is the process that writes to a state directory.
type holder struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// LockedError says that another process writes to the state directory.
type LockedError struct {
	Dir string
	// PID and Since tell who, zero if that is not known.
	PID   int
	Since time.Time
}

// Error says who holds the directory and what to do.
func (e *LockedError) Error() string {
	who := "another doemu"
	if e.PID != 0 {
		who = fmt.Sprintf("another doemu (process %d, since %s)", e.PID, e.Since.Format(time.DateTime))
	}
	return fmt.Sprintf("the state directory %s is in use by %s: stop that one, or choose another directory with --persist-to",
		e.Dir, who)
}

// Holder tells who writes to a state directory; nil if nobody does. It leaves the directory as it is.
func Holder(dir string) (*LockedError, error) {
	path := filepath.Join(dir, lockName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nobody ever has
	}
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock state directory %s: %w", dir, err)
	}
	if locked {
		return nil, lock.Unlock()
	}
	return lockedBy(dir), nil
}

// lockedBy is the error for a directory that another process has locked.
func lockedBy(dir string) *LockedError {
	var h holder
	if text, err := os.ReadFile(filepath.Join(dir, holderName)); err == nil && json.Unmarshal(text, &h) != nil {
		h = holder{}
	}
	return &LockedError{Dir: dir, PID: h.PID, Since: h.Since}
}

// LockDir makes this process the only one that writes to a state directory,
// until release is called or the process dies. If another one does, the error
// is a [*LockedError].
func LockDir(dir string, now time.Time) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make state directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock state directory %s: %w", dir, err)
	}
	path := filepath.Join(dir, holderName)
	if !locked {
		return nil, lockedBy(dir)
	}
	text, err := json.Marshal(holder{PID: os.Getpid(), Since: now})
	if err == nil {
		err = os.WriteFile(path, text, 0o666)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock state directory %s: %w", dir, err), lock.Unlock())
	}
	return func() error {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(fmt.Errorf("unlock state directory: %w", err), lock.Unlock())
		}
		return lock.Unlock()
	}, nil
}
