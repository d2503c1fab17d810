package durable

import (
	"context"
	"errors"
	"io/fs"

	"github.com/doemu/doemu/durable/storage"
)

// ErrNoObject is for an object of which there is nothing: no storage, no alarm, no WebSocket.
var ErrNoObject = errors.New("there is no such object: nothing was stored under this id or name")

// Look reads what an object has stored, as it was committed last. It uses a connection of its own, which
// cannot write: the object is not woken, and cannot be harmed by a query that is interrupted when the
// context ends. One that is in memory does not wait for f; one that is not starts when f has ended. The error is [ErrNoObject] if it has no storage.
func (n *Namespace) Look(ctx context.Context, hex string, f func(*storage.DB) error) error {
	if ok, err := n.files.Has(hex); err != nil {
		return err
	} else if !ok {
		return ErrNoObject
	}
	if o := n.Object(hex, ""); !o.loop.Live() {
		// It does not start meanwhile: then nothing has to be made on disk for the look.
		err := await(ctx, o.loop.Control, func() error {
			if o.loop.Started() || o.moved() != nil {
				return errAwake
			}
			return n.look(ctx, hex, true, f)
		})
		if err != errAwake {
			return err
		}
	}
	return n.look(ctx, hex, false, f)
}

func (n *Namespace) look(ctx context.Context, hex string, still bool, f func(*storage.DB) error) error {
	db, err := n.files.OpenReadOnly(hex, still)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoObject
	}
	if err != nil {
		return err
	}
	db.SetInterrupt(ctx)
	err = f(db)
	db.SetInterrupt(context.Background())
	return errors.Join(interrupted(ctx, err), db.Close())
}

// errAwake tells that the object is in memory after all.
var errAwake = errors.New("the object is in memory")

// interrupted is the reason if a query failed because the context ended.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
