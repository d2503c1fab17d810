package snapshot

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
)

// Change is what became of something between two states.
type Change string

// It is there in the later one only, in the earlier one only, or in both and not the same.
const (
	Added   Change = "added"
	Removed Change = "removed"
	Changed Change = "changed"
)

// Comparison is what differs between two states.
type Comparison struct {
	Objects []ObjectChange
	// More tells whether there are more objects that differ: the most are mostObjects.
	More bool
}

// ObjectChange is how an object differs. Keys and tables are those that differ.
type ObjectChange struct {
	Namespace, ID, Name string
	Change              Change
	// AlarmBefore and AlarmAfter are the times of its alarm; zero if it has none.
	AlarmBefore, AlarmAfter time.Time
	Keys                    []KeyChange
	Tables                  []TableChange
	// More tells whether there are more keys: the most are mostChanges.
	More bool
}

// KeyChange is a key whose value differs. A value that is not there is nil, others are as they are stored.
type KeyChange struct {
	Key           string
	Before, After []byte
}

// TableChange is a table whose rows differ, or the statement that made it.
type TableChange struct {
	Name   string
	Change Change
	// SQLBefore and SQLAfter are the statements that made it. If they differ in the columns, rows are not compared.
	SQLBefore, SQLAfter string
	Columns             []string
	Rows                []RowChange
	// More tells whether there are more rows: the most are mostChanges.
	More bool
}

// RowChange is a row that differs. One that is not there is nil.
type RowChange struct{ Before, After []storage.Value }

// Bounds of a comparison.
const (
	mostObjects = 1000
	mostChanges = 200
)

// Compare gives what differs between two snapshots, in what both of them cover.
func Compare(before, after *Snapshot) (c Comparison, err error) {
	c.Objects = []ObjectChange{}
	for _, key := range keys(before, after) {
		ids := map[string][2]*durable.Copied{}
		for side, s := range []*Snapshot{before, after} {
			objects := s.Objects(key)
			for i := range objects {
				pair := ids[objects[i].ID]
				pair[side] = &objects[i]
				ids[objects[i].ID] = pair
			}
		}
		for _, id := range slices.Sorted(maps.Keys(ids)) {
			if !before.Covers(key, id) || !after.Covers(key, id) {
				continue
			}
			change, err := compareObject(key, id, before, after, ids[id])
			if err != nil {
				return c, err
			}
			switch {
			case change == nil:
			case len(c.Objects) == mostObjects:
				c.More = true
				return c, nil
			default:
				c.Objects = append(c.Objects, *change)
			}
		}
	}
	return c, nil
}

// keys are the namespaces that one of two snapshots has.
func keys(snapshots ...*Snapshot) (keys []string) {
	for _, s := range snapshots {
		for _, n := range s.Namespaces {
			keys = append(keys, n.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// compareObject gives how an object differs, or nil.
func compareObject(key, id string, before, after *Snapshot, pair [2]*durable.Copied) (*ObjectChange, error) {
	c := &ObjectChange{Namespace: key, ID: id, Change: Changed, Keys: []KeyChange{}, Tables: []TableChange{}}
	var dbs [2]*storage.DB
	for side, s := range []*Snapshot{before, after} {
		o := pair[side]
		if o == nil {
			continue
		}
		c.Name = cmp.Or(o.Name, c.Name)
		if side == 0 {
			c.AlarmBefore = o.Alarm
		} else {
			c.AlarmAfter = o.Alarm
		}
		db, err := s.Copies(key).Open(id)
		if err != nil {
			return nil, err
		}
		defer db.Close()
		dbs[side] = db
	}
	switch {
	case pair[0] == nil:
		c.Change = Added
	case pair[1] == nil:
		c.Change = Removed
	}
	if err := c.compareKeys(dbs); err != nil {
		return nil, err
	}
	if err := c.compareTables(dbs); err != nil {
		return nil, err
	}
	if c.Change == Changed && len(c.Keys) == 0 && len(c.Tables) == 0 && c.AlarmBefore.Equal(c.AlarmAfter) {
		return nil, nil
	}
	return c, nil
}

// pairs walks two lists that are in the order of their keys, and gives what they have of each key.
func pairs[T any](next [2]func() (*T, error), order func(a, b *T) int, each func(before, after *T) (more bool)) error {
	var at [2]*T
	var err error
	for side := range at {
		if at[side], err = next[side](); err != nil {
			return err
		}
	}
	for at[0] != nil || at[1] != nil {
		now := at
		if at[0] != nil && at[1] != nil {
			switch c := order(at[0], at[1]); {
			case c < 0:
				now[1] = nil
			case c > 0:
				now[0] = nil
			}
		}
		if !each(now[0], now[1]) {
			return nil
		}
		for side := range at {
			if now[side] != nil {
				if at[side], err = next[side](); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *ObjectChange) compareKeys(dbs [2]*storage.DB) error {
	var next [2]func() (*storage.Entry, error)
	for side, db := range dbs {
		next[side] = func() (*storage.Entry, error) { return nil, nil }
		if db == nil {
			continue
		}
		all, err := db.Iterate(storage.ListOptions{})
		if err != nil {
			return err
		}
		defer all.Close()
		next[side] = func() (*storage.Entry, error) {
			e, ok, err := all.Next()
			if err != nil || !ok {
				return nil, err
			}
			e.Value = slices.Clone(e.Value)
			return &e, nil
		}
	}
	return pairs(next, func(a, b *storage.Entry) int { return strings.Compare(a.Key, b.Key) }, func(before, after *storage.Entry) bool {
		change := KeyChange{}
		if before != nil {
			change.Key, change.Before = before.Key, before.Value
		}
		if after != nil {
			change.Key, change.After = after.Key, after.Value
		}
		if before != nil && after != nil && string(before.Value) == string(after.Value) {
			return true
		}
		if c.More = len(c.Keys) == mostChanges; c.More {
			return false
		}
		c.Keys = append(c.Keys, change)
		return true
	})
}
