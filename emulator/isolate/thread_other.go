//go:build !linux

package isolate

import "time"

// threadID is 0: what threads computed cannot be asked.
func threadID() int { return 0 }

func threadTime(int) (computed time.Duration, ok bool) { return 0, false }
