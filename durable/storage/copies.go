package storage

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ncruces/go-sqlite3/vfs/mvcc"
)

const facetsExtension = ".facets"

// Copies hold what objects of a namespace had stored when they were copied: of each its database, those of its
// facets and their index, without the history. They are files of the same names as the namespace's, which
// any SQLite can read, or in memory, where they share with databases there what is equal. They may be used by
// several goroutines.
type Copies struct {
	dir   string // "" in memory
	links bool   // files of the namespace instead of copies

	mu        sync.Mutex
	databases map[string]mvcc.Snapshot // in memory, by name
	facets    map[string][]byte        // in memory, the indices of facets by id
}

// NewCopies gives the copies in a directory, which is made with the first one. With no directory they are in
// memory.
func NewCopies(dir string) *Copies {
	return &Copies{dir: dir, databases: map[string]mvcc.Snapshot{}, facets: map[string][]byte{}}
}

// NewLinks gives copies in a directory that share their files with the namespace, where the file system can. They are
// of use only if the namespace does not write to those files any more, but removes or replaces them.
func NewLinks(dir string) *Copies {
	c := NewCopies(dir)
	c.links = dir != ""
	return c
}

// Copy copies an object that has a database. Nobody may write to it meanwhile; what is not committed is not
// copied. On disk the copy is whole with [Copies.Complete], which may come when others write again.
func (n *Namespace) Copy(to *Copies, id string) error {
	index, err := n.Facets(id)
	if err != nil {
		return err
	}
	if n.dir == "" {
		to.copyMemory(n, id, index)
		return nil
	}
	if err := os.MkdirAll(to.dir, 0o777); err != nil {
		return fmt.Errorf("copy object %s: %w", id, err)
	}
	for _, name := range append(databaseNames(id, index), id+facetsExtension) {
		if to.links && os.Link(n.path(name), to.path(name)) == nil {
			continue
		}
		if err := copyFile(n.path(name), to.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("copy object %s: %w", id, err)
		}
	}
	return nil
}

// databaseNames are the files of an object and its facets.
func databaseNames(id string, index *FacetIndex) (names []string) {
	for _, name := range ownNames(id, index) {
		names = append(names, name+extension, name+extension+"-wal")
	}
	return names
}

// ownNames are the names of an object's databases: its own, and those of its facets.
func ownNames(id string, index *FacetIndex) []string {
	names := []string{id}
	for _, number := range index.Below(0) {
		names = append(names, FacetName(id, number))
	}
	return names
}

func (c *Copies) copyMemory(n *Namespace, id string, index *FacetIndex) {
	names := ownNames(id, index)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facets[id] = index.encode()
	for _, name := range names {
		if ok, _ := n.Has(name); ok {
			c.databases[name] = mvcc.TakeSnapshot(n.memory + name)
		}
	}
}

// copyFile copies a file; where the file system can, the two share their blocks.
func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// Complete brings the log that was copied with a database into it, as SQLite does when it opens one whose process
// has died.
func (c *Copies) Complete(id string) error {
	if c.dir == "" {
		return nil
	}
	index, err := c.index(id)
	if err != nil {
		return err
	}
	for _, name := range ownNames(id, index) {
		options := Options{Path: c.path(name + extension)}
		if _, err := os.Stat(options.Path + "-wal"); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		db, err := Open(options)
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			return fmt.Errorf("complete the copy of object %s: %w", id, err)
		}
	}
	return nil
}

func (c *Copies) path(name string) string { return filepath.Join(c.dir, name) }

func (c *Copies) index(id string) (*FacetIndex, error) {
	if c.dir != "" {
		return openFacetIndex(c.path(id + facetsExtension))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	index := &FacetIndex{}
	index.read(c.facets[id])
	return index, nil
}

// Has tells whether there is a copy of an object.
func (c *Copies) Has(id string) bool {
	if c.dir == "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, ok := c.databases[id]
		return ok
	}
	_, err := os.Stat(c.path(id + extension))
	return err == nil
}

// Open opens the copy of an object's database to look at it. The error is fs.ErrNotExist if there is none.
func (c *Copies) Open(id string) (*DB, error) {
	if !c.Has(id) {
		return nil, fmt.Errorf("open copy of object %s: %w", id, fs.ErrNotExist)
	}
	if c.dir != "" {
		return Open(Options{Path: c.path(id + extension), ReadOnly: true, Still: true})
	}
	content, err := c.snapshot(id)
	if err != nil {
		return nil, err
	}
	name := rand.Text() + "/" + id
	mvcc.Create(name, content)
	defer mvcc.Delete(name) // the connection keeps it
	return Open(Options{Path: name, Memory: true, ReadOnly: true})
}

// Restore makes what an object has stored what a copy holds, whatever the object had. Nobody may have its
// database open to write. The history of the object begins anew. Should the process die meanwhile, the object may have
// nothing.
func (n *Namespace) Restore(from *Copies, id string) error {
	index, err := from.index(id)
	if err == nil {
		err = n.Discard(id)
	}
	if err == nil {
		err = n.restoreIndex(id, from, index)
	}
	if err != nil {
		return err
	}
	for _, name := range ownNames(id, index) {
		if err := n.restore(from, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("restore object %s: %w", id, err)
		}
	}
	return nil
}

func (n *Namespace) restore(from *Copies, name string) error {
	if n.dir == "" {
		content, err := from.snapshot(name)
		if err != nil {
			return err
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		mvcc.Create(n.memory+name, content)
		n.ids[name] = newMemoryHistory(n.memory + name)
		return nil
	}
	if from.dir != "" {
		return copyFile(from.path(name+extension), n.path(name+extension))
	}
	content, err := from.Read(name + extension)
	if err != nil {
		return err
	}
	return os.WriteFile(n.path(name+extension), content, 0o666)
}

func (n *Namespace) restoreIndex(id string, from *Copies, index *FacetIndex) error {
	if n.dir == "" {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.facets == nil {
			n.facets = map[string]*FacetIndex{}
		}
		n.facets[id] = index
		return nil
	}
	if len(index.entries) == 0 {
		return nil
	}
	return os.WriteFile(n.path(id+facetsExtension), index.encode(), 0o666)
}

// Discard removes the databases of an object and of its facets, none of which may be open to write.
func (n *Namespace) Discard(id string) error {
	index, err := n.Facets(id)
	if err != nil {
		return err
	}
	for _, name := range slices.Backward(ownNames(id, index)) {
		if err := n.Remove(name); err != nil {
			return err
		}
	}
	if n.dir == "" {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.facets, id)
		return nil
	}
	if err := os.Remove(n.path(id + facetsExtension)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove index of facets: %w", err)
	}
	return nil
}

// snapshot is the content of a database.
func (c *Copies) snapshot(name string) (mvcc.Snapshot, error) {
	if c.dir != "" {
		content, err := os.ReadFile(c.path(name + extension))
		return mvcc.NewSnapshot(string(content)), err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	content, ok := c.databases[name]
	if !ok {
		return content, fs.ErrNotExist
	}
	return content, nil
}

// InMemory gives the same copies in memory, from where any number of namespaces in memory share them.
func (c *Copies) InMemory(ids []string) (*Copies, error) {
	if c.dir == "" {
		return c, nil
	}
	loaded := NewCopies("")
	for _, id := range ids {
		index, err := c.index(id)
		if err != nil {
			return nil, err
		}
		loaded.facets[id] = index.encode()
		for _, name := range ownNames(id, index) {
			content, err := c.snapshot(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("load copy of object %s: %w", id, err)
			}
			loaded.databases[name] = content
		}
	}
	return loaded, nil
}

// Files are the names of the files that the copy of an object is, or would be.
func (c *Copies) Files(id string) ([]string, error) {
	index, err := c.index(id)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, name := range ownNames(id, index) {
		if c.Has(name) {
			files = append(files, name+extension)
		}
	}
	if len(index.entries) > 0 {
		files = append(files, id+facetsExtension)
	}
	return files, nil
}

// Read gives the content of one of the files.
func (c *Copies) Read(file string) ([]byte, error) {
	if c.dir != "" {
		return os.ReadFile(c.path(file))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if id, ok := strings.CutSuffix(file, facetsExtension); ok {
		return c.facets[id], nil
	}
	content, ok := c.databases[strings.TrimSuffix(file, extension)]
	if !ok {
		return nil, fs.ErrNotExist
	}
	b := make([]byte, treeSize(content))
	for at, part := range content.Ascend() {
		copy(b[at:], part)
	}
	return b, nil
}

// OpenFile gives one of the files to read, and its size in bytes.
func (c *Copies) OpenFile(file string) (content io.ReadCloser, size int64, err error) {
	if c.dir == "" {
		b, err := c.Read(file)
		return io.NopCloser(bytes.NewReader(b)), int64(len(b)), err
	}
	f, err := os.Open(c.path(file))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// Add takes a file that Files named, from elsewhere.
func (c *Copies) Add(file string, r io.Reader) error {
	if c.dir != "" {
		return c.addFile(file, r)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if id, ok := strings.CutSuffix(file, facetsExtension); ok {
		c.facets[id] = content
		return nil
	}
	c.databases[strings.TrimSuffix(file, extension)] = mvcc.NewSnapshot(string(content))
	return nil
}

func (c *Copies) addFile(file string, r io.Reader) error {
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		return err
	}
	f, err := os.Create(c.path(file))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// Size is how many bytes the copy of an object takes.
func (c *Copies) Size(id string) (int64, error) {
	files, err := c.Files(id)
	if err != nil {
		return 0, err
	}
	var size int64
	for _, file := range files {
		if c.dir == "" {
			content, _ := c.snapshot(strings.TrimSuffix(file, extension)) // an index of facets takes next to nothing
			size += treeSize(content)
			continue
		}
		info, err := os.Stat(c.path(file))
		if err != nil {
			return 0, fmt.Errorf("look at the copy of object %s: %w", id, err)
		}
		size += info.Size()
	}
	return size, nil
}

// treeSize is how long the content of a database in memory is.
func treeSize(content mvcc.Snapshot) int64 {
	if content.Tree == nil {
		return 0
	}
	last := content.Max()
	return last.Key() + int64(len(last.Value()))
}
