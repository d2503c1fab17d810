package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

const pageSize = 4096

// freshDatabase is a database with nothing in it, in the journal mode that objects have. SQLite would write the same,
// but with a rollback journal, three files, and eight waits for the disk.
//
// https://sqlite.org/fileformat.html
func freshDatabase() []byte {
	page := make([]byte, pageSize)
	copy(page, "SQLite format 3\x00")
	binary.BigEndian.PutUint16(page[16:], pageSize)
	page[18], page[19] = 2, 2                        // written and read with a write-ahead log
	page[21], page[22], page[23] = 64, 32, 32        // fractions of payload, which are fixed
	binary.BigEndian.PutUint32(page[24:], 1)         // changes
	binary.BigEndian.PutUint32(page[28:], 1)         // pages
	binary.BigEndian.PutUint32(page[92:], 1)         // the change for which the number of pages is right
	page[100] = 13                                   // the schema: a leaf of a table
	binary.BigEndian.PutUint16(page[105:], pageSize) // where its cells begin, of which there are none
	return page
}

// Create makes the database of an object that has none, and reports whether it has. It is not opened for that: most
// objects that only compute never open theirs. Nothing is on the disk for sure yet, and nobody was told anything.
func (n *Namespace) Create(id string) (created bool, err error) {
	if n.dir == "" {
		had, err := n.Has(id)
		if err == nil && !had {
			n.options(id, Options{})
		}
		return !had, err
	}
	path := n.path(id + extension)
	create := func() (*os.File, error) { return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) }
	file, err := create()
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(n.dir, 0o777); err != nil {
			return false, fmt.Errorf("make directory of database: %w", err)
		}
		file, err = create()
	}
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("make database: %w", err)
	}
	// One page is written whole or not at all when the process dies.
	_, err = file.Write(freshDatabase())
	if err := errors.Join(err, file.Close()); err != nil {
		return false, errors.Join(fmt.Errorf("make database: %w", err), os.Remove(path))
	}
	return true, nil
}
