package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// thereInterval is how often a database that is written to is looked for. What is written to a file that was deleted
// goes nowhere, and SQLite does not tell.
const thereInterval = time.Millisecond

// origin is the file of a database, as it was when that was opened.
type origin struct {
	path   string // "" in memory
	opened os.FileInfo
	looked time.Time // by the machine's clock
}

// note remembers the file.
func (o *origin) note(path string) error {
	info, err := os.Stat(path)
	o.path, o.opened, o.looked = path, info, time.Now()
	return err
}

// gone tells whether the file is not where it was: deleted, moved, or another one.
func (o *origin) gone() bool {
	if o.path == "" || time.Since(o.looked) < thereInterval {
		return false
	}
	info, err := os.Stat(o.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(info, o.opened) {
		return true
	}
	o.looked = time.Now()
	return false
}

// lost breaks a database whose file is gone.
func (d *DB) lost() *Error {
	failure := plainError(fmt.Sprintf("The database %s was deleted or replaced while doemu ran: what it had is lost. "+
		"Stop doemu before you delete state, and start it again.", d.options.Path))
	failure.Reset, failure.ResetProperty = true, true
	d.broken = failure
	return failure
}

// GoneError says that the directory of a namespace is not there any more.
type GoneError struct{ Dir string }

// Error says what happened and what to do.
func (e *GoneError) Error() string {
	return fmt.Sprintf("The directory %s was deleted while doemu ran, and all state with it. Start doemu again, which makes it anew.", e.Dir)
}

// there tells by its error whether the directory is gone that was made when the namespace was opened.
func (n *Namespace) there() error {
	if n.dir == "" || !n.made {
		return nil
	}
	if _, err := os.Stat(n.dir); errors.Is(err, fs.ErrNotExist) {
		return &GoneError{n.dir}
	}
	return nil
}
