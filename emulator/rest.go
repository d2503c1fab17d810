package emulator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/config"
)

// RestOptions say which state is opened at rest.
type RestOptions struct {
	// StateDir is where objects keep their state; see [Options].
	StateDir string
	// Classes are those that are known, from a project's configuration. Of others that have objects nothing but
	// their names is known, and their storage is taken for SQLite.
	Classes []config.Class
	// Unlocked does not lock the directory, for who does nothing but look: what somebody writes meanwhile may be missed.
	Unlocked bool
	// Limits are those that edits meet.
	Limits LimitProfile
	Log    *slog.Logger
}

// ErrNoState is for a directory in which nothing has kept state yet.
var ErrNoState = errors.New("there is no state yet")

// OpenAtRest opens the state in a directory while nothing runs on it, to look at it and to change it: an
// emulator without Workers. No code runs, no alarm fires, and no file of an object is made or changed by looking. The
// directory is locked until Close, unless the options say otherwise. The error is [ErrNoState] if there is none, or a [*storage.LockedError].
func OpenAtRest(ctx context.Context, options RestOptions) (*Emulator, error) {
	inner := Options{StateDir: options.StateDir, Limits: options.Limits, Log: options.Log, Eviction: durable.NoEviction}
	inner.defaults()
	e := newEmulator(inner)
	dir := filepath.Join(options.StateDir, "v3", "do")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s", ErrNoState, options.StateDir)
	}
	if err != nil {
		return nil, fmt.Errorf("look into the state directory: %w", err)
	}
	lock := storage.LockDir
	if options.Unlocked {
		lock = func(string, time.Time) (func() error, error) { return func() error { return nil }, nil }
	}
	if err := e.open(&config.Project{}, lock); err != nil {
		return nil, err
	}
	for _, class := range options.Classes {
		err = errors.Join(err, e.openAtRest(class))
	}
	for _, entry := range entries {
		// The name of a class has no dash, that of a Worker may.
		if dash := strings.LastIndexByte(entry.Name(), '-'); entry.IsDir() && dash >= 0 {
			err = errors.Join(err, e.openAtRest(config.Class{Name: entry.Name()[dash+1:], UniqueKey: entry.Name(), SQLite: true}))
		}
	}
	if err == nil && !options.Unlocked {
		err = e.finishRestore(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// openAtRest opens a namespace, unless it is open.
func (e *Emulator) openAtRest(class config.Class) error {
	if e.namespaces[class.UniqueKey] != nil {
		return nil
	}
	n, err := durable.OpenNamespaceAtRest(e.around, class.UniqueKey, &durable.Class{
		Name: class.Name, Worker: strings.TrimSuffix(class.UniqueKey, "-"+class.Name), SQL: class.SQLite,
	})
	if err == nil {
		e.namespaces[class.UniqueKey] = n
	}
	return err
}
