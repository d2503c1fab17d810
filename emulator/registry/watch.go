package registry

import (
	"context"
	"fmt"
	"os"

	"github.com/fsnotify/fsnotify"
)

// Watch calls changed when sessions come, change or go, until the context ends. The system tells of that;
// a session that is killed is not noticed.
func (r *Registry) Watch(ctx context.Context, changed func()) error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return fmt.Errorf("watch for other sessions: %w", err)
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch for other sessions: %w", err)
	}
	if err := watcher.Add(r.dir); err != nil {
		watcher.Close()
		return fmt.Errorf("watch for other sessions: %w", err)
	}
	go func() {
		defer watcher.Close()
		for {
			select {
			case _, ok := <-watcher.Events:
				if !ok {
					return
				}
				changed()
			case _, ok := <-watcher.Errors:
				if !ok {
					return
				}
				changed() // some events were lost
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}
