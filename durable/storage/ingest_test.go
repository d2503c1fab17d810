package storage_test

import (
	"testing"

	"github.com/doemu/doemu/durable/storage"
)

func TestDB_Ingest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, rest string
		statements int
	}{
		{"SELECT 1; SELECT 2;  ", "  ", 2},
		{"SELECT 1; SELECT", " SELECT", 1},
		{"SELECT ';", "SELECT ';", 0},
		{"SELECT ';'; -- ;", " -- ;", 1},
		{"/* ; */ SELECT 1;", "", 1},
		{"CREATE TABLE t(a); CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END; SELECT 1", " SELECT 1", 2},
		{"CREATE TABLE t(a); CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1;", " CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1;", 1},
		{"", "", 0},
	} {
		db, err := storage.Open(storage.Options{Memory: true, Path: t.Name()})
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.Ingest(test.text)
		if err != nil || got.Remainder != test.rest || got.Statements != test.statements {
			t.Errorf("Ingest(%q): got %+v, %v, want remainder %q after %d statements", test.text, got, err, test.rest, test.statements)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
