package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Namespace is the folder with the databases of a class's objects: <id>.sqlite each, and
// metadata.sqlite with the alarms. Without a directory everything is in memory.
type Namespace struct {
	dir    string
	Alarms *Alarms

	mu     sync.Mutex
	memory map[string]*DB // in memory only: databases outlive the objects that opened them
}

// OpenNamespace opens the folder of a unique key in a state directory, and makes it if need be.
func OpenNamespace(stateDir, uniqueKey string) (*Namespace, error) {
	n := &Namespace{memory: map[string]*DB{}}
	alarms := ""
	if stateDir != "" {
		n.dir = filepath.Join(stateDir, uniqueKey)
		if err := os.MkdirAll(n.dir, 0o755); err != nil {
			return nil, err
		}
		alarms = filepath.Join(n.dir, metadataFile)
	}
	var err error
	n.Alarms, err = openAlarms(alarms)
	return n, err
}

const (
	metadataFile = "metadata.sqlite"
	extension    = ".sqlite"
)

// Open opens the database of an object.
func (n *Namespace) Open(id string, options Options) (*DB, error) {
	if n.dir != "" {
		return open(filepath.Join(n.dir, id+extension), options)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if db := n.memory[id]; db != nil {
		db.options = options
		return db, nil
	}
	db, err := open("", options)
	if err == nil {
		n.memory[id] = db
	}
	return db, err
}

// Release closes a database that an object had open; in memory it stays for the next time.
func (n *Namespace) Release(db *DB) error {
	if n.dir != "" {
		return db.Close()
	}
	return db.rollBackAll()
}

// IDs lists the objects that have a database, in order.
func (n *Namespace) IDs() ([]string, error) {
	var ids []string
	if n.dir == "" {
		n.mu.Lock()
		defer n.mu.Unlock()
		for id := range n.memory {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return ids, nil
	}
	entries, err := os.ReadDir(n.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), extension); ok && e.Name() != metadataFile {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Close closes what is open.
func (n *Namespace) Close() error {
	errs := []error{n.Alarms.close()}
	for _, db := range n.memory {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}
