package registry

import (
	"fmt"
	"os"

	"github.com/fsnotify/fsnotify"
)

// Watch calls changed when sessions come, change or go, until stop is called, which waits for the last of
// these calls. The system tells of changes; a session that is killed is not noticed.
func (r *Registry) Watch(changed func()) (stop func(), err error) {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, fmt.Errorf("watch for other sessions: %w", err)
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch for other sessions: %w", err)
	}
	if err := watcher.Add(r.dir); err != nil {
		watcher.Close()
		return nil, fmt.Errorf("watch for other sessions: %w", err)
	}
	stopping, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer watcher.Close()
		for {
			select {
			case <-watcher.Events:
				changed()
			case <-watcher.Errors:
				changed() // some events were lost
			case <-stopping:
				return
			}
		}
	}()
	return func() {
		close(stopping)
		<-done
	}, nil
}
