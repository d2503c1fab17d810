// Package machine tells what the machine gives a process, and how much of it is used.
package machine

import (
	"fmt"
	"runtime/metrics"
)

// enoughFiles is how many files a process should be able to open: an object that is in memory has up to five.
const enoughFiles = 4096

// OpenFiles tells how many files are open and may be. The error says that there are too few for an emulator, or that
// they are nearly used up. Where the system does not tell, there is no error.
func OpenFiles() (detail string, err error) {
	open, limit, ok := files()
	switch {
	case !ok:
		return "not known on this system", nil
	case limit < enoughFiles:
		err = fmt.Errorf("only %d files may be open at a time, and each object in memory needs up to five: raise the limit, with ulimit -n 10240 or where the service is started", limit)
	case open > limit/5*4:
		err = fmt.Errorf("%d of %d files that may be open are", open, limit)
	}
	return fmt.Sprintf("%d of %d", open, limit), err
}

// littleMemory is how many bytes should be free: a Worker and some hundred objects.
const littleMemory = 256 << 20

// FreeMemory is how many bytes of memory are free for this process, if that is known.
func FreeMemory() (bytes uint64, known bool) { return available() }

// Memory tells how much memory Go's part of the process has and how much is free. The error says that there is
// little, or that the system does not give addresses as an emulator needs them. Where the system does not tell, there
// is no error.
func Memory() (detail string, err error) {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	detail = fmt.Sprintf("%d MiB", sample[0].Value.Uint64()>>20)
	if free, ok := available(); ok {
		detail += fmt.Sprintf(", %d MiB free", free>>20)
		if free < littleMemory {
			err = fmt.Errorf("only %d MiB of memory are free", free>>20)
		}
	}
	if why := addresses(); why != "" {
		err = fmt.Errorf("%s", why)
	}
	return detail, err
}
