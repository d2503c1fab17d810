package storage

import (
	"fmt"
	"slices"
	"time"

	"github.com/doemu/doemu/durable/storage/internal/history"
)

const noRecoveryText = "This Durable Object's storage back-end does not implement point-in-time recovery."

// recovery returns the history of the object, or why there is none.
func (d *DB) recovery() (*timeline, *Error) {
	switch {
	case d.broken != nil:
		return nil, d.broken
	case d.timeline == nil:
		return nil, plainError(noRecoveryText)
	case d.timeline.failure != nil:
		return nil, plainError("Point-in-time recovery is not available: " + d.timeline.failure.Error())
	}
	return d.timeline, nil
}

// KeepsHistory reports whether earlier states of the object can be restored.
func (d *DB) KeepsHistory() bool { return d.timeline != nil }

// CurrentBookmark returns a bookmark of the state that the turn leaves when it
// commits. Each is greater than those before it.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#getcurrentbookmark
func (d *DB) CurrentBookmark() (string, error) {
	t, failure := d.recovery()
	if failure != nil {
		return "", failure
	}
	if err := d.beginWrite(); err != nil {
		return "", err
	}
	if t.pending == 0 {
		// Whatever is kept from here on is the transaction's end.
		if err := t.keepHere(); err != nil {
			t.fail(err)
			return "", plainError(err.Error())
		}
		t.pending, t.calls = t.lastSeq+2, 0
	} else {
		t.calls++
	}
	return bookmark{seq: t.pending, call: t.calls, history: t.identity()}.String(), nil
}

// BookmarkForTime returns a bookmark of the state that the object had at a
// time, not older than [history.Retention].
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#getbookmarkfortime
func (d *DB) BookmarkForTime(at time.Time) (string, error) {
	t, failure := d.recovery()
	if failure != nil {
		return "", failure
	}
	ms, now := at.UnixMilli(), t.now()
	if ms > now {
		return "", plainError(fmt.Sprintf("getBookmarkForTime() was called with a time in the future: %s, while it is %s.",
			showTime(ms), showTime(now)))
	}
	if oldest := now - history.Retention.Milliseconds(); ms < oldest {
		return "", plainError(fmt.Sprintf("getBookmarkForTime() was called with %s, which is more than 30 days ago.", showTime(ms)))
	}
	if ms >= t.since {
		if err := t.keepHere(); err != nil {
			t.fail(err)
			return "", plainError(err.Error())
		}
		return bookmark{seq: t.lastSeq, call: lastCall, history: t.identity()}.String(), nil
	}
	points, err := t.points()
	if err != nil {
		return "", plainError(err.Error())
	}
	for _, p := range slices.Backward(points) {
		if p.Since > ms {
			continue
		}
		if err := t.pin(p.Seq); err != nil {
			return "", plainError(err.Error())
		}
		return bookmark{seq: p.Seq, call: lastCall, history: t.identity()}.String(), nil
	}
	began, why := t.began()
	return "", plainError(fmt.Sprintf("getBookmarkForTime() was called with %s, but the history of this Durable Object's storage "+
		"begins at %s: %s.", showTime(ms), showTime(began), why))
}

// RestoreOnNextOpen asks for the state of a bookmark to be restored when the
// object is next opened, even if this process dies at once. It returns a
// bookmark of the state just before that, with which it can be undone.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#onnextsessionrestorebookmark
func (d *DB) RestoreOnNextOpen(text string) (undo string, err error) {
	t, failure := d.recovery()
	if failure != nil {
		return "", failure
	}
	b, failure := parseBookmark(text)
	if failure != nil {
		return "", failure
	}
	// All states of later sessions are above it.
	last := t.lastSeq | 0xffffffff
	if last == t.lastSeq {
		last = (t.lastSeq + 1) | 0xffffffff
	}
	target, failure := t.find(b, last)
	if failure != nil {
		return "", failure
	}
	if err := t.setTarget(target, last); err != nil {
		t.fail(err)
		return "", plainError(err.Error())
	}
	return bookmark{seq: last, history: t.identity()}.String(), nil
}

// find finds the number of the state that a bookmark names.
func (t *timeline) find(b bookmark, last int64) (int64, *Error) {
	if b.history != t.identity() {
		text := fmt.Sprintf("The bookmark %s is not one of this Durable Object's storage.", b)
		if began, why := t.began(); why != history.Fresh {
			text = fmt.Sprintf("%s Its history begins at %s: %s.", text, showTime(began), why)
		}
		return 0, plainError(text)
	}
	switch {
	case b.seq == last:
		return last, nil
	case b.seq == t.pending && t.pending != 0:
		// What this turn writes is undone if the object is reset now.
		return t.lastSeq, nil
	case b.seq > t.lastSeq:
		return 0, plainError(fmt.Sprintf("The bookmark %s is not known.", b))
	}
	points, err := t.points()
	if err != nil {
		return 0, plainError(err.Error())
	}
	oldest := t.now() - history.Retention.Milliseconds()
	for i, p := range points {
		if p.Seq != b.seq {
			continue
		}
		if history.Until(points, i, t.now()) <= oldest {
			return 0, plainError(fmt.Sprintf("The bookmark %s is more than 30 days old.", b))
		}
		return p.Seq, nil
	}
	began, why := t.began()
	return 0, plainError(fmt.Sprintf("The bookmark %s is not known: the history of this Durable Object's storage begins at %s: %s.",
		b, showTime(began), why))
}

func showTime(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// Restored reports whether an earlier state was restored when the database was
// opened. Then what depends on it, such as the alarm, must be brought in line,
// and [DB.RestoreDone] be called: otherwise it is restored again.
func (d *DB) Restored() bool { return d.restored }

// RestoreDone tells that all is done that follows from a restore.
func (d *DB) RestoreDone() error { return d.timeline.setTarget(-1, -1) }
