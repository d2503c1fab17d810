// Package snapshot keeps states of an emulator, or of chosen objects, as they were at one instant: named, on disk
// beside the state or in memory. It compares them and packs them into archives. Taking one and going back to
// one is the emulator's.
package snapshot

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
)

// Snapshot is a state at one instant. It does not change once it is stored.
type Snapshot struct {
	Manifest
	dir    string // "" in memory
	links  bool   // to the files of the state
	copies map[string]*storage.Copies
}

// Manifest says what a snapshot has. It is the file manifest.json of a snapshot and of an archive.
type Manifest struct {
	// Format is 1.
	Format int    `json:"format"`
	Name   string `json:"name"`
	// At is when it was taken, by the emulator's clock; Clock is how that stood.
	At    time.Time `json:"at"`
	Clock Clock     `json:"clock"`
	// Scope is what it was taken of; empty for everything.
	Scope      []Place     `json:"scope,omitempty"`
	Namespaces []Namespace `json:"namespaces"`
}

// Clock is how the emulator's clock stood.
type Clock struct {
	Frozen bool `json:"frozen"`
	// Ahead is how far a clock that ran was ahead of the machine's, in nanoseconds.
	Ahead time.Duration `json:"ahead"`
}

// Place is an object, by its 64 hex digits, or all of a namespace if Object is empty.
type Place struct {
	Namespace string `json:"namespace"` // <worker>-<Class>
	Object    string `json:"object,omitempty"`
}

// Namespace is the objects of a namespace that a snapshot has, in the order of their ids.
type Namespace struct {
	Key     string           `json:"key"`
	Objects []durable.Copied `json:"objects"`
	// Sums are the SHA-256 of the files, in hex, by their names; nil for what an older doemu wrote.
	Sums map[string]string `json:"sha256,omitempty"`
}

// Whole tells whether the snapshot is of everything.
func (m *Manifest) Whole() bool { return len(m.Scope) == 0 }

// Covers tells whether an object is in the scope of the snapshot, whether the snapshot has it or not.
func (m *Manifest) Covers(namespace, object string) bool {
	return m.Whole() || slices.ContainsFunc(m.Scope, func(p Place) bool {
		return p.Namespace == namespace && (p.Object == "" || p.Object == object)
	})
}

// Object is an object that the snapshot has, or nil.
func (m *Manifest) Object(namespace, id string) *durable.Copied {
	objects := m.Objects(namespace)
	n, found := slices.BinarySearchFunc(objects, id, func(c durable.Copied, id string) int { return strings.Compare(c.ID, id) })
	if !found {
		return nil
	}
	return &objects[n]
}

// Objects are those of a namespace that the snapshot has.
func (m *Manifest) Objects(namespace string) []durable.Copied {
	for _, n := range m.Namespaces {
		if n.Key == namespace {
			return n.Objects
		}
	}
	return nil
}

// Count is how many objects the snapshot has.
func (m *Manifest) Count() int {
	count := 0
	for _, n := range m.Namespaces {
		count += len(n.Objects)
	}
	return count
}

// Copies are the storage of a namespace's objects.
func (s *Snapshot) Copies(namespace string) *storage.Copies {
	c := s.copies[namespace]
	if c == nil {
		dir := ""
		if s.dir != "" {
			dir = filepath.Join(s.dir, namespace)
		}
		c = storage.NewCopies(dir)
		if s.links {
			c = storage.NewLinks(dir)
		}
	}
	return c
}

// Add adds the copies of a namespace's objects, which were made into what Copies gave.
func (s *Snapshot) Add(namespace string, to *storage.Copies, objects []durable.Copied) {
	s.copies[namespace] = to
	s.Namespaces = append(s.Namespaces, Namespace{Key: namespace, Objects: objects})
}

// Complete finishes the copies, for which nothing has to be still any more.
func (s *Snapshot) Complete() error {
	for _, n := range s.Namespaces {
		for _, o := range n.Objects {
			if err := s.Copies(n.Key).Complete(o.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// Size is how many bytes the storage of an object takes in the snapshot.
func (s *Snapshot) Size(namespace, object string) (int64, error) {
	return s.Copies(namespace).Size(object)
}

// Bytes is how much the storage of all objects takes.
func (s *Snapshot) Bytes() (int64, error) {
	var sum int64
	for _, n := range s.Namespaces {
		for _, o := range n.Objects {
			size, err := s.Size(n.Key, o.ID)
			if err != nil {
				return 0, err
			}
			sum += size
		}
	}
	return sum, nil
}

// InMemory gives the same snapshot with its storage in memory, where many worlds can share it.
func (s *Snapshot) InMemory() (*Snapshot, error) {
	if s.dir == "" {
		return s, nil
	}
	loaded := &Snapshot{Manifest: s.Manifest, copies: map[string]*storage.Copies{}}
	for _, n := range s.Namespaces {
		ids := make([]string, len(n.Objects))
		for i, o := range n.Objects {
			ids[i] = o.ID
		}
		c, err := s.Copies(n.Key).InMemory(ids)
		if err != nil {
			return nil, err
		}
		loaded.copies[n.Key] = c
	}
	return loaded, nil
}

// Now is the name by which comparisons call the state as it is; no snapshot has it.
const Now = "now"

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// CheckName refuses names that snapshots cannot have.
func CheckName(name string) error {
	if !validName.MatchString(name) || name == Now || strings.HasSuffix(name, ".") {
		return fmt.Errorf("%q is no name for a snapshot: up to 100 letters, digits, dots, dashes and underscores, beginning with a letter or a digit, and not %q", name, Now)
	}
	return nil
}
