// Package registry is how the running sessions of a person find each other: each keeps a locator file in one
// directory, which says what it runs and how to reach it.
//
// It does for doemu what wrangler's dev registry does:
// https://developers.cloudflare.com/workers/local-development/multi-workers/
package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Session is a running doemu, as its locator file tells of it.
type Session struct {
	// ID tells sessions apart: 32 hex digits.
	ID string `json:"id"`
	// PID is the process. The file counts only as long as that runs.
	PID int `json:"pid"`
	// Protocol is the version of what is spoken at the address.
	Protocol int `json:"protocol"`
	// Address takes connections of other sessions: a host of this machine and a port.
	Address string `json:"address"`
	// Secret is what a session must know to connect. Only the user can read the file.
	Secret string `json:"secret"`
	// StartedAt is when the session began, by the machine's clock. Of two with the same Worker the
	// newer one gets the calls.
	StartedAt time.Time `json:"startedAt"`
	// Workers are those that it runs.
	Workers []Worker `json:"workers"`
}

// Worker is a Worker that a session runs.
type Worker struct {
	Name string `json:"name"`
	// Classes are the Durable Object classes that it implements.
	Classes []string `json:"classes,omitempty"`
}

// Implements tells whether the Worker has a Durable Object class.
func (w *Worker) Implements(class string) bool { return slices.Contains(w.Classes, class) }

// Worker finds one of the session's Workers by its name; nil if it does not run it.
func (s *Session) Worker(name string) *Worker {
	for n := range s.Workers {
		if s.Workers[n].Name == name {
			return &s.Workers[n]
		}
	}
	return nil
}

// Registry is a directory of locator files.
type Registry struct{ dir string }

// Open is the registry in a directory, which is made when the first session is announced.
func Open(dir string) *Registry { return &Registry{dir} }

// DefaultDir is where the sessions of this user find each other, or "" if there is no such place.
func DefaultDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "doemu", "sessions")
}

// Announce writes a session's file, or writes it anew.
func (r *Registry) Announce(s Session) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return fmt.Errorf("tell other sessions of this one: %w", err)
	}
	// Whoever reads it sees the whole file or none.
	half := filepath.Join(r.dir, "."+s.ID+".new")
	if err := os.WriteFile(half, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("tell other sessions of this one: %w", err)
	}
	if err := os.Rename(half, r.path(s.ID)); err != nil {
		return fmt.Errorf("tell other sessions of this one: %w", err)
	}
	return nil
}

// Withdraw removes a session's file.
func (r *Registry) Withdraw(id string) error {
	if err := os.Remove(r.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (r *Registry) path(id string) string { return filepath.Join(r.dir, id+suffix) }

const (
	suffix = ".json"
	// mostBytes is how long a locator file may be.
	mostBytes = 1 << 20
)

// Sessions are those that run, the newest first. Files that cannot be read are passed over, as are those
// of processes that have gone.
func (r *Registry) Sessions() []Session {
	sessions := slices.DeleteFunc(r.all(), func(s Session) bool { return !Alive(s.PID) })
	slices.SortStableFunc(sessions, func(a, b Session) int { return b.StartedAt.Compare(a.StartedAt) })
	return sessions
}

// all are the sessions whose files can be read, whether they run or have gone.
func (r *Registry) all() []Session {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil // nobody has made it yet
	}
	var sessions []Session
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), suffix); ok && entry.Type().IsRegular() {
			if s, err := r.read(id); err == nil {
				sessions = append(sessions, *s)
			}
		}
	}
	return sessions
}

func (r *Registry) read(id string) (*Session, error) {
	file, err := os.Open(r.path(id))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !owned(info):
		return nil, fmt.Errorf("the file of session %q belongs to somebody else", id)
	}
	text, err := io.ReadAll(io.LimitReader(file, mostBytes))
	if err != nil {
		return nil, err
	}
	return parse(id, text)
}

// parse reads the text of a session's file.
func parse(id string, text []byte) (*Session, error) {
	var s Session
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	if s.ID != id {
		return nil, fmt.Errorf("the file of session %q tells of %q", id, s.ID)
	}
	return &s, nil
}

// Sweep removes the files of sessions that were killed.
func (r *Registry) Sweep() {
	for _, s := range r.all() {
		if !Alive(s.PID) {
			_ = r.Withdraw(s.ID) // another session may have done it
		}
	}
}
