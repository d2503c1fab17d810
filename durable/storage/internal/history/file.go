package history

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Config says whose history a file is.
type Config struct {
	// Path is the history file, Database the database file, which is there, and
	// is not written to while the history is opened.
	Path, Database string
	// Now is the time in milliseconds since 1970.
	Now int64
	// Identity makes the identity of a new history.
	Identity func() ([16]byte, error)
	// LimitBytes bounds the size of the file.
	LimitBytes int64
}

// File is the history of one database. It belongs to one goroutine.
type File struct {
	config Config
	// file is nil until something is recorded.
	file *os.File
	size int64

	header header
	state  state
	// boundaries are those that are still in the log, in order.
	boundaries []Boundary
	// saved are the pages that have been saved since the newest point.
	saved map[uint32]struct{}
	// position is the end of the log, pages the size of the database there.
	position Position
	pages    uint32
	// foreign is set when the history had to begin anew.
	foreign bool
	buffer  []byte
}

// Open opens the history of a database. If there is none it begins with the
// first boundary. If another program has changed the database since, the
// history begins anew, and [File.Begun] tells.
func Open(config Config) (*File, error) {
	f := &File{config: config, saved: map[uint32]struct{}{}}
	v, err := openView(config.Database)
	if err != nil {
		return nil, err
	}
	defer v.close()
	if f.pages, err = v.mainPages(); err != nil {
		return nil, err
	}
	if v.wal != nil {
		f.position.Salt = v.wal.salt
		last, pages, err := v.wal.end()
		if err != nil {
			return nil, err
		}
		if f.position.Frame = last; last > 0 {
			f.pages = pages
		}
	}
	file, err := os.OpenFile(config.Path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return f, f.reset(-1)
	}
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	f.file = file
	err = f.load()
	if err == nil {
		if err = f.verify(v); errors.Is(err, ErrForeign) {
			f.foreign = true
			err = f.begin(Foreign)
		}
	}
	if err != nil {
		f.Abandon()
		return nil, err
	}
	return f, nil
}

// reset sets a history up that begins here, after the boundary lastSeq.
func (f *File) reset(lastSeq int64) error {
	identity, err := f.config.Identity()
	if err != nil {
		return fmt.Errorf("make identity of history: %w", err)
	}
	f.header = header{identity: identity, began: f.config.Now}
	f.state = state{
		lastSeq: lastSeq, since: f.config.Now, at: f.position, pages: f.pages,
		fileSize: -1, target: -1, undo: -1, lastPoint: -1, checked: f.config.Now,
	}
	f.boundaries = nil
	clear(f.saved)
	if f.position.Frame > 0 {
		return nil
	}
	return f.stamp()
}

// begin begins the history anew. Its numbers go on above those of before.
func (f *File) begin(why Reason) error {
	if err := f.reset(f.state.lastSeq | 0xffffffff); err != nil {
		return err
	}
	f.header.reason = why
	return f.start()
}

// summedBytes is the size up to which a database is summed when its history
// begins; a larger one is summed when it is first saved.
const summedBytes = 64 << 20

// start makes the file of a history that begins.
func (f *File) start() error {
	v, err := openView(f.config.Database)
	if err != nil {
		return err
	}
	defer v.close()
	if int64(f.state.pages)*v.pageSize <= summedBytes {
		if f.state.at.Frame > 0 {
			if v.wal == nil || v.wal.salt != f.state.at.Salt {
				return ErrForeign
			}
			if err := v.seek(f.state.at.Frame); err != nil {
				return err
			}
		}
		if f.state.sum, err = v.sum(f.state.pages); err != nil {
			return err
		}
		f.state.summed = true
	}
	return f.create(nil)
}

// create writes the file with what there is, and replaces an older one. The
// records are already enclosed.
func (f *File) create(records io.Reader) error {
	temporary := f.config.Path + "-new"
	file, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return fmt.Errorf("make history: %w", err)
	}
	_, err = file.Write(appendRecord(nil, kindHeader, f.header.body()))
	if err == nil && records != nil {
		_, err = io.Copy(file, records)
	}
	if err == nil {
		_, err = file.Write(appendRecord(nil, kindState, f.state.body()))
	}
	// Some systems do not rename a file that is open, or over one that is.
	err = errors.Join(err, file.Close())
	if f.file != nil {
		err = errors.Join(err, f.file.Close())
		f.file = nil
	}
	if err == nil {
		err = os.Rename(temporary, f.config.Path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("make history: %w", err), os.Remove(temporary))
	}
	if f.file, err = os.OpenFile(f.config.Path, os.O_RDWR, 0); err != nil {
		return fmt.Errorf("make history: %w", err)
	}
	if f.size, err = f.file.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("make history: %w", err)
	}
	return nil
}

// stamp notes how the database file looks now, when it alone is the state of
// the database.
func (f *File) stamp() error {
	info, err := os.Stat(f.config.Database)
	if err != nil {
		return fmt.Errorf("look at database: %w", err)
	}
	f.state.fileSize, f.state.fileTime = info.Size(), info.ModTime().UnixNano()
	return nil
}

// write appends a record.
func (f *File) write(k kind, body []byte) error {
	if f.file == nil {
		if err := f.start(); err != nil {
			return err
		}
	}
	f.buffer = appendRecord(f.buffer[:0], k, body)
	if _, err := f.file.WriteAt(f.buffer, f.size); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	f.size += int64(len(f.buffer))
	return nil
}
