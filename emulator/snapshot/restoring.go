package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/doemu/doemu/durable/storage"
)

// Restoring a snapshot takes many files. So that no half of it is left, what was there is kept beside the snapshots
// until it is done, and a file names the snapshot: whoever finds that file goes on, or back.

// Begin keeps what is there now, and notes that a snapshot is being restored, until Done is called. Take before with
// NewBefore.
func (s *Store) Begin(name string, before *Snapshot) error {
	if s.dir == "" {
		return nil
	}
	if err := before.writeManifest(); err != nil {
		return err
	}
	to := filepath.Join(s.dir, beforeName)
	if err := errors.Join(os.RemoveAll(to), os.Rename(before.dir, to)); err != nil {
		return fmt.Errorf("restore snapshot: keep what is there: %w", err)
	}
	before.dir, before.copies = to, map[string]*storage.Copies{}
	// Under its name the file is there as a whole or not at all.
	path := filepath.Join(s.dir, restoringName)
	err := os.WriteFile(path+"~", []byte(name), 0o666)
	if err == nil {
		err = os.Rename(path+"~", path)
	}
	if err != nil {
		return fmt.Errorf("restore snapshot: %w", err)
	}
	return nil
}

// NewBefore begins a snapshot of what is there before another one is restored. It shares its files with the state.
func (s *Store) NewBefore() (*Snapshot, error) {
	new, err := s.New()
	if err == nil {
		new.links = true
	}
	return new, err
}

// Done notes that nothing is being restored any more.
func (s *Store) Done() error {
	if s.dir == "" {
		return nil
	}
	if err := os.Remove(filepath.Join(s.dir, restoringName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore snapshot: %w", err)
	}
	return os.RemoveAll(filepath.Join(s.dir, beforeName))
}

// Interrupted is a snapshot whose restoring was cut off, or none if both are nil. Before is what was there before it
// began, or nil if that is not known; the snapshot is nil if it cannot be used, and the reason says why. The error says
// what a person can do where there is neither. Interrupted also removes what was left of snapshots that were
// never finished. Call it before anything else is done with the store.
func (s *Store) Interrupted() (found, before *Snapshot, reason, err error) {
	if s.dir == "" {
		return nil, nil, nil, nil
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil, nil
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("list snapshots: %w", err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			if err := os.RemoveAll(filepath.Join(s.dir, entry.Name())); err != nil {
				return nil, nil, nil, fmt.Errorf("remove unfinished snapshot: %w", err)
			}
		}
	}
	path := filepath.Join(s.dir, restoringName)
	name, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		// If something was kept, nothing had been replaced yet.
		return nil, nil, nil, s.Done()
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if found, reason = s.Get(string(name)); reason == nil {
		reason = found.Check()
	}
	if reason != nil {
		found = nil
	}
	if before, err = read(filepath.Join(s.dir, beforeName)); err == nil {
		return found, before, reason, nil
	}
	if found != nil {
		return found, nil, nil, nil
	}
	return nil, nil, nil, fmt.Errorf("%s says that a snapshot was being restored when doemu ended, but that snapshot, %q, cannot be used: %w\n"+
		"Some objects may have its state and others the one from before. Remove the file to start with what is there, and restore another snapshot if that is not right",
		path, name, reason)
}
