package isolate

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// reserve takes a range of addresses whose pages the system commits as they are touched.
func reserve(n int) ([]byte, error) {
	addr, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes for an isolate: %w", n, err)
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(addr)), n), nil
}

func release(b []byte) {
	// The range came from reserve, so giving it back cannot fail.
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(&b[0])), 0, windows.MEM_RELEASE)
}

// imageBytes holds a heap image. Isolates get a copy: Windows has no private mapping of a file
// onto a chosen range.
type imageBytes struct {
	b    []byte
	size int
}

func newImageBytes(b []byte) (*imageBytes, error) {
	return &imageBytes{append([]byte(nil), b...), len(b)}, nil
}

func (i *imageBytes) mapOnto(b []byte) error {
	copy(b, i.b)
	return nil
}

func (i *imageBytes) read() ([]byte, error) { return i.b, nil }

func (i *imageBytes) close() error { return nil }
