package sqlite

import (
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// The offsets of two functions in the sqlite3_vfs structure, whose fields are
// all four bytes here.
//
// https://sqlite.org/c3ref/vfs.html
const (
	vfsRandomness  = 56
	vfsCurrentTime = 72

	// controlVFSPointer is SQLITE_FCNTL_VFS_POINTER.
	controlVFSPointer = 27
	// julianEpoch is 1970-01-01 in SQLite's milliseconds of the Julian day.
	julianEpoch = 210866760000000
)

// SetEnvironment makes the connection take the time, and the randomness of its
// random functions, from the given sources; nil leaves those of the system.
// They are reached where SQLite asks its operating system layer for them.
func (c *Conn) SetEnvironment(now func() time.Time, random io.Reader) error {
	if now == nil && random == nil {
		return nil
	}
	p := c.alloc(4)
	if p == 0 {
		return c.noMemory()
	}
	if err := c.check(c.api.Xsqlite3_file_control(c.db, 0, controlVFSPointer, p)); err != nil {
		return err
	}
	vfs := c.read32(p)
	table := *c.api.X__indirect_function_table()
	if now != nil {
		at := c.read32(vfs + vfsCurrentTime)
		if _, ok := table[at].(func(int32, int32) int32); !ok {
			return errors.New("set clock of database: no such function")
		}
		table[at] = func(_, out pointer) int32 {
			milliseconds := uint64(now().UnixMilli() + julianEpoch)
			binary.LittleEndian.PutUint64((*c.memory)[uint32(out):], milliseconds)
			return codeOK
		}
	}
	if random != nil {
		at := c.read32(vfs + vfsRandomness)
		if _, ok := table[at].(func(int32, int32, int32) int32); !ok {
			return errors.New("set randomness of database: no such function")
		}
		table[at] = func(_, size int32, out pointer) int32 {
			n, err := io.ReadFull(random, (*c.memory)[uint32(out):][:size])
			if err != nil {
				return 0
			}
			return int32(n)
		}
	}
	return nil
}
