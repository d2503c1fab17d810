//go:build unix

package registry

import (
	"io/fs"
	"os"
	"syscall"
)

// owned tells whether a file is the user's own: calls do not go where somebody else says.
func owned(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
