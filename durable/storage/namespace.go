package storage

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ncruces/go-sqlite3/vfs/mvcc"
)

const (
	extension    = ".sqlite"
	metadataName = "metadata"
)

// Namespace is where the databases of one class's objects are: a directory
// with <id>.sqlite for each and metadata.sqlite for the alarms, or memory. It
// may be used by several goroutines.
type Namespace struct {
	dir    string
	made   bool // the directory, when the namespace was opened
	memory string
	alarms *AlarmStore
	names  *names

	mu  sync.Mutex
	ids map[string]*memoryHistory
	// facets are the indices of facets in memory.
	facets map[string]*FacetIndex
}

// OpenNamespace opens the namespace of a unique key, which is a directory in
// the state directory, and makes it if there is none. With no state directory
// everything is in memory, and gone when the namespace is closed.
func OpenNamespace(stateDir, uniqueKey string) (*Namespace, error) {
	n, err := openNamespace(stateDir, uniqueKey)
	if err != nil {
		return nil, err
	}
	if n.dir != "" {
		if err := os.MkdirAll(n.dir, 0o777); err != nil {
			return nil, fmt.Errorf("make directory of namespace: %w", err)
		}
		n.made = true
	}
	n.alarms.mu.Lock()
	defer n.alarms.mu.Unlock()
	_, err = os.Stat(n.alarms.options.Path)
	if err := n.alarms.open(); err != nil {
		return nil, n.alarms.damaged(err)
	}
	if n.dir != "" && errors.Is(err, fs.ErrNotExist) {
		err = n.recoverAlarms()
	} else {
		err = nil
	}
	return n, err
}

// OpenNamespaceAtRest opens the namespace to look at it and to change it while nothing runs: no file is
// made before something is written.
func OpenNamespaceAtRest(stateDir, uniqueKey string) (*Namespace, error) {
	return openNamespace(stateDir, uniqueKey)
}

func openNamespace(stateDir, uniqueKey string) (n *Namespace, err error) {
	n = &Namespace{ids: map[string]*memoryHistory{}}
	if stateDir == "" {
		n.memory = rand.Text() + "/" + uniqueKey + "/"
	} else {
		n.dir = filepath.Join(stateDir, uniqueKey)
	}
	n.alarms = &AlarmStore{options: n.options(metadataName, Options{})}
	n.names, err = openNames(n.dir)
	return n, err
}

func (n *Namespace) path(name string) string { return filepath.Join(n.dir, name) }

// options completes the options for the database with the given name.
func (n *Namespace) options(name string, options Options) Options {
	options.Memory = n.dir == ""
	if !options.Memory {
		options.Path = filepath.Join(n.dir, name+extension)
		return options
	}
	options.Path = n.memory + name
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.ids[name]; !ok && !options.ReadOnly {
		// Made by itself, the database lives on when its object is evicted.
		mvcc.Create(options.Path, mvcc.Snapshot{})
		n.ids[name] = newMemoryHistory(options.Path)
	}
	options.memory = n.ids[name]
	return options
}

// Open opens the database of an object, and makes it if there is none. Path
// and Memory of the options are the namespace's to set. The error is a [GoneError] if the directory has been deleted.
func (n *Namespace) Open(id string, options Options) (*DB, error) {
	if err := n.there(); err != nil {
		return nil, err
	}
	db, err := Open(n.options(id, options))
	if err != nil || !db.Restored() {
		return db, err
	}
	if err := n.alignAlarm(id, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// alignAlarm makes the namespace's alarm that of a database that was restored.
func (n *Namespace) alignAlarm(id string, db *DB) error {
	at, ok, err := db.Alarm()
	switch {
	case err != nil:
		return err
	case ok:
		err = n.alarms.Set(ScheduledAlarm{ID: id, At: at})
	default:
		err = n.alarms.Delete(id)
	}
	if err != nil {
		return err
	}
	return db.RestoreDone()
}

// OpenReadOnly opens the database of an object to look at it, whether or not
// the object has it open. If it is still, nobody opens it to write until it is closed: see Options.Still. The error
// is fs.ErrNotExist if there is none.
func (n *Namespace) OpenReadOnly(id string, still bool) (*DB, error) {
	if ok, err := n.Has(id); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("open database of object %s: %w", id, fs.ErrNotExist)
	}
	return Open(n.options(id, Options{ReadOnly: true, Still: still}))
}

// Has reports whether an object has a database.
func (n *Namespace) Has(id string) (bool, error) {
	if n.dir == "" {
		n.mu.Lock()
		defer n.mu.Unlock()
		_, ok := n.ids[id]
		return ok, nil
	}
	_, err := os.Stat(filepath.Join(n.dir, id+extension))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for object: %w", err)
	}
	return true, nil
}

// IDs lists, in order, the ids of the objects that have a database.
func (n *Namespace) IDs() ([]string, error) {
	var names []string
	if n.dir == "" {
		n.mu.Lock()
		for name := range n.ids {
			names = append(names, name)
		}
		n.mu.Unlock()
	} else {
		dir, err := os.Open(n.dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil // nothing was written yet
		}
		if err != nil {
			return nil, fmt.Errorf("list objects: %w", err)
		}
		defer dir.Close()
		// Names alone: what they are is not asked, and they are put in order below.
		files, err := dir.Readdirnames(-1)
		if err != nil {
			return nil, fmt.Errorf("list objects: %w", err)
		}
		for _, file := range files {
			if name, ok := strings.CutSuffix(file, extension); ok {
				names = append(names, name)
			}
		}
	}
	// Beside objects there are the alarms, and facets named <id>.<number>.
	names = slices.DeleteFunc(names, func(name string) bool {
		return name == metadataName || strings.Contains(name, ".")
	})
	slices.Sort(names)
	return names, nil
}

// Remove deletes the database of an object, which must not be open.
func (n *Namespace) Remove(id string) error {
	if n.dir == "" {
		n.mu.Lock()
		defer n.mu.Unlock()
		mvcc.Delete(n.memory + id)
		delete(n.ids, id)
		return nil
	}
	return removeFiles(filepath.Join(n.dir, id+extension))
}

// Size is how many bytes the database of an object takes: on disk its file and
// its log, in memory its content. It is 0 if there is none.
func (n *Namespace) Size(id string) (int64, error) {
	if n.dir != "" {
		var size int64
		for _, name := range []string{extension, extension + "-wal"} {
			info, err := os.Stat(filepath.Join(n.dir, id+name))
			if err == nil {
				size += info.Size()
			} else if !errors.Is(err, fs.ErrNotExist) {
				return 0, fmt.Errorf("look at database: %w", err)
			}
		}
		return size, nil
	}
	db, err := n.OpenReadOnly(id, false)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	size, err := db.Size()
	return size, errors.Join(err, db.Close())
}

// Name is the name by which an object was reached, or "" if that is not known:
// an id does not tell its name.
func (n *Namespace) Name(id string) string { return n.names.get(id) }

// SetName keeps the name of an object.
func (n *Namespace) SetName(id, name string) error { return n.names.set(id, name) }

// LearnName knows the name of an object until the namespace is closed, and writes nothing.
func (n *Namespace) LearnName(id, name string) { n.names.learn(id, name) }

// Alarms returns the store of the namespace's alarms.
func (n *Namespace) Alarms() *AlarmStore { return n.alarms }

// Close closes the alarms, and forgets what is in memory.
func (n *Namespace) Close() error {
	err := errors.Join(n.alarms.close(), n.names.close())
	n.mu.Lock()
	defer n.mu.Unlock()
	for name := range n.ids {
		mvcc.Delete(n.memory + name)
	}
	clear(n.ids)
	return err
}
