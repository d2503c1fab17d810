package emulator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/snapshot"
)

// Snapshots are those that were saved: they can be listed, removed and packed into archives.
func (e *Emulator) Snapshots() *snapshot.Store { return e.snapshots }

// snapshotTime is how a snapshot is named that was given no name.
const snapshotTime = "2006-01-02T15-04-05.000Z"

// SaveSnapshot keeps the state at one instant, between two turns of everything: storage, alarms and the clock. The
// scope is what of it, everything if it is empty. Without a name one is made of the clock's time. The error is
// [snapshot.ErrTaken], [durable.ErrNoObject] for an object of the scope that has no storage, or that of the context.
func (e *Emulator) SaveSnapshot(ctx context.Context, name string, scope ...snapshot.Place) (*snapshot.Snapshot, error) {
	if name != "" {
		if err := snapshot.CheckName(name); err != nil {
			return nil, err
		}
		if _, err := e.snapshots.Get(name); err == nil {
			return nil, snapshot.ErrTaken
		}
	}
	new, err := e.takeSnapshot(ctx, scope)
	if err != nil {
		return nil, err
	}
	err = complete(new)
	if err == nil {
		err = e.keepSnapshot(new, name)
	}
	if err != nil {
		e.snapshots.Discard(new)
		return nil, err
	}
	e.journal.Record(journal.Event{Kind: journal.Snapshot, Detail: new.Name})
	return new, nil
}

// complete tells whether a snapshot has all objects that it was asked for.
func complete(new *snapshot.Snapshot) error {
	for _, p := range new.Scope {
		if p.Object != "" && new.Object(p.Namespace, p.Object) == nil {
			return fmt.Errorf("object %s of %s: %w", p.Object, p.Namespace, durable.ErrNoObject)
		}
	}
	return nil
}

func (e *Emulator) keepSnapshot(new *snapshot.Snapshot, name string) error {
	if new.Name = name; name != "" {
		return e.snapshots.Keep(new)
	}
	// Two at one moment of a clock that stands have two names.
	base := new.At.UTC().Format(snapshotTime)
	for n := 1; ; n++ {
		new.Name = base
		if n > 1 {
			new.Name = fmt.Sprintf("%s-%d", base, n)
		}
		if err := e.snapshots.Keep(new); err != snapshot.ErrTaken {
			return err
		}
	}
}

// takeSnapshot copies what a scope covers.
func (e *Emulator) takeSnapshot(ctx context.Context, scope []snapshot.Place) (new *snapshot.Snapshot, err error) {
	new, err = e.snapshots.New()
	if err != nil {
		return nil, err
	}
	new.Scope = scope
	c := e.options.Clock
	stillErr := c.Work().Still(ctx, func() {
		at := c.Position()
		new.At, new.Clock = c.Now().UTC(), snapshot.Clock{Frozen: at.Frozen, Ahead: at.Ahead}
		err = e.copyAll(new)
	})
	if err = errors.Join(stillErr, err); err == nil {
		err = new.Complete()
	}
	if err != nil {
		e.snapshots.Discard(new)
		return nil, err
	}
	return new, nil
}

// copyAll copies what the snapshot's scope covers. Everything is still.
func (e *Emulator) copyAll(new *snapshot.Snapshot) error {
	for _, p := range new.Scope {
		if e.Namespace(p.Namespace) == nil {
			return fmt.Errorf("there is no namespace %s", p.Namespace)
		}
	}
	for _, n := range e.Namespaces() {
		ids, err := n.Stored()
		if err != nil {
			return err
		}
		key := n.UniqueKey()
		ids = slices.DeleteFunc(ids, func(id string) bool { return !new.Covers(key, id) })
		if len(ids) == 0 {
			continue
		}
		to := new.Copies(key)
		copied, err := n.Copy(to, ids)
		if err != nil {
			return err
		}
		new.Add(key, to, copied)
	}
	return nil
}

// Restored is what going back to a snapshot did.
type Restored struct {
	// Objects is how many have the state of the snapshot now; Deleted how many are gone that it covers and does not
	// have.
	Objects, Deleted int
}

// RestoreSnapshot makes the state of what a snapshot covers what it was: objects are reset, those that it does not
// have are deleted. A snapshot of everything takes the clock back, too. Hibernatable WebSockets of objects that are
// restored stay connected with [durable.HibernateSockets]; all else ends.
//
// The snapshot is checked first. Should the process die meanwhile, the next one that opens the state restores it again.
// The error is a [snapshot.DamagedError], that of the context, or of the disk: then everything is as it was before.
func (e *Emulator) RestoreSnapshot(ctx context.Context, s *snapshot.Snapshot, sockets durable.SocketMode) (r Restored, err error) {
	if err := e.checkSnapshot(s); err != nil {
		return r, err
	}
	before, err := e.snapshots.NewBefore()
	if err != nil {
		return r, err
	}
	before.Name, before.Scope = s.Name, s.Scope
	begun := false
	err = e.restoring(ctx, s, func() error {
		at := e.options.Clock.Position()
		before.At, before.Clock = e.options.Clock.Now().UTC(), snapshot.Clock{Frozen: at.Frozen, Ahead: at.Ahead}
		if err := e.copyAll(before); err != nil {
			return err
		}
		if err := e.snapshots.Begin(s.Name, before); err != nil {
			return err
		}
		begun = true
		r, err = e.restoreAll(s, sockets)
		if err != nil {
			return e.goBack(before, err)
		}
		return nil
	})
	if !begun {
		e.snapshots.Discard(before)
		return r, err
	}
	var half *halfRestoredError
	if errors.As(err, &half) {
		return Restored{}, err // the next start tries again
	}
	return r, errors.Join(err, e.snapshots.Done())
}

// checkSnapshot tells by its error whether a snapshot can be restored here.
func (e *Emulator) checkSnapshot(s *snapshot.Snapshot) error {
	if err := e.openNamespacesOf(s); err != nil {
		return err
	}
	return s.Check()
}

func (e *Emulator) openNamespacesOf(s *snapshot.Snapshot) error {
	for _, n := range s.Namespaces {
		if _, err := e.namespace(n.Key); err != nil {
			return err
		}
	}
	return nil
}

// restoring calls a function while everything is still, and puts the clock where it was with the snapshot.
func (e *Emulator) restoring(ctx context.Context, s *snapshot.Snapshot, restore func() error) (err error) {
	if s.Whole() {
		return e.options.Clock.Restore(ctx, position(s), restore)
	}
	stillErr := e.options.Clock.Work().Still(ctx, func() { err = restore() })
	return errors.Join(stillErr, err)
}

// halfRestoredError says that a restore failed, and going back too.
type halfRestoredError struct{ restore, back error }

func (e *halfRestoredError) Error() string {
	return fmt.Sprintf("%v\nand what was there before could not be put back: %v\nThe next start tries it again", e.restore, e.back)
}

func (e *halfRestoredError) Unwrap() []error { return []error{e.restore, e.back} }

// goBack puts back what was there before a restore that failed. Everything is still.
func (e *Emulator) goBack(before *snapshot.Snapshot, failed error) error {
	err := before.Complete()
	if err == nil {
		_, err = e.restoreAll(before, durable.CloseSockets)
	}
	if err != nil {
		return &halfRestoredError{failed, err}
	}
	return fmt.Errorf("%w\nEverything is as it was before", failed)
}

// position is where the clock was.
func position(s *snapshot.Snapshot) clock.Position {
	return clock.Position{Frozen: s.Clock.Frozen, At: s.At, Ahead: s.Clock.Ahead}
}

// restoreAll puts the snapshot's state in place. Everything is still.
func (e *Emulator) restoreAll(s *snapshot.Snapshot, sockets durable.SocketMode) (r Restored, err error) {
	why := "snapshot " + s.Name
	for _, n := range e.Namespaces() {
		key := n.UniqueKey()
		objects := s.Objects(key)
		remove, err := n.IDs()
		if err != nil {
			return r, err
		}
		remove = slices.DeleteFunc(remove, func(id string) bool { return !s.Covers(key, id) || s.Object(key, id) != nil })
		if err := n.Restore(s.Copies(key), objects, remove, sockets, why); err != nil {
			return r, err
		}
		r.Objects += len(objects)
		r.Deleted += len(remove)
	}
	return r, nil
}

// finishRestore does again what was cut off when the process before this one died, or takes it back.
func (e *Emulator) finishRestore(ctx context.Context) error {
	s, before, reason, err := e.snapshots.Interrupted()
	if err != nil || s == nil && before == nil {
		return err
	}
	if s != nil {
		e.options.Log.Warn("a snapshot was being restored when doemu ended: it is restored now", "snapshot", s.Name)
		if before == nil {
			_, err = e.RestoreSnapshot(ctx, s, durable.CloseSockets)
			return err
		}
	} else {
		e.options.Log.Warn("a snapshot was being restored when doemu ended, and cannot be any more: what was there before is put back", "reason", reason)
		if s, err = before, before.Complete(); err != nil {
			return err
		}
	}
	if err := errors.Join(e.openNamespacesOf(s), e.openNamespacesOf(before)); err != nil {
		return err
	}
	err = e.restoring(ctx, s, func() error {
		_, err := e.restoreAll(s, durable.CloseSockets)
		return err
	})
	if err != nil {
		return err
	}
	return e.snapshots.Done()
}

// CompareSnapshots gives what differs between two snapshots, in what both of them cover.
func (e *Emulator) CompareSnapshots(before, after *snapshot.Snapshot) (snapshot.Comparison, error) {
	return snapshot.Compare(before, after)
}

// CompareWithNow gives what differs between a snapshot and the state as it is.
func (e *Emulator) CompareWithNow(ctx context.Context, before *snapshot.Snapshot) (c snapshot.Comparison, err error) {
	now, err := e.takeSnapshot(ctx, before.Scope)
	if err != nil {
		return c, err
	}
	defer e.snapshots.Discard(now)
	return snapshot.Compare(before, now)
}
