package durable

import (
	"context"
	"errors"
	"io/fs"

	"github.com/doemu/doemu/durable/storage"
)

// ErrNoObject is for an object of which there is nothing: no storage, no alarm, no WebSocket.
var ErrNoObject = errors.New("there is no such object: nothing was stored under this id or name")

// ErrNoFacet is for a facet of which there is nothing.
var ErrNoFacet = errors.New("the object has no such facet, or it has stored nothing")

// Look reads what an object has stored, as it was committed last. It uses a connection of its own, which
// cannot write: the object is not woken, and cannot be harmed by a query that is interrupted when the
// context ends. One that is in memory does not wait for f; one that is not starts when f has ended. The error is [ErrNoObject] if it has no storage.
func (n *Namespace) Look(ctx context.Context, hex string, f func(*storage.DB) error) error {
	return n.lookInto(ctx, hex, hex, f)
}

// LookFacet is Look for a facet of an object, to which names lead from the object. The error is [ErrNoFacet] if it has no
// storage.
func (n *Namespace) LookFacet(ctx context.Context, hex string, path []string, f func(*storage.DB) error) error {
	index, err := n.files.Facets(hex)
	if err != nil {
		return err
	}
	number := index.Find(path)
	if number == 0 {
		return ErrNoFacet
	}
	if err := n.lookInto(ctx, hex, storage.FacetName(hex, number), f); err != ErrNoObject {
		return err
	}
	return ErrNoFacet
}

// lookInto reads a database of an object: its own, or one of a facet, which is open only while the object is in memory.
func (n *Namespace) lookInto(ctx context.Context, hex, database string, f func(*storage.DB) error) error {
	if ok, err := n.files.Has(database); err != nil {
		return err
	} else if !ok {
		return ErrNoObject
	}
	if o := n.Object(hex, ""); !o.loop.Live() {
		// It does not start meanwhile: then nothing has to be made on disk for the look.
		err := await(ctx, o.loop.Control, func() error {
			if o.loop.Started() || o.moved() != nil || !o.facetsEnded() {
				return errAwake
			}
			return n.look(ctx, database, true, f)
		})
		if err != errAwake {
			return err
		}
	}
	return n.look(ctx, database, false, f)
}

func (n *Namespace) look(ctx context.Context, database string, still bool, f func(*storage.DB) error) error {
	db, err := n.files.OpenReadOnly(database, still)
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
