package sqlite

import (
	"crypto/rand"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/ioutil"
	"github.com/ncruces/go-sqlite3/vfs/readervfs"
)

// OnCommit has a function called after each commit with the length of the
// write-ahead log, in frames. SQLite no longer copies the log into the database
// by itself then: see [Conn.Checkpoint].
//
// https://sqlite.org/c3ref/wal_hook.html
func (c *Conn) OnCommit(committed func(frames int)) {
	c.conn.WALHook(func(_ *sqlite3.Conn, _ string, frames int) error {
		committed(frames)
		return nil
	})
}

// Checkpoint copies as much of the write-ahead log into the database as its
// readers allow, and reports whether that was all.
//
// https://sqlite.org/c3ref/wal_checkpoint_v2.html
func (c *Conn) Checkpoint() (all bool, err error) {
	if c.Lost() {
		return false, errInterrupted()
	}
	frames, copied, err := c.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	if err != nil {
		return false, fmt.Errorf("checkpoint: %w", err)
	}
	return frames == copied, nil
}

// Replace makes the database equal to another one, in one transaction.
//
// https://sqlite.org/backup.html
func (c *Conn) Replace(with ioutil.SizeReaderAt) error {
	name := rand.Text()
	readervfs.Create(name, with)
	defer readervfs.Delete(name)
	if err := c.conn.Restore("main", "file:"+name+"?vfs=reader"); err != nil {
		return fmt.Errorf("replace database: %w", err)
	}
	return nil
}

// Clear removes everything from the database, in one transaction.
//
// https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigresetdatabase
func (c *Conn) Clear() (err error) {
	if err := c.Config(sqlite3.DBCONFIG_RESET_DATABASE, true); err != nil {
		return fmt.Errorf("clear database: %w", err)
	}
	defer func() {
		if failure := c.Config(sqlite3.DBCONFIG_RESET_DATABASE, false); err == nil && failure != nil {
			err = fmt.Errorf("clear database: %w", failure)
		}
	}()
	// VACUUM attaches a database of its own.
	attached := c.conn.Limit(sqlite3.LIMIT_ATTACHED, 1)
	defer c.conn.Limit(sqlite3.LIMIT_ATTACHED, attached)
	if err := c.conn.Exec("VACUUM"); err != nil {
		return fmt.Errorf("clear database: %w", err)
	}
	return nil
}
