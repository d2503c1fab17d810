//go:build unix

package isolate

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// reserve takes a range of addresses; memory is used only where something is written.
func reserve(n int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes for an isolate: %w", n, err)
	}
	return b, nil
}

func release(b []byte) {
	// The range came from reserve, so unmapping it cannot fail.
	_ = unix.Munmap(b)
}

// imageBytes holds a heap image in a file without a name, from which isolates are mapped
// copy-on-write: what no isolate writes exists once.
type imageBytes struct {
	file *os.File
	// number is the file's: os.File.Fd may change the file, and forks are made at the same time.
	number int
	size   int
}

func newImageBytes(b []byte) (*imageBytes, error) {
	f, err := anonymousFile()
	if err != nil {
		return nil, fmt.Errorf("make file for heap image: %w", err)
	}
	if _, err := f.WriteAt(b, 0); err != nil {
		f.Close()
		return nil, fmt.Errorf("write heap image: %w", err)
	}
	return &imageBytes{file: f, number: int(f.Fd()), size: len(b)}, nil
}

// mapOnto makes the beginning of the range a private copy of the image.
func (i *imageBytes) mapOnto(b []byte) error {
	return mapFixed(b[:i.size], i.number)
}

func (i *imageBytes) read() ([]byte, error) {
	b := make([]byte, i.size)
	_, err := i.file.ReadAt(b, 0)
	return b, err
}

func (i *imageBytes) close() error { return i.file.Close() }
