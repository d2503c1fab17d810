package storage_test

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/doemu/doemu/durable/storage"
)

func TestCursor_AppendJSON(t *testing.T) {
	t.Parallel()
	db := open(t)
	tests := []struct {
		name, query string
		bindings    []storage.Value
		limit       int
		objects     bool
		want        string
		rows        int
		ok          bool
	}{
		{"objects", "SELECT 1 AS a, 'x' AS b", nil, 9, true, `[{"a":1,"b":"x"}]`, 1, true},
		{"arrays", "SELECT 1, 'x' UNION ALL SELECT 2, NULL", nil, 9, false, `[[1,"x"],[2,null]]`, 2, true},
		{"no rows", "SELECT 1 WHERE 0", nil, 9, true, `[]`, 0, true},
		{"limit", "VALUES (1), (2), (3)", nil, 2, false, `[[1],[2]]`, 2, true},
		{"limit 0", "VALUES (1)", nil, 0, false, `[]`, 0, true},
		{"same names", "SELECT 1 AS a, 2 AS b, 3 AS a", nil, 9, true, `[{"a":3,"b":2}]`, 1, true},
		{"same names in arrays", "SELECT 1 AS a, 2 AS a", nil, 9, false, `[[1,2]]`, 1, true},
		{"prototype", "SELECT 1 AS __proto__, 2 AS a", nil, 9, true, `[{"a":2}]`, 1, true},
		{"only prototype", "SELECT 1 AS __proto__", nil, 9, true, `[{}]`, 1, true},
		{"quoted name", `SELECT 1 AS "a""b\"`, nil, 9, true, `[{"a\"b\\":1}]`, 1, true},
		{"numbers", "SELECT 1.5, -0.0, 1e300, 0.1, 9223372036854775807, 3.0", nil, 9, false,
			`[[1.5,-0,1e+300,0.1,9223372036854775807,3]]`, 1, true},
		{"negative zero", "SELECT ?", []storage.Value{math.Copysign(0, -1)}, 9, false, `[[-0]]`, 1, true},
		{"controls", "SELECT 'a' || char(0, 9, 10, 13, 31, 34, 92, 127, 8232)", nil, 9, false,
			`[["a\u0000\t\n\r\u001f\"\\` + "\x7f\u2028" + `"]]`, 1, true},
		{"blob", "SELECT 1 UNION ALL SELECT x'00'", nil, 9, false, `[[1]]`, 1, false},
		{"infinity", "SELECT 9e999", nil, 9, false, `[]`, 0, false},
	}
	for _, tt := range tests {
		cursor := run(t, db, tt.query, tt.bindings...)
		out, rows, ok, err := cursor.AppendJSON([]byte("> "), tt.limit, tt.objects)
		if err != nil || string(out) != "> "+tt.want || rows != tt.rows || ok != tt.ok {
			t.Errorf("%s: got %s, %d, %v, %v, want %s, %d, %v", tt.name, out, rows, ok, err, tt.want, tt.rows, tt.ok)
		}
		if !ok {
			if values, err := cursor.Next(); err != nil || len(values) != 1 {
				t.Errorf("%s: got %v, %v, want the row that JSON cannot say", tt.name, values, err)
			}
		}
	}
}

func TestCursor_AppendJSON_error(t *testing.T) {
	t.Parallel()
	db := open(t)
	const query = "SELECT json(value) FROM json_each('[\"1\", \"2\", \"3\", \"{\", \"5\"]')"
	const want = "Error: malformed JSON: SQLITE_ERROR"
	cursor := run(t, db, query)
	// As in workerd the row before the failure is lost with it.
	out, rows, ok, err := cursor.AppendJSON(nil, 100, false)
	if err != nil || !ok || rows != 2 || string(out) != `[["1"],["2"]]` {
		t.Errorf("got %s, %d, %v, %v", out, rows, ok, err)
	}
	for range 2 {
		_, _, _, err = cursor.AppendJSON(nil, 100, false)
		wantError(t, err, want)
		_, err = cursor.Next()
		wantError(t, err, want)
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
	for _, want := range []string{`[{"id":1,"text":"message number 1"}]`, `[{"id":1,"text":"message number 1","extra":5}]`} {
		cursor := run(t, db, "SELECT * FROM t LIMIT 1")
		out, _, _, err := cursor.AppendJSON(nil, 10, true)
		if err != nil || string(out) != want {
			t.Errorf("got %s, %v, want %s", out, err, want)
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
