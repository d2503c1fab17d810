package sqlite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// FuzzStmt_CountRows runs SQL with and without counting. Counting must change
// nothing that the SQL does.
func FuzzStmt_CountRows(f *testing.F) {
	text, err := os.ReadFile("../../testdata/sql.json")
	if err != nil {
		f.Fatal(err)
	}
	var groups []struct {
		Steps []struct{ SQL string }
	}
	if err := json.Unmarshal(text, &groups); err != nil {
		f.Fatal(err)
	}
	for _, group := range groups {
		all := ""
		for _, step := range group.Steps {
			if len(step.SQL) < 1000 {
				all += step.SQL + ";\n"
				f.Add(step.SQL)
			}
		}
		f.Add(all)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		plain := runAll(t, sql, false)
		counted := runAll(t, sql, true)
		if !bytes.Equal(plain, counted) {
			t.Errorf("%s\n got %s\nwant %s", sql, counted, plain)
		}
	})
}

const fuzzSchema = `
	CREATE TABLE a (id INTEGER PRIMARY KEY, v, w UNIQUE);
	CREATE INDEX av ON a (v);
	CREATE TABLE b (k TEXT PRIMARY KEY, a REFERENCES a (id) ON DELETE CASCADE) WITHOUT ROWID;
	CREATE TRIGGER ta AFTER INSERT ON a WHEN new.v > 5 BEGIN UPDATE a SET v = v - 1 WHERE id = new.id; DELETE FROM b WHERE a = new.v; END;
	INSERT INTO a (v, w) VALUES (1, 'x'), (2, 'y'), (9, 'z');
	INSERT INTO b VALUES ('p', 1), ('q', 1), ('r', 3);`

// runAll runs all statements of a text in a database of its own, and returns
// what they answered and left behind.
func runAll(t *testing.T, sql string, count bool) []byte {
	t.Helper()
	c, err := Open(Config{URI: "file::memory:", MaxMemory: 32 << 20, Authorize: noFiles})
	if err == nil {
		err = c.SetEnvironment(func() time.Time { return time.Unix(0, 0) }, zeros{})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var out bytes.Buffer
	for _, part := range []string{fuzzSchema, sql, "SELECT * FROM a; SELECT * FROM b; SELECT sql FROM sqlite_schema"} {
		c.SetInterrupt(ctx)
		for part != "" {
			s, tail, err := c.Prepare(part, 0)
			if err != nil || s == nil {
				fmt.Fprintln(&out, err)
				break
			}
			if count {
				s.CountRows()
			} else if !s.explains() {
				s.keepSubtypes()
			}
			answer(&out, s)
			if read, written := s.Counts(); read < 0 || written < 0 {
				t.Errorf("got %d rows read and %d written", read, written)
			}
			s.Close()
			part = tail
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	return out.Bytes()
}

func answer(out *bytes.Buffer, s *Stmt) {
	row, err := s.Start()
	for n := 0; row && n < 1000; n++ {
		columns, rowErr := s.Row()
		if rowErr != nil {
			fmt.Fprintln(out, rowErr)
			return
		}
		for i := range s.Columns() {
			fmt.Fprintf(out, "%v %x ", columns.Type(i), columns.data[i*8:i*8+8])
			if columns.Type(i) >= 3 && columns.Type(i) <= 4 {
				out.Truncate(out.Len() - 17)
				fmt.Fprintf(out, "%q ", columns.Bytes(i))
			}
		}
		fmt.Fprintln(out)
		row, err = s.Step()
	}
	if err != nil {
		fmt.Fprintln(out, err)
	}
}

// noFiles keeps the statements away from the disk.
func noFiles(action sqlite3.AuthorizerActionCode, _, _, _, _ string) sqlite3.AuthorizerReturnCode {
	if action == sqlite3.AUTH_ATTACH || action == sqlite3.AUTH_PRAGMA {
		return sqlite3.AUTH_DENY
	}
	return sqlite3.AUTH_OK
}

// zeros is randomness without surprises.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
