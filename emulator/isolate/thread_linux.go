package isolate

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadID is the number of the thread that calls it.
func threadID() int { return unix.Gettid() }

// threadTime is how long a thread of this process has computed; ok is false if there is no such thread.
func threadTime(id int) (computed time.Duration, ok bool) {
	// The kernel's number for the clock of a thread: the thread, inverted, and 6 for the time that it was scheduled.
	var t unix.Timespec
	if id == 0 || unix.ClockGettime(int32(^id<<3|6), &t) != nil {
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
