package linear

import (
	"os"

	"golang.org/x/sys/unix"
)

const mapNoReserve = unix.MAP_NORESERVE

func anonymousFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("heap image", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "heap image"), nil
}
