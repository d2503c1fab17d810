package adminapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

// entry is a key with its value.
type entry struct {
	Key string `json:"key"`
	value
}

type keysRequest struct {
	storagePlace
	Prefix string `query:"prefix" json:"-"`
	Limit  int    `query:"limit" json:"-" description:"1000 if not given, 10000 at most"`
	Cursor string `query:"cursor" json:"-"`
}

func (a *api) listKeys(ctx context.Context, in keysRequest) (p page[entry], err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return p, err
	}
	limit := pageLimit(in.Limit, usualRows, mostRows)
	more := limit + 1
	options := storage.ListOptions{Prefix: in.Prefix, Limit: &more}
	if in.Cursor != "" {
		after, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		if err != nil {
			return p, refuse(http.StatusBadRequest, "cursor is %q, but must be one that an answer gave.", in.Cursor)
		}
		start := string(after)
		options.StartAfter = &start
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.look(ctx, in.storagePlace, func(db *storage.DB) error {
		all, err := db.Iterate(options)
		if err != nil {
			return err
		}
		defer all.Close()
		for size := 0; ; {
			e, ok, err := all.Next()
			if err != nil || !ok {
				return err
			}
			if size += len(e.Key) + min(len(e.Value), listedJSON); len(p.items) == limit || size > mostCells {
				p.cursor = base64.RawURLEncoding.EncodeToString([]byte(p.items[len(p.items)-1].Key))
				return nil
			}
			view := valueView(e.Value)
			if len(view.JSON) > listedJSON {
				view.JSON = nil
			}
			p.items = append(p.items, entry{e.Key, view})
		}
	})
	return p, err
}

type getKeyRequest struct {
	storagePlace
	Key string `path:"key" json:"-" description:"URL-encoded"`
}

type keyRequest struct {
	objectPath
	Key string `path:"key" json:"-" description:"URL-encoded"`
}

func (a *api) getKey(ctx context.Context, in getKeyRequest) (e entry, err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return e, err
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.look(ctx, in.storagePlace, func(db *storage.DB) error {
		data, ok, err := db.Get(in.Key)
		if err == nil && !ok {
			err = refuse(http.StatusNotFound, "The object has no key %s.", strconv.Quote(in.Key))
		}
		e = entry{in.Key, valueView(data)}
		return err
	})
	return e, err
}

// putKeyRequest takes the value as its body.
type putKeyRequest struct {
	keyRequest
	value json.RawMessage
}

func (p *putKeyRequest) setBody(text json.RawMessage) { p.value = text }

func (a *api) putKey(ctx context.Context, in putKeyRequest) (e entry, err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return e, err
	}
	data, err := serialized.FromJSON(in.value)
	if err != nil {
		return e, refuse(http.StatusBadRequest, "The value is not what JSON can say: %v.", err)
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.Edit(ctx, t.id, t.name, "put "+strconv.Quote(in.Key), func(e *durable.Edit) error { return e.DB.Put(in.Key, data) })
	return entry{in.Key, valueView(data)}, err
}

func (a *api) deleteKey(ctx context.Context, in keyRequest) (d deleted, err error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return d, err
	}
	if _, err := t.Find(t.id); err != nil {
		return d, err
	}
	ctx, cancel := a.hurry(ctx)
	defer cancel()
	err = t.Edit(ctx, t.id, t.name, "delete "+strconv.Quote(in.Key), func(e *durable.Edit) (err error) {
		d.Deleted, err = e.DB.Delete(in.Key)
		return err
	})
	return d, err
}
