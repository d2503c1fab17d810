//go:build unix && !linux

package isolate

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// anonymousFile is a temporary file that loses its name at once.
func anonymousFile() (*os.File, error) {
	f, err := os.CreateTemp("", "doemu-heap-image-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

func mapFixed(b []byte, fd int) error {
	_, err := unix.MmapPtr(fd, 0, unsafe.Pointer(&b[0]), uintptr(len(b)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED)
	return err
}
