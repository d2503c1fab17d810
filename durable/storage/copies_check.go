package storage

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Sums are the SHA-256 of an object's files, in hex, by their names.
func (c *Copies) Sums(id string) (map[string]string, error) {
	files, err := c.Files(id)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, file := range files {
		if sums[file], err = c.sum(file); err != nil {
			return nil, fmt.Errorf("sum of %s: %w", file, err)
		}
	}
	return sums, nil
}

func (c *Copies) sum(file string) (string, error) {
	content, _, err := c.OpenFile(file)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(hash, content)
	return hex.EncodeToString(hash.Sum(nil)), errors.Join(err, content.Close())
}

// Verify tells by its error whether the files of an object are those of the sums.
func (c *Copies) Verify(id string, sums map[string]string) error {
	index, err := c.index(id)
	if err != nil {
		return err
	}
	there, err := c.Sums(id)
	if err != nil {
		return err
	}
	files := []string{id + facetsExtension} // first: it says which others there are
	for _, name := range ownNames(id, index) {
		files = append(files, name+extension)
	}
	for _, file := range files {
		want, saved := sums[file]
		got, ok := there[file]
		switch {
		case saved && !ok:
			return fmt.Errorf("%s is missing", file)
		case ok && !saved:
			return fmt.Errorf("%s was not saved with it", file)
		case got != want:
			return fmt.Errorf("%s is not what was saved: its content has changed", file)
		}
	}
	if _, ok := there[id+extension]; !ok {
		return fmt.Errorf("%s is missing", id+extension)
	}
	return nil
}

// Check tells by its error whether the databases of an object are whole, as SQLite sees them. It reads all of them.
// An empty file is a database for SQLite; unless empty is set it is none here.
func (c *Copies) Check(id string, empty bool) error {
	files, err := c.Files(id)
	if err != nil {
		return err
	}
	if len(files) == 0 || files[0] != id+extension {
		return fmt.Errorf("%s is missing", id+extension)
	}
	for _, file := range files {
		name, ok := strings.CutSuffix(file, extension)
		if !ok {
			continue
		}
		content, size, err := c.OpenFile(file)
		if err == nil {
			err = content.Close()
		}
		if err == nil && size == 0 && !empty {
			err = errors.New("the file is empty")
		}
		if err == nil && size > 0 {
			err = c.checkDatabase(name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func (c *Copies) checkDatabase(name string) error {
	db, err := c.Open(name)
	if err != nil {
		return err
	}
	defer db.Close()
	stmt, _, failed := db.conn.Prepare("PRAGMA integrity_check(1)", 0)
	if failed != nil {
		return failed
	}
	defer stmt.Close()
	more, failed := stmt.Step()
	if failed != nil {
		return failed
	}
	if !more {
		return errors.New("SQLite does not say whether the database is whole")
	}
	row, failed := stmt.Row()
	if failed != nil {
		return failed
	}
	if text := string(row.Bytes(0)); row.Type(0) != sqlite3.TEXT || text != "ok" {
		return fmt.Errorf("the database is damaged: %s", strings.ReplaceAll(text, "\n", "; "))
	}
	return nil
}
