package storage

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
)

// leafOfTable is how the first page of a database begins, behind the header of the file, whose schema is on that
// page alone.
// https://sqlite.org/fileformat2.html#b_tree_pages
const (
	databaseHeader = 100
	leafOfTable    = 0x0d
)

// MayHaveTable reports whether an object's database can have a table of a name. It reads a page and opens nothing,
// which is much faster than to ask: only where that does not tell does it say yes for a table that is not there.
func (n *Namespace) MayHaveTable(id, table string) bool {
	path := n.path(id + extension)
	if n.dir == "" || (Options{Path: path}).hasLog() {
		return true
	}
	file, err := os.Open(path)
	if err != nil {
		return true // who asks hears of it
	}
	defer file.Close()
	page := make([]byte, 4096)
	read, err := io.ReadFull(file, page)
	if err != nil || int(binary.BigEndian.Uint16(page[16:])) != read || page[databaseHeader] != leafOfTable {
		return true
	}
	// The name is among the first bytes of its row, which are never on another page.
	return bytes.Contains(page, []byte(table))
}
