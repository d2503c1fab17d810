package storage_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/doemu/doemu/durable/storage"
)

func put(tb testing.TB, db *storage.DB, keys ...string) {
	tb.Helper()
	for _, key := range keys {
		if err := db.Put(key, []byte("value of "+key)); err != nil {
			tb.Fatal(err)
		}
	}
}

func keysOf(entries []storage.Entry) []string {
	keys := []string{}
	for _, entry := range entries {
		keys = append(keys, entry.Key)
	}
	return keys
}

func ptr[T any](v T) *T { return &v }

func wantError(tb testing.TB, err error, want string) {
	tb.Helper()
	if err == nil || err.Error() != want {
		tb.Errorf("got %v, want %s", err, want)
	}
}

func TestDB_keyValue(t *testing.T) {
	t.Parallel()
	db := open(t)
	if _, ok, err := db.Get("a"); ok || err != nil {
		t.Errorf("got %v, %v from an empty database", ok, err)
	}
	if deleted, err := db.Delete("a"); deleted || err != nil {
		t.Errorf("got %v, %v from deleting nothing", deleted, err)
	}
	for _, key := range []string{"a", "", "nul\x00key", "é", "\xed\xa0\x80", strings.Repeat("k", 5000)} {
		for _, want := range [][]byte{{0xff, 0x0f, 0x49, 0x02}, {}, []byte("text")} {
			if err := db.Put(key, want); err != nil {
				t.Fatal(err)
			}
			if got, ok, err := db.Get(key); !ok || err != nil || !bytes.Equal(got, want) {
				t.Errorf("%.10q: got %v, %v, %v, want %v", key, got, ok, err, want)
			}
		}
		if deleted, err := db.Delete(key); !deleted || err != nil {
			t.Errorf("%.10q: got %v, %v, want it deleted", key, deleted, err)
		}
	}
	put(t, db, "b", "c", "a")
	got, err := db.GetMany([]string{"c", "x", "a", "c"})
	if err != nil || !slices.Equal(keysOf(got), []string{"a", "c"}) {
		t.Errorf("got %v, %v", keysOf(got), err)
	}
	if n, err := db.DeleteMany([]string{"a", "x", "c"}); n != 2 || err != nil {
		t.Errorf("got %d, %v, want 2", n, err)
	}
}

func TestDB_PutMany_atomic(t *testing.T) {
	t.Parallel()
	db := open(t)
	put(t, db, "before")
	err := db.PutMany([]storage.Entry{{Key: "a", Value: []byte("1")}, {Key: "b", Value: make([]byte, 9<<20)}})
	wantError(t, err, "Error: string or blob too big: SQLITE_TOOBIG")
	entries, err := db.List(storage.ListOptions{})
	if err != nil || !slices.Equal(keysOf(entries), []string{"before"}) {
		t.Errorf("got %v, %v, want only what was there before", keysOf(entries), err)
	}
	if err := db.PutMany([]storage.Entry{{Key: "a"}, {Key: "c"}}); err != nil {
		t.Fatal(err)
	}
	if err := db.PutMany(nil); err != nil {
		t.Fatal(err)
	}
	if entries, err = db.List(storage.ListOptions{}); err != nil || !slices.Equal(keysOf(entries), []string{"a", "before", "c"}) {
		t.Errorf("got %v, %v", keysOf(entries), err)
	}
}

func TestDB_keyValue_limits(t *testing.T) {
	t.Parallel()
	db, err := storage.Open(storage.Options{Memory: true, Path: t.Name(), Limits: storage.ProductionLimits(false)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, db) })
	long := strings.Repeat("k", 2049)
	const keys = "RangeError: Keys cannot be larger than 2048 bytes. A key of size 2049 was provided."
	_, _, err = db.Get(long)
	wantError(t, err, keys)
	wantError(t, db.Put(long, nil), keys)
	_, err = db.Delete(long)
	wantError(t, err, keys)
	_, err = db.GetMany([]string{long})
	wantError(t, err, keys)
	_, err = db.GetMany(make([]string, 129))
	wantError(t, err, "RangeError: Maximum number of key value pairs is 128. 129 pairs were provided.")
	wantError(t, db.Put("k", make([]byte, 131107)),
		"RangeError: Values cannot be larger than 131072 bytes. A value of size 131107 was provided.")
	if err := db.Put(long[1:], make([]byte, 131106)); err != nil {
		t.Error(err)
	}
}

func TestDB_List(t *testing.T) {
	t.Parallel()
	db := open(t)
	all := []string{"", "a", "a\x00", "aa", "ab", "b", "é", "z", "\xff", "\xff\xff", "\xff\xffa"}
	if entries, err := db.List(storage.ListOptions{}); len(entries) != 0 || err != nil {
		t.Errorf("got %v, %v from an empty database", entries, err)
	}
	shuffled := slices.Clone(all)
	slices.Reverse(shuffled)
	put(t, db, shuffled...)
	slices.Sort(all)
	tests := []struct {
		name    string
		options storage.ListOptions
		want    []string
	}{
		{"all", storage.ListOptions{}, all},
		{"prefix", storage.ListOptions{Prefix: "a"}, []string{"a", "a\x00", "aa", "ab"}},
		{"prefix of bytes 255", storage.ListOptions{Prefix: "\xff"}, []string{"\xff", "\xff\xff", "\xff\xffa"}},
		{"start", storage.ListOptions{Start: ptr("b")}, []string{"b", "z", "é", "\xff", "\xff\xff", "\xff\xffa"}},
		{"start after", storage.ListOptions{StartAfter: ptr("a"), End: ptr("b")}, []string{"a\x00", "aa", "ab"}},
		{"end", storage.ListOptions{End: ptr("a\x00")}, []string{"", "a"}},
		{"empty end", storage.ListOptions{End: ptr("")}, []string{}},
		{"end before start", storage.ListOptions{Start: ptr("b"), End: ptr("a")}, []string{}},
		{"start behind prefix", storage.ListOptions{Start: ptr("b"), Prefix: "a"}, []string{}},
		{"end before prefix", storage.ListOptions{End: ptr("a"), Prefix: "a"}, []string{}},
		{"start in prefix", storage.ListOptions{Start: ptr("aa"), Prefix: "a"}, []string{"aa", "ab"}},
		{"end in prefix", storage.ListOptions{End: ptr("aa"), Prefix: "a"}, []string{"a", "a\x00"}},
		{"reverse", storage.ListOptions{Reverse: true, Prefix: "a", Limit: ptr(2)}, []string{"ab", "aa"}},
		{"limit", storage.ListOptions{Limit: ptr(2)}, []string{"", "a"}},
	}
	for _, tt := range tests {
		entries, err := db.List(tt.options)
		if err != nil || !slices.Equal(keysOf(entries), tt.want) {
			t.Errorf("%s: got %q, %v, want %q", tt.name, keysOf(entries), err, tt.want)
		}
		for _, entry := range entries {
			if got, want := string(entry.Value), "value of "+entry.Key; got != want {
				t.Errorf("%s: got %q, want %q", tt.name, got, want)
			}
		}
	}
	_, err := db.List(storage.ListOptions{Start: ptr(""), StartAfter: ptr("")})
	wantError(t, err, "TypeError: list() cannot be called with both start and startAfter values.")
	_, err = db.List(storage.ListOptions{Limit: ptr(0)})
	wantError(t, err, "TypeError: List limit must be positive.")
}

func TestDB_Iterate(t *testing.T) {
	t.Parallel()
	db := open(t)
	put(t, db, "a", "b", "c")
	iterator, err := db.Iterate(storage.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	next := func() string {
		t.Helper()
		entry, ok, err := iterator.Next()
		if err != nil || !ok {
			t.Errorf("got %v, %v, want an entry", ok, err)
		}
		return entry.Key
	}
	if got := next(); got != "a" {
		t.Errorf("got %s, want a", got)
	}
	// Writes ahead are seen, also over a commit.
	put(t, db, "bb")
	if _, err := db.Delete("b"); err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := next() + next(); got != "bbc" {
		t.Errorf("got %s, want bb and c", got)
	}
	if _, ok, err := iterator.Next(); ok || err != nil {
		t.Errorf("got %v, %v, want the end", ok, err)
	}
	if _, ok, err := iterator.Next(); ok || err != nil {
		t.Errorf("got %v, %v, want the end again", ok, err)
	}
	if iterator, err = db.Iterate(storage.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.List(storage.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	_, _, err = iterator.Next()
	wantError(t, err, "Error: kv.list() iterator was invalidated because a new call to kv.list() was started. "+
		"Only one kv.list() iterator can exist at a time.")
}

func FuzzDB_List(f *testing.F) {
	db := open(f)
	stored := []string{"", "a", "a\x00", "aa", "ab", "b", "é", "\xff", "\xff\xff", "\xff\xffa", "\xfe\xff"}
	put(f, db, stored...)
	slices.Sort(stored)
	f.Add("a", "b", "a", false, false, uint8(0))
	f.Add("\xff", "", "\xff", true, true, uint8(2))
	f.Fuzz(func(t *testing.T, start, end, prefix string, after, reverse bool, limit uint8) {
		options := storage.ListOptions{Prefix: prefix, Reverse: reverse}
		if after {
			options.StartAfter = &start
		} else {
			options.Start = &start
		}
		if end != "" {
			options.End = &end
		}
		if limit > 0 {
			options.Limit = ptr(int(limit))
		}
		want := []string{}
		for _, key := range stored {
			if strings.HasPrefix(key, prefix) && key >= start && (!after || key > start) && (end == "" || key < end) {
				want = append(want, key)
			}
		}
		if reverse {
			slices.Reverse(want)
		}
		if limit > 0 && len(want) > int(limit) {
			want = want[:limit]
		}
		entries, err := db.List(options)
		if err != nil || !slices.Equal(keysOf(entries), want) {
			t.Errorf("got %q, %v, want %q", keysOf(entries), err, want)
		}
	})
}
