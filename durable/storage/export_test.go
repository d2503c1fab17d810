package storage

import "testing"

// RunTrusted runs a statement that a program may not.
func RunTrusted(t *testing.T, db *DB, query string) {
	t.Helper()
	if err := db.beginWrite(); err != nil {
		t.Fatal(err)
	}
	if err := db.run(query); err != nil {
		t.Fatal(err)
	}
}
