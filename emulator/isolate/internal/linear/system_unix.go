//go:build unix

package linear

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// reserve takes a range of addresses, of which n bytes will be used; nothing of it is accessible if that is what
// guards it.
func reserve(n int) ([]byte, error) {
	size, access := n, unix.PROT_READ|unix.PROT_WRITE
	if Guarded {
		size, access = reach, unix.PROT_NONE
	}
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(size), access, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("reserve addresses for a memory of %d bytes: %w", n, err)
	}
	return unsafe.Slice((*byte)(p), n), nil
}

func release(b []byte) {
	size := len(b)
	if Guarded {
		size = reach
	}
	// The range came from reserve, so unmapping it cannot fail.
	_ = unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(size))
}

// commit makes bytes that were reserved accessible.
func commit(b []byte) error {
	if !Guarded {
		return nil
	}
	return unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE)
}

func protect(b []byte) error { return unix.Mprotect(b, unix.PROT_NONE) }

func unprotect(b []byte) error { return unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE) }

// Image is what a memory held, in a file without a name, from which memories are mapped copy-on-write: what none of
// them writes exists once.
type Image struct {
	file *os.File
	// number is the file's: os.File.Fd may change the file, and mappings are made at the same time.
	number int
	size   int
}

// NewImage makes an image of whole pages.
func NewImage(b []byte) (*Image, error) {
	f, err := anonymousFile()
	if err != nil {
		return nil, fmt.Errorf("make file for heap image: %w", err)
	}
	if _, err := f.WriteAt(b, 0); err != nil {
		f.Close()
		return nil, fmt.Errorf("write heap image: %w", err)
	}
	return &Image{file: f, number: int(f.Fd()), size: len(b)}, nil
}

// mapOnto makes a range a private copy of the image.
func (i *Image) mapOnto(b []byte) error {
	_, err := unix.MmapPtr(i.number, 0, unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED|mapNoReserve)
	return err
}

// Read gives what the image holds.
func (i *Image) Read() ([]byte, error) {
	b := make([]byte, i.size)
	_, err := i.file.ReadAt(b, 0)
	return b, err
}

// Close frees the image. Memories that it is mapped into keep what they have.
func (i *Image) Close() error { return i.file.Close() }
