package snapshot

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/doemu/doemu/durable"
)

// An archive is a compressed tar: manifest.json, then for each object <namespace>/<id>.sqlite, which any SQLite
// can open, and what its facets have.

// mostManifest bounds the manifest of an archive, in bytes.
const mostManifest = 64 << 20

var (
	validKey  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	validID   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	validFile = regexp.MustCompile(`^([0-9a-f]{64})(\.[0-9]{1,5})?\.sqlite$|^([0-9a-f]{64})\.facets$`)
)

func parseManifest(text []byte) (m Manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", manifestName, err)
	}
	if m.Format != 1 {
		return m, fmt.Errorf("%s: format %d, which this version of doemu does not know", manifestName, m.Format)
	}
	keys := map[string]bool{}
	for _, n := range m.Namespaces {
		if keys[n.Key] {
			return m, fmt.Errorf("%s: it has namespace %s twice", manifestName, n.Key)
		}
		keys[n.Key] = true
		if !validKey.MatchString(n.Key) {
			return m, fmt.Errorf("%s: %q is no namespace", manifestName, n.Key)
		}
		for _, o := range n.Objects {
			if !validID.MatchString(o.ID) {
				return m, fmt.Errorf("%s: %q is no id of an object", manifestName, o.ID)
			}
		}
		slices.SortFunc(n.Objects, func(a, b durable.Copied) int { return strings.Compare(a.ID, b.ID) })
		for i := range n.Objects[min(1, len(n.Objects)):] {
			if n.Objects[i].ID == n.Objects[i+1].ID {
				return m, fmt.Errorf("%s: it has object %s twice", manifestName, n.Objects[i].ID)
			}
		}
	}
	return m, nil
}

// WriteArchive packs the snapshot.
func (s *Snapshot) WriteArchive(w io.Writer) error {
	compressed := gzip.NewWriter(w)
	archive := tar.NewWriter(compressed)
	summed := *s
	summed.Namespaces = slices.Clone(s.Namespaces)
	if err := summed.sum(); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	text, err := json.MarshalIndent(summed.Manifest, "", "  ")
	if err != nil {
		return err
	}
	add := func(name string, size int64, content io.Reader) error {
		header := &tar.Header{Name: name, Mode: 0o644, Size: size, ModTime: s.At}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err := io.Copy(archive, content)
		return err
	}
	if err := add(manifestName, int64(len(text)), bytes.NewReader(text)); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	for _, n := range s.Namespaces {
		copies := s.Copies(n.Key)
		for _, o := range n.Objects {
			files, err := copies.Files(o.ID)
			if err != nil {
				return err
			}
			for _, file := range files {
				content, size, err := copies.OpenFile(file)
				if err == nil {
					err = errors.Join(add(n.Key+"/"+file, size, content), content.Close())
				}
				if err != nil {
					return fmt.Errorf("write archive: %w", err)
				}
			}
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

// ReadArchive takes a snapshot from an archive and keeps it under a name, or under its own if that is empty. What is
// not an archive of a snapshot is refused. The error is [ErrTaken] if there is one of that name.
func (s *Store) ReadArchive(name string, r io.Reader) (*Snapshot, error) {
	new, err := s.New()
	if err != nil {
		return nil, err
	}
	if err := s.readArchive(new, name, r); err != nil {
		s.Discard(new)
		return nil, err
	}
	return new, nil
}

func (s *Store) readArchive(new *Snapshot, name string, r io.Reader) error {
	packed := &counter{r: r}
	compressed, err := gzip.NewReader(packed)
	if err != nil {
		return &BadArchiveError{err}
	}
	archive := tar.NewReader(&bounded{counter{r: compressed}, packed, s.mostUnpacked})
	first, err := archive.Next()
	if err != nil {
		return &BadArchiveError{err}
	}
	if first.Name != manifestName || first.Size > mostManifest {
		return &BadArchiveError{fmt.Errorf("it begins with %q, not with %s", first.Name, manifestName)}
	}
	text, err := io.ReadAll(archive)
	if err != nil {
		return &BadArchiveError{err}
	}
	if new.Manifest, err = parseManifest(text); err != nil {
		return &BadArchiveError{err}
	}
	if name != "" {
		new.Name = name
	}
	taken := map[string]bool{}
	for {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return &BadArchiveError{err}
		}
		if taken[header.Name] {
			return &BadArchiveError{fmt.Errorf("it has %q twice", header.Name)}
		}
		taken[header.Name] = true
		if err := new.take(header, archive); err != nil {
			return err
		}
	}
	for i := range new.Namespaces {
		n := &new.Namespaces[i]
		for file := range n.Sums {
			if !taken[n.Key+"/"+file] {
				return &BadArchiveError{fmt.Errorf("it lacks %s/%s", n.Key, file)}
			}
		}
	}
	for _, n := range new.Namespaces {
		for _, o := range n.Objects {
			if !new.Copies(n.Key).Has(o.ID) {
				return &BadArchiveError{fmt.Errorf("it lacks the storage of object %s of %s", o.ID, n.Key)}
			}
		}
	}
	var damaged *DamagedError
	if err := new.checkTaken(); errors.As(err, &damaged) {
		return &BadArchiveError{fmt.Errorf("object %s of %s: %w", damaged.Object, damaged.Namespace, damaged.Reason)}
	}
	for i := range new.Namespaces {
		new.Namespaces[i].Sums = nil // in memory a database has another header; on disk they are made again
	}
	return s.Keep(new)
}

// An archive may unpack to mostUnpacked bytes, and to mostRatio times its own size if that is more: databases are
// seldom packed better, and little should not become much unseen.
const (
	mostUnpacked = 256 << 20
	mostRatio    = 100
)

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// bounded reads what is unpacked, as long as it has a size that what it was packed in can have.
type bounded struct {
	counter
	packed *counter
	most   int64 // whatever the ratio
}

func (u *bounded) Read(b []byte) (int, error) {
	if u.n > u.most && u.n/mostRatio > u.packed.n {
		return 0, fmt.Errorf("%d bytes of it unpack to more than %d, which no snapshot of this size does", u.packed.n, u.n)
	}
	return u.counter.Read(b)
}

// take takes one file of an archive: the manifest says which there can be.
func (s *Snapshot) take(header *tar.Header, content io.Reader) error {
	dir, file := path.Split(header.Name)
	key := strings.TrimSuffix(dir, "/")
	match := validFile.FindStringSubmatch(file)
	if header.Typeflag != tar.TypeReg || match == nil || s.Object(key, match[1]+match[3]) == nil {
		return &BadArchiveError{fmt.Errorf("%q is not one of its objects' files", header.Name)}
	}
	copies := s.Copies(key)
	s.copies[key] = copies
	hash := sha256.New()
	reader := &failingReader{r: io.TeeReader(content, hash)}
	err := copies.Add(file, reader)
	if reader.err != nil {
		return &BadArchiveError{reader.err}
	}
	for _, n := range s.Namespaces {
		if n.Key != key || n.Sums == nil || err != nil {
			continue
		}
		if n.Sums[file] != hex.EncodeToString(hash.Sum(nil)) {
			return &BadArchiveError{fmt.Errorf("%q is not what was saved: its content has changed", header.Name)}
		}
	}
	return err
}

// failingReader remembers that reading failed: then it is the archive's fault, and not the disk's.
type failingReader struct {
	r   io.Reader
	err error
}

func (f *failingReader) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// BadArchiveError says why something is no archive of a snapshot.
type BadArchiveError struct{ Reason error }

func (e *BadArchiveError) Error() string {
	return "this is no archive of a snapshot, as doemu snapshot export writes it: " + e.Reason.Error()
}

func (e *BadArchiveError) Unwrap() error { return e.Reason }
