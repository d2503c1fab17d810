package storage

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// holder says who has a state directory.
type holder struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// LockDir makes this process the only one that writes to a state directory, until release is called.
func LockDir(dir string, now time.Time) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make state directory: %w", err)
	}
	path := filepath.Join(dir, "doemu.lock")
	lock := flock.New(path)
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock state directory %s: %w", dir, err)
	}
	info := filepath.Join(dir, "doemu.lock.json")
	if !ok {
		who := "another doemu"
		var h holder
		if b, err := os.ReadFile(info); err == nil && json.Unmarshal(b, &h) == nil {
			who = fmt.Sprintf("another doemu (process %d, since %s)", h.PID, h.Since.Format(time.DateTime))
		}
		return nil, fmt.Errorf("the state directory %s is in use by %s: stop that one, or choose another directory with --persist-to", dir, who)
	}
	b, err := json.Marshal(holder{os.Getpid(), now})
	if err == nil {
		err = os.WriteFile(info, b, 0o644)
	}
	if err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("lock state directory %s: %w", dir, err)
	}
	return func() error {
		os.Remove(info)
		return lock.Unlock()
	}, nil
}
