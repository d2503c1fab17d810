package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/doemu/doemu/emulator/registry"
)

// running is who runs on a state directory: other commands find it by the file doemu.json there.
type running struct {
	PID      int    `json:"pid"`
	Version  string `json:"version"`
	URL      string `json:"url"`
	AdminURL string `json:"adminUrl"`
	Project  string `json:"project"`
	// Workers are the URLs of the Workers that answer HTTP, by their names.
	Workers   map[string]string `json:"workers"`
	StartedAt string            `json:"startedAt"` // RFC 3339 with milliseconds, by the machine's clock
}

const runningName = "doemu.json"

// announce writes the file, and removes it again. The state directory must be locked: nobody else
// writes to it.
func announce(stateDir string, r running) (withdraw func() error, err error) {
	r.PID, r.Version, r.StartedAt = os.Getpid(), version, time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(stateDir, runningName)
	// Whoever reads it sees the whole file or none.
	half := path + ".new"
	if err := os.WriteFile(half, append(text, '\n'), 0o666); err != nil {
		return nil, fmt.Errorf("say that doemu runs: %w", err)
	}
	if err := os.Rename(half, path); err != nil {
		return nil, fmt.Errorf("say that doemu runs: %w", err)
	}
	return func() error {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}, nil
}

// whoRuns reads the file; nil if nobody runs. A file whose process has gone is one of a doemu that was
// killed.
func whoRuns(stateDir string) (*running, error) {
	text, err := os.ReadFile(filepath.Join(stateDir, runningName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r running
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(stateDir, runningName), err)
	}
	if !registry.Alive(r.PID) {
		return nil, nil
	}
	return &r, nil
}
