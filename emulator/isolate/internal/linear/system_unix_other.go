//go:build unix && !linux

package linear

import "os"

const mapNoReserve = 0

// anonymousFile is a temporary file that loses its name at once.
func anonymousFile() (*os.File, error) {
	f, err := os.CreateTemp("", "doemu-heap-image-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
