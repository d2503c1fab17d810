package snapshot

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/doemu/doemu/durable/storage"
)

const (
	manifestName = "manifest.json"
	// unfinished is how the directories of snapshots begin that are being written.
	unfinished = ".new-"
	// restoringName is the file that names the snapshot which is being restored, beforeName what was there before.
	restoringName = ".restoring"
	beforeName    = ".before"
)

// What a store says of names.
var (
	ErrNone  = errors.New("there is no such snapshot")
	ErrTaken = errors.New("there is a snapshot of that name already")
)

// Store has an emulator's snapshots. It may be used by several goroutines.
type Store struct {
	dir          string // "" in memory
	mostUnpacked int64  // in bytes, of any archive

	mu     sync.Mutex
	memory map[string]*Snapshot
	loaded map[string]weak.Pointer[Snapshot] // of those on disk, as long as somebody has them
}

// OpenStore opens the snapshots in a directory; it is made with the first of them. With no directory they are in
// memory.
func OpenStore(dir string) *Store {
	return &Store{dir: dir, mostUnpacked: mostUnpacked, memory: map[string]*Snapshot{}, loaded: map[string]weak.Pointer[Snapshot]{}}
}

// New begins a snapshot, which nobody finds before Keep has been called.
func (s *Store) New() (*Snapshot, error) {
	new := &Snapshot{Manifest: Manifest{Format: 1, Namespaces: []Namespace{}}, copies: map[string]*storage.Copies{}}
	if s.dir == "" {
		return new, nil
	}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return nil, fmt.Errorf("make directory of snapshots: %w", err)
	}
	new.dir = filepath.Join(s.dir, unfinished+rand.Text())
	if err := os.Mkdir(new.dir, 0o777); err != nil {
		return nil, fmt.Errorf("make directory of snapshot: %w", err)
	}
	return new, nil
}

// Discard drops a snapshot that was begun and not kept.
func (s *Store) Discard(new *Snapshot) {
	if new.dir != "" {
		// What is left is removed when the store is cleaned.
		_ = os.RemoveAll(new.dir)
	}
}

// Keep stores a snapshot under its name. The error is [ErrTaken] if there is one.
func (s *Store) Keep(new *Snapshot) error {
	if err := CheckName(new.Name); err != nil {
		return err
	}
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.memory[new.Name] != nil {
			return ErrTaken
		}
		s.memory[new.Name] = new
		return nil
	}
	if err := new.sum(); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if err := new.writeManifest(); err != nil {
		return err
	}
	to := filepath.Join(s.dir, new.Name)
	// Under its own name it is there as a whole or not at all.
	if err := os.Rename(new.dir, to); err != nil {
		if _, taken := os.Stat(to); taken == nil {
			return ErrTaken
		}
		return fmt.Errorf("write snapshot: %w", err)
	}
	new.dir, new.copies = to, map[string]*storage.Copies{}
	return nil
}

func (s *Snapshot) writeManifest() error {
	text, err := json.MarshalIndent(s.Manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, manifestName), append(text, '\n'), 0o666); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

// Get finds a snapshot. The error is [ErrNone] if there is none of that name.
func (s *Store) Get(name string) (*Snapshot, error) {
	if err := CheckName(name); err != nil {
		return nil, ErrNone
	}
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		if found := s.memory[name]; found != nil {
			return found, nil
		}
		return nil, ErrNone
	}
	found, err := read(filepath.Join(s.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	found.Name = name // somebody may have renamed the directory
	return found, nil
}

// Load finds a snapshot and has its storage in memory, where all who load it share it. The error is [ErrNone] if there
// is none of that name.
func (s *Store) Load(name string) (*Snapshot, error) {
	if s.dir == "" {
		return s.Get(name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if loaded := s.loaded[name].Value(); loaded != nil {
		return loaded, nil
	}
	found, err := s.Get(name)
	if err == nil {
		err = found.Check()
	}
	if err != nil {
		return nil, err
	}
	loaded, err := found.InMemory()
	if err == nil {
		s.loaded[name] = weak.Make(loaded)
	}
	return loaded, err
}

func read(dir string) (*Snapshot, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	found := &Snapshot{dir: dir, copies: map[string]*storage.Copies{}}
	found.Manifest, err = parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", dir, err)
	}
	return found, nil
}

// List gives all snapshots, the newest by the emulator's clock first.
func (s *Store) List() ([]*Snapshot, error) {
	all := []*Snapshot{}
	if s.dir == "" {
		s.mu.Lock()
		for _, one := range s.memory {
			all = append(all, one)
		}
		s.mu.Unlock()
	} else {
		entries, err := os.ReadDir(s.dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list snapshots: %w", err)
		}
		for _, entry := range entries {
			if !entry.IsDir() || CheckName(entry.Name()) != nil {
				continue
			}
			one, err := s.Get(entry.Name())
			if errors.Is(err, ErrNone) {
				continue
			}
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b *Snapshot) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Name, b.Name))
	})
	return all, nil
}

// Remove deletes a snapshot. The error is [ErrNone] if there is none of that name.
func (s *Store) Remove(name string) error {
	found, err := s.Get(name)
	if err != nil {
		return err
	}
	if found.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.memory, name)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.loaded, name)
	return os.RemoveAll(found.dir)
}
