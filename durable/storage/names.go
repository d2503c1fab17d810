package storage

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// namesFile is beside the databases: for each object that was reached by a
// name a line of its id, a space and its name as JSON. An id is a hash of the
// name, so nothing else knows the name of an object that is not in memory. wrangler lists
// only what ends in .sqlite, and takes no notice of it.
const namesFile = "names"

// names remembers the names of objects. It may be used by several goroutines.
type names struct {
	path string // "" in memory

	mu  sync.Mutex
	all map[string]string // by id
	// learned are names that are written nowhere here.
	learned map[string]string
	file    *os.File // open once a name was added
}

func openNames(dir string) (*names, error) {
	n := &names{all: map[string]string{}, learned: map[string]string{}}
	if dir == "" {
		return n, nil
	}
	n.path = filepath.Join(dir, namesFile)
	text, err := os.ReadFile(n.path)
	if errors.Is(err, fs.ErrNotExist) {
		return n, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read names of objects: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		id, quoted, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		var name string
		// A line that was not written to its end is that of an object which says its name again.
		if json.Unmarshal(quoted, &name) == nil {
			n.all[string(id)] = name
		}
	}
	return n, nil
}

func (n *names) get(id string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return cmp.Or(n.all[id], n.learned[id])
}

func (n *names) learn(id, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.learned[id] = name
}

// set keeps a name. It costs nothing if it is known.
func (n *names) set(id, name string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if known, ok := n.all[id]; ok && known == name {
		return nil
	}
	n.all[id] = name
	if n.path == "" {
		return nil
	}
	torn := false
	if n.file == nil {
		file, err := os.OpenFile(n.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o666)
		if err != nil {
			return fmt.Errorf("keep name of object %s: %w", id, err)
		}
		n.file = file
		// What a process left that died while it wrote ends here.
		if info, err := file.Stat(); err == nil && info.Size() > 0 {
			var last [1]byte
			_, err := file.ReadAt(last[:], info.Size()-1)
			torn = err == nil && last[0] != '\n'
		}
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return fmt.Errorf("keep name of object %s: %w", id, err)
	}
	line := fmt.Appendf(nil, "%s %s\n", id, quoted)
	if torn {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := n.file.Write(line); err != nil {
		_ = n.file.Close() // what was written of it is torn, too
		n.file = nil
		return fmt.Errorf("keep name of object %s: %w", id, err)
	}
	return nil
}

func (n *names) close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.file == nil {
		return nil
	}
	err := n.file.Close()
	n.file = nil
	return err
}
