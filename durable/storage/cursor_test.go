package storage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/doemu/doemu/durable/storage"
)

// values is a sink that writes down what it gets.
type values []string

func (v *values) Null()            { *v = append(*v, "null") }
func (v *values) Number(f float64) { *v = append(*v, strconv.FormatFloat(f, 'g', -1, 64)) }
func (v *values) Text(b []byte)    { *v = append(*v, strconv.Quote(string(b))) }
func (v *values) Bytes(b []byte)   { *v = append(*v, fmt.Sprintf("%x", b)) }

func TestCursor_Take(t *testing.T) {
	t.Parallel()
	db := open(t)
	tests := []struct {
		name, query string
		bindings    []storage.Value
		limit       int
		fields      string // "" takes all columns
		want        string
		rows        int
	}{
		{"objects", "SELECT 1 AS a, 'x' AS b", nil, 9, `"a" "b"`, `1 "x"`, 1},
		{"arrays", "SELECT 1, 'x' UNION ALL SELECT 2, NULL", nil, 9, "", `1 "x" 2 null`, 2},
		{"no rows", "SELECT 1 AS a WHERE 0", nil, 9, `"a"`, ``, 0},
		{"limit", "VALUES (1), (2), (3)", nil, 2, "", `1 2`, 2},
		{"limit 0", "VALUES (1)", nil, 0, "", ``, 0},
		{"same names", "SELECT 1 AS a, 2 AS b, 3 AS a", nil, 9, `"a" "b"`, `3 2`, 1},
		{"same names in arrays", "SELECT 1 AS a, 2 AS a", nil, 9, "", `1 2`, 1},
		{"quoted name", `SELECT 1 AS "a""b\"`, nil, 9, `"a\"b\\"`, `1`, 1},
		{"numbers", "SELECT 1.5, -0.0, 1e300, 0.1, 9223372036854775807, 3.0", nil, 9, "",
			`1.5 -0 1e+300 0.1 9.223372036854776e+18 3`, 1},
		{"negative zero", "SELECT ?", []storage.Value{math.Copysign(0, -1)}, 9, "", `-0`, 1},
		{"controls", "SELECT 'a' || char(0, 9, 8232)", nil, 9, "", `"a\x00\t\u2028"`, 1},
		{"blobs", "SELECT 1 UNION ALL SELECT x'00ff' UNION ALL SELECT x''", nil, 9, "", `1 00ff `, 3},
		{"infinity", "SELECT 9e999, -9e999", nil, 9, "", `+Inf -Inf`, 1},
		{"ill-formed text", "SELECT CAST(x'61e28241ff' AS TEXT)", nil, 9, "", `"a�A�"`, 1},
	}
	for _, tt := range tests {
		cursor := run(t, db, tt.query, tt.bindings...)
		var sink values
		if tt.fields != "" {
			if got := strings.Join(cursor.Fields().Names, " "); got != tt.fields {
				t.Errorf("%s: got the fields %s, want %s", tt.name, got, tt.fields)
			}
		}
		rows, err := cursor.Take(&sink, tt.limit, tt.fields != "")
		if got := strings.Join(sink, " "); err != nil || got != tt.want || rows != tt.rows {
			t.Errorf("%s: got %s, %d rows, %v, want %s, %d rows", tt.name, got, rows, err, tt.want, tt.rows)
		}
	}
}

func TestCursor_Take_error(t *testing.T) {
	t.Parallel()
	db := open(t)
	const query = "SELECT json(value) FROM json_each('[\"1\", \"2\", \"3\", \"{\", \"5\"]')"
	const want = "Error: malformed JSON: SQLITE_ERROR"
	cursor := run(t, db, query)
	var sink values
	if rows, err := cursor.Take(&sink, 2, false); rows != 2 || err != nil {
		t.Errorf("before the failure: got %d rows, %v", rows, err)
	}
	// As in workerd the row before the failure is lost with it.
	for range 2 {
		rows, err := cursor.Take(&sink, 100, false)
		if rows != 0 {
			t.Errorf("got %d rows, want none", rows)
		}
		wantError(t, err, want)
		_, err = cursor.Next()
		wantError(t, err, want)
	}
	_, err := run(t, db, query).Take(&sink, 100, true)
	wantError(t, err, want)
}

// Runs of one statement share their fields, also at the same time, until its columns change.
func TestCursor_Fields(t *testing.T) {
	t.Parallel()
	db := open(t)
	rows(t, db, 2)
	const query = "SELECT * FROM t"
	fields := func() *storage.Fields {
		cursor := run(t, db, query)
		defer cursor.Close()
		return cursor.Fields()
	}
	first := fields()
	if fields() != first {
		t.Error("the second run has other fields")
	}
	run(t, db, "ALTER TABLE t ADD COLUMN extra")
	if got := fields(); strings.Join(got.Names, " ") != `"id" "text" "extra"` {
		t.Errorf("got %q after a new column", got.Names)
	}
}

func FuzzAppendJSONString(f *testing.F) {
	for _, seed := range []string{"", "text", "\x00\x1f\"\\/", "é\u2028😀", "\xed\xa0\x80", "\xe2\x82", "\xf0\x9f\x98", "\xc0\xaf", "a\xffb"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		encoded := storage.AppendJSONString([]byte("x"), text)
		if encoded[0] != 'x' || !utf8.Valid(encoded) {
			t.Fatalf("got %q for %q", encoded, text)
		}
		var got string
		if err := json.Unmarshal(encoded[1:], &got); err != nil {
			t.Fatalf("%q: %v", encoded, err)
		}
		if utf8.Valid(text) && got != string(text) {
			t.Errorf("got %q, want %q", got, text)
		}
		if !utf8.Valid(text) && !utf8.ValidString(got) {
			t.Errorf("got %q for %q", got, text)
		}
	})
}

// The expected texts are those of TextDecoder.
func TestAppendJSONString_illFormed(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"\xed\xa0\x80":     "���",
		"\xe2\x82":         "�",
		"\xe2\x82A":        "�A",
		"\xf0\x9f\x98":     "�",
		"\xf0\x9f\x98\xff": "��",
		"\xf4\x90\x80\x80": "����",
		"\xc0\xaf":         "��",
		"\xe0\x80\x80":     "���",
		"\xff":             "�",
		"\x80":             "�",
		"\uFFFD":           "�",
	}
	for text, want := range tests {
		if got := string(storage.AppendJSONString(nil, []byte(text))); got != `"`+want+`"` {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestCursor_overlap(t *testing.T) {
	t.Parallel()
	db := open(t)
	rows(t, db, 3)
	const query = "SELECT id FROM t"
	first := run(t, db, query)
	second := run(t, db, query)
	next := func(cursor *storage.Cursor, want int64) {
		t.Helper()
		if values, err := cursor.Next(); err != nil || !reflect.DeepEqual(values, []storage.Value{want}) {
			t.Errorf("got %v, %v, want %d", values, err, want)
		}
	}
	next(first, 1)
	next(second, 1)
	// Other work goes on while cursors are open: writes, commits, new tables.
	run(t, db, "INSERT INTO t VALUES (4, 'x')")
	run(t, db, "CREATE TABLE u (n)")
	run(t, db, "ALTER TABLE t ADD COLUMN extra")
	commit(t, db)
	next(first, 2)
	next(second, 2)
	next(first, 3)
	next(first, 4)
	if !first.Done() || second.Done() {
		t.Errorf("got %v, %v, want the first at its end", first.Done(), second.Done())
	}
	_, err := db.Exec("DROP TABLE t")
	wantError(t, err, "Error: database table is locked: SQLITE_LOCKED")
	second.Close()
	run(t, db, "DROP TABLE t")
	if values, err := first.Next(); values != nil || err != nil {
		t.Errorf("got %v, %v, want the end", values, err)
	}
}

func TestCursor_rollback(t *testing.T) {
	t.Parallel()
	db := open(t)
	rows(t, db, 3)
	depth, err := db.Savepoint()
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, "CREATE TABLE u (n)")
	cursor := run(t, db, "SELECT id FROM t")
	if err := db.RollbackTo(depth); err != nil {
		t.Fatal(err)
	}
	_, err = cursor.Next()
	wantError(t, err, "Error: abort due to ROLLBACK: SQLITE_ABORT (extended: SQLITE_ABORT_ROLLBACK)")
}

func TestDB_Exec_schemaChange(t *testing.T) {
	t.Parallel()
	db := open(t)
	rows(t, db, 2)
	for _, want := range []string{`1 "message number 1"`, `1 "message number 1" 5`} {
		cursor := run(t, db, "SELECT * FROM t LIMIT 1")
		var sink values
		if _, err := cursor.Take(&sink, 10, true); err != nil || strings.Join(sink, " ") != want {
			t.Errorf("got %s, %v, want %s", sink, err, want)
		}
		if read, _, err := cursor.Counts(); read != 1 || err != nil {
			t.Errorf("got %d rows read, %v, want 1", read, err)
		}
		if len(cursor.Columns()) == 2 {
			run(t, db, "ALTER TABLE t ADD COLUMN extra DEFAULT 5")
		}
	}
}

func TestDB_Exec_cache(t *testing.T) {
	t.Parallel()
	db := open(t)
	// More text than the cache holds, each twice.
	for range 2 {
		for i := range 30 {
			query := "SELECT " + string(rune('0'+i%10)) + " /* " + pad(50_000+i) + " */"
			if values, err := run(t, db, query).Next(); err != nil || values[0] != int64(i%10) {
				t.Fatalf("got %v, %v", values, err)
			}
		}
	}
}

func pad(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

func TestDB_SetInterrupt(t *testing.T) {
	t.Parallel()
	db := open(t)
	put(t, db, "a")
	commit(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	db.SetInterrupt(ctx)
	cancel()
	_, err := db.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n")
	wantError(t, err, "Error: interrupted: SQLITE_INTERRUPT")
	db.SetInterrupt(context.Background())
	wantKeys(t, db, "a")
}

func TestDB_DeleteAll(t *testing.T) {
	t.Parallel()
	for _, memory := range []bool{false, true} {
		namespace := openNamespace(t, memory)
		db := openObject(t, namespace, "a")
		rows(t, db, 3)
		put(t, db, "a", "b")
		setAlarm(t, db, 1000)
		commit(t, db)
		put(t, db, "c")
		cursor := run(t, db, "SELECT * FROM t")
		n, err := db.DeleteAll(true)
		if err != nil || n != 3 {
			t.Errorf("got %d, %v, want 3 keys", n, err)
		}
		const want = "Error: SQLite query was canceled because the database was deleted."
		_, err = cursor.Next()
		wantError(t, err, want)
		_, _, err = cursor.Counts()
		wantError(t, err, want)
		if got := cursor.Columns(); len(got) != 2 {
			t.Errorf("got %v, want the columns still known", got)
		}
		wantKeys(t, db)
		if at, ok, err := db.Alarm(); err != nil || !ok || at.UnixMilli() != 1000 {
			t.Errorf("got %v, %v, %v, want the alarm kept", at, ok, err)
		}
		commit(t, db)
		_, err = db.Exec("SELECT * FROM t")
		wantError(t, err, "Error: no such table: t: SQLITE_ERROR")
		if _, err := db.DeleteAll(false); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := db.Alarm(); ok || err != nil {
			t.Errorf("got %v, %v, want no alarm", ok, err)
		}
		if _, err := db.Savepoint(); err != nil {
			t.Fatal(err)
		}
		_, err = db.DeleteAll(false)
		wantError(t, err, "Error: Cannot call deleteAll() within a transaction")
	}
}
