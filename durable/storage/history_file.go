package storage

import (
	"errors"
	"strings"
	"time"

	"github.com/doemu/doemu/durable/storage/internal/history"
)

// checkpointFrames is how long the log of a database grows before it is copied
// into the database, in frames, as SQLite would by itself.
const checkpointFrames = 1000

// historyPath is the file beside a database where its history is. wrangler and
// workerd take no notice of it.
func historyPath(database string) string { return strings.TrimSuffix(database, extension) + ".history" }

// fileHistory keeps states in a history file.
type fileHistory struct {
	*history.File
	limit int64
	// frames is the length of the log after the last commit, and changed set if
	// there has been one since the last look.
	frames  int
	changed bool
	// restarted is set when SQLite may begin the log anew.
	restarted bool
	// tried is how long the log was at the last checkpoint.
	tried int
}

func (h *fileHistory) here() place        { return place{Position: h.Position()} }
func (h *fileHistory) identity() [16]byte { return h.Identity() }

func (h *fileHistory) began() (int64, history.Reason)   { return h.Began() }
func (h *fileHistory) pin(seq int64) error              { return h.Pin(seq) }
func (h *fileHistory) points() ([]history.Point, error) { return h.Points() }
func (h *fileHistory) restorePends() bool {
	_, _, pends := h.Target()
	return pends
}
func (h *fileHistory) setTarget(target, undo int64) error    { return h.SetTarget(target, undo) }
func (h *fileHistory) add(b history.Boundary, _ place) error { return h.Add(b) }

func (h *fileHistory) committed() (bool, error) {
	if !h.changed {
		return false, nil
	}
	h.changed = false
	err := h.Committed(uint32(h.frames), h.restarted)
	h.restarted = false
	return true, err
}

// openFileHistory never fails: an object whose history cannot be read goes on
// without.
func (d *DB) openFileHistory(t *timeline, now int64) {
	h := &fileHistory{limit: d.options.History.LimitBytes}
	if h.limit == 0 {
		h.limit = DefaultHistoryBytes
	}
	d.conn.OnCommit(func(frames int) { h.frames, h.changed = frames, true })
	d.file = h
	var err error
	h.File, err = history.Open(history.Config{
		Path: historyPath(d.options.Path), Database: d.options.Path, Now: now, LimitBytes: h.limit,
		Identity: identityFrom(d.options.Random),
	})
	if err != nil {
		t.fail(err)
		return
	}
	t.recorder, t.lastSeq, t.since = h, h.LastSeq(), h.Since()
	if newest, ok := h.Newest(); ok {
		t.newest, t.hasNewest = place{Position: newest.At}, true
	}
	if h.Foreign() {
		t.log.Warn("another program changed the storage of an object: its history begins anew")
	}
	d.restoreFile(t, h)
}

// restoreFile makes the database what it was at the state that was asked for.
// Should the process die meanwhile, it is done again: until the caller says
// [DB.RestoreDone] it remains asked for.
func (d *DB) restoreFile(t *timeline, h *fileHistory) {
	target, undo, ok := h.Target()
	if !ok {
		return
	}
	err := func() error {
		if t.lastSeq < undo {
			// The state before the restore, to which it can be undone.
			if err := t.keep(h.here(), undo, t.now(), true); err != nil {
				return err
			}
		}
		if err := h.Save(); err != nil || target == undo {
			return err
		}
		image, err := h.Image(target)
		if err != nil {
			return err
		}
		defer image.Close()
		if err := d.conn.Replace(image); err != nil {
			return err
		}
		// SQLite does not tell of what a backup commits.
		frames, err := h.Frames()
		if err != nil {
			return err
		}
		t.since = max(t.since, t.now())
		return h.Committed(frames, true)
	}()
	var damaged *history.DamagedError
	switch {
	case err == nil:
		d.restored = true
	case errors.As(err, &damaged):
		t.fail(err)
	default:
		// It would fail for ever: the object goes on as it is.
		t.log.Error("an earlier state of an object's storage could not be restored", "err", err)
		t.fail(h.SetTarget(-1, -1))
	}
}

// checkpoint copies the log into the database when it has grown long, after
// what the database was has been saved.
func (d *DB) checkpoint() {
	h := d.file
	if h.frames < h.tried {
		h.tried = 0
	}
	if h.frames-h.tried < checkpointFrames {
		return
	}
	d.saveHistory()
	all, err := d.conn.Checkpoint()
	if err != nil {
		// It is tried again when the log has grown further.
		d.timeline.log.Warn("the log of an object's storage could not be copied into it", "err", err)
	}
	if h.tried = h.frames; all {
		h.tried, h.restarted = 0, true
	}
}

// saveHistory saves what the log of the database replaces.
func (d *DB) saveHistory() {
	t, h := d.timeline, d.file
	if t.failure != nil {
		return
	}
	h.SetNow(t.now())
	before, _ := h.Began()
	err := h.Save()
	if errors.Is(err, history.ErrForeign) {
		// The next time that the object starts its history begins anew.
		h.Abandon()
	}
	t.fail(err)
	if began, why := h.Began(); err == nil && began != before && why == history.Oversized {
		t.log.Warn("the history of an object's storage was cut at its limit of size",
			"begins", time.UnixMilli(began).UTC().Format(time.RFC3339Nano), "limit", h.limit)
	}
}

// closeHistory ends the history after the database was closed.
func (d *DB) closeHistory() {
	if d.file == nil || d.file.File == nil {
		return
	}
	if d.timeline.failure != nil {
		d.file.Abandon()
		return
	}
	d.timeline.fail(d.file.Close())
}
