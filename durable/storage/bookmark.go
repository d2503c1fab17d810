package storage

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
)

// bookmark names a state of the database. Its text has the form of Cloudflare's,
// and orders as the states do in time.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#pitr-point-in-time-recovery-api
type bookmark struct {
	// seq numbers the states; its upper half grows with every restore.
	seq int64
	// call tells bookmarks of the same state apart.
	call uint32
	// history is the identity of the history that the state is in.
	history [16]byte
}

// lastCall is the call of a bookmark that was not given in the turn that made
// the state, so that it orders behind those that were.
const lastCall = 0xffffffff

// String returns the bookmark's text.
func (b bookmark) String() string {
	return fmt.Sprintf("%08x-%08x-%08x-%032x", b.seq>>32, b.seq&0xffffffff, b.call, b.history)
}

// parseBookmark reads a bookmark's text.
func parseBookmark(text string) (bookmark, *Error) {
	match := regexp.MustCompile(`^([0-7][0-9a-f]{7})-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{32})$`).FindStringSubmatch(text)
	if match == nil {
		return bookmark{}, plainError(fmt.Sprintf("The bookmark %.100q is malformed: a bookmark is what getCurrentBookmark(), "+
			"getBookmarkForTime() or onNextSessionRestoreBookmark() returned.", text))
	}
	var b bookmark
	// What matched the expression is in range.
	b.seq, _ = strconv.ParseInt(match[1]+match[2], 16, 64)
	call, _ := strconv.ParseUint(match[3], 16, 32)
	b.call = uint32(call)
	_, _ = hex.Decode(b.history[:], []byte(match[4]))
	return b, nil
}

// FormatCounter gives the number that [DB.Bookmark] returns the form of a
// bookmark, as workerd does.
func FormatCounter(n int64) string { return bookmark{seq: n}.String() }
