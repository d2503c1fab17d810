package snapshot

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doemu/doemu/durable/storage"
)

var someID = strings.Repeat("0a", 32)

// pack makes an archive of files, given as name and content in turn.
func pack(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	compressed := gzip.NewWriter(&b)
	archive := tar.NewWriter(compressed)
	for n := 0; n < len(files); n += 2 {
		if err := archive.WriteHeader(&tar.Header{Name: files[n], Mode: 0o644, Size: int64(len(files[n+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(files[n+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func manifest(key, id string) string {
	return fmt.Sprintf(`{"format":1,"name":"packed","at":"2026-01-01T00:00:00Z","namespaces":[{"key":%q,"objects":[{"id":%q}]}]}`, key, id)
}

// database is the smallest database that has something.
func database(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "o.sqlite")
	db, err := storage.Open(storage.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Put("k", []byte("v")), db.Commit(), db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// withSum is a manifest that says what the database of its object has.
func withSum(key, id, content string) string {
	sum := sha256.Sum256([]byte(content))
	return strings.Replace(manifest(key, id), `}]}`, fmt.Sprintf(`}],"sha256":{"%s.sqlite":"%x"}}`, id, sum), 1)
}

// What is no archive, or wants to write elsewhere, is refused and leaves nothing.
func TestReadArchive_refused(t *testing.T) {
	t.Parallel()
	good, file, whole := manifest("w-C", someID), "w-C/"+someID+".sqlite", database(t)
	for name, c := range map[string]struct {
		archive []byte
		want    string
	}{
		"no gzip":             {[]byte("hello"), "this is no archive"},
		"nothing":             {pack(t), "EOF"},
		"no manifest":         {pack(t, "x", "y"), `it begins with "x"`},
		"another format":      {pack(t, manifestName, `{"format":2}`), "format 2"},
		"a path as namespace": {pack(t, manifestName, manifest("../w-C", someID)), "no namespace"},
		"a path as id":        {pack(t, manifestName, manifest("w-C", "../"+someID)), "no id of an object"},
		"a path as file":      {pack(t, manifestName, good, "../w-C/"+someID+".sqlite", ""), "not one of its objects' files"},
		"an absolute file":    {pack(t, manifestName, good, "/w-C/"+someID+".sqlite", ""), "not one of its objects' files"},
		"another object":      {pack(t, manifestName, good, "w-C/"+strings.Repeat("0b", 32)+".sqlite", ""), "not one of its objects' files"},
		"another file":        {pack(t, manifestName, good, "w-C/"+someID+".sh", ""), "not one of its objects' files"},
		"no storage":          {pack(t, manifestName, good), "lacks the storage"},
		"no database":         {pack(t, manifestName, good, file, strings.Repeat("hello ", 1000)), "file is not a database"},
		"an empty file":       {pack(t, manifestName, good, file, ""), "the file is empty"},
		"half a database":     {pack(t, manifestName, good, file, whole[:len(whole)/2]), someID},
		"a page of noise":     {pack(t, manifestName, good, file, whole[:4096]+strings.Repeat("x", 4096)+whole[8192:]), someID},
		"another content":     {pack(t, manifestName, withSum("w-C", someID, whole+"x"), file, whole), "its content has changed"},
		"noise with its sum":  {pack(t, manifestName, withSum("w-C", someID, "hello"), file, "hello"), "file is not a database"},
		"a file twice":        {pack(t, manifestName, good, file, whole, file, whole), "twice"},
		"an object twice":     {pack(t, manifestName, strings.Replace(good, `[{"id"`, `[{"id":"`+someID+`"},{"id"`, 1)), "twice"},
		"a namespace twice":   {pack(t, manifestName, strings.Replace(good, `[{"key"`, `[{"key":"w-C","objects":[]},{"key"`, 1)), "twice"},
		"a bomb":              {pack(t, manifestName, good, file, whole+strings.Repeat("\x00", 20<<20)), "unpack to more than"},
		"cut off":             {pack(t, manifestName, good, "w-C/"+someID+".sqlite", strings.Repeat("x", 1<<20))[:200], "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "snapshots")
			store := OpenStore(dir)
			store.mostUnpacked = 4 << 20
			_, err := store.ReadArchive("", bytes.NewReader(c.archive))
			var bad *BadArchiveError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in a BadArchiveError", err, c.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("got %v, %v, want nothing left", left, err)
			}
		})
	}
}

// What is small may be packed as well as it can be, and what is whole is taken.
func TestReadArchive(t *testing.T) {
	t.Parallel()
	whole := database(t)
	for name, archive := range map[string][]byte{
		"without sums":                  pack(t, manifestName, manifest("w-C", someID), "w-C/"+someID+".sqlite", whole),
		"with sums":                     pack(t, manifestName, withSum("w-C", someID, whole), "w-C/"+someID+".sqlite", whole),
		"an object that stored nothing": pack(t, manifestName, withSum("w-C", someID, ""), "w-C/"+someID+".sqlite", ""),
	} {
		for _, dir := range []string{"", t.TempDir()} {
			s, err := OpenStore(dir).ReadArchive("", bytes.NewReader(archive))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if err := s.Check(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "now", "../x", "a/b", ".x", "-x", "x.", "a b", `a\b`, strings.Repeat("x", 101)} {
		if CheckName(name) == nil {
			t.Errorf("%q is allowed, want an error", name)
		}
		if _, err := OpenStore(t.TempDir()).Get(name); err != ErrNone {
			t.Errorf("Get(%q): got %v, want %v", name, err, ErrNone)
		}
	}
	for _, name := range []string{"a", "2026-01-01T00-00-00.000Z", "Before_the-change"} {
		if err := CheckName(name); err != nil {
			t.Error(err)
		}
	}
}

// Whatever the bytes are, nothing is written outside the store, and what is taken can be packed again.
func FuzzReadArchive(f *testing.F) {
	f.Add(pack(f, manifestName, manifest("w-C", someID), "w-C/"+someID+".sqlite", database(f), "w-C/"+someID+".facets", "y"))
	f.Add(pack(f, manifestName, withSum("w-C", someID, ""), "w-C/"+someID+".sqlite", ""))
	f.Add(pack(f, manifestName, manifest("..", someID), "../"+someID+".sqlite", "x"))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, archive []byte) {
		around := t.TempDir()
		store := OpenStore(filepath.Join(around, "snapshots"))
		s, err := store.ReadArchive("name", bytes.NewReader(archive))
		if left, err := os.ReadDir(around); err != nil || len(left) > 1 {
			t.Fatalf("got %v, %v beside the store, want nothing", left, err)
		}
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := s.WriteArchive(&again); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenStore("").ReadArchive("again", &again); err != nil {
			t.Fatal(err)
		}
	})
}
