package linear

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// reserve takes a range of addresses, of which n bytes will be used; nothing of it is accessible.
func reserve(n int) ([]byte, error) {
	size := n
	if Guarded {
		size = reach
	}
	at, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_RESERVE, windows.PAGE_NOACCESS)
	if err != nil {
		return nil, fmt.Errorf("reserve addresses for a memory of %d bytes: %w", n, err)
	}
	b := unsafe.Slice((*byte)(pointer(at)), n)
	if !Guarded {
		if err := commit(b); err != nil {
			release(b)
			return nil, err
		}
	}
	return b, nil
}

// pointer is the memory at an address that the system gave, which Go's collector does not know.
func pointer(at uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&at)) }

func release(b []byte) {
	// The range came from reserve, so giving it back cannot fail.
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(unsafe.SliceData(b))), 0, windows.MEM_RELEASE)
}

// commit makes bytes that were reserved accessible.
func commit(b []byte) error {
	_, err := windows.VirtualAlloc(uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), windows.MEM_COMMIT, windows.PAGE_READWRITE)
	return err
}

// protect takes back what was committed, as far as there is any.
func protect(b []byte) error {
	return windows.VirtualFree(uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), windows.MEM_DECOMMIT)
}

func unprotect(b []byte) error { return commit(b) }

// Image is what a memory held. Memories get a copy: Windows has no private mapping of a file onto a chosen range.
type Image struct {
	bytes []byte
	size  int
}

// NewImage makes an image of whole pages.
func NewImage(b []byte) (*Image, error) { return &Image{append([]byte(nil), b...), len(b)}, nil }

func (i *Image) mapOnto(b []byte) error {
	if err := commit(b); err != nil {
		return err
	}
	copy(b, i.bytes)
	return nil
}

// Read gives what the image holds.
func (i *Image) Read() ([]byte, error) { return i.bytes, nil }

// Close frees the image. Memories keep what they have.
func (i *Image) Close() error { return nil }
