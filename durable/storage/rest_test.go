package storage_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

func TestOpenNamespaceAtRest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := time.Unix(1_800_000_000, 0)
	rest := func() *storage.Namespace {
		t.Helper()
		n, err := storage.OpenNamespaceAtRest(dir, "worker-Class")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		})
		return n
	}

	n := rest()
	ids, err := n.IDs()
	alarms, alarmsErr := n.Alarms().Load()
	if len(ids)+len(alarms) != 0 || err != nil || alarmsErr != nil {
		t.Errorf("of nothing: got %v, %v, %v, %v", ids, err, alarms, alarmsErr)
	}
	if entries, err := os.ReadDir(dir); len(entries) != 0 || err != nil {
		t.Errorf("got %v, %v, want that looking makes no file", entries, err)
	}

	// A change makes what it needs, and another looks at that.
	if err := n.Alarms().Set(storage.ScheduledAlarm{ID: "a", Name: "A", At: at}); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	alarms, err = rest().Alarms().Load()
	if len(alarms) != 1 || alarms[0] != (storage.ScheduledAlarm{ID: "a", Name: "A", At: at}) || err != nil {
		t.Errorf("got %v, %v, want the alarm of A", alarms, err)
	}
	if entries, err := filepath.Glob(filepath.Join(dir, "*", "*")); len(entries) != 1 || err != nil {
		t.Errorf("got %v, %v, want metadata.sqlite alone", entries, err)
	}
	n = rest()
	n.LearnName("b", "B")
	if got := n.Name("b"); got != "B" {
		t.Errorf("got %q, want the name that was learned", got)
	}
	if got := rest().Name("b"); got != "" {
		t.Errorf("got %q, want that a learned name is written nowhere", got)
	}
}

func TestNamespace_MayHaveTable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sql  []string
		want bool
	}{
		"nothing":      {nil, false},
		"another":      {[]string{`CREATE TABLE other (wanted TEXT)`}, false},
		"the table":    {[]string{`CREATE TABLE other (a)`, `CREATE TABLE wanted_name (a)`}, true},
		"a long one":   {[]string{`CREATE TABLE wanted_name (a` + longColumns() + `)`}, true},
		"many of them": {manyTables(), true}, // on more than one page: it cannot be told
	} {
		dir := t.TempDir()
		n, err := storage.OpenNamespace(dir, "worker-Class")
		if err != nil {
			t.Fatal(err)
		}
		db, err := n.Open("a", storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range append(test.sql, `CREATE TABLE last (a)`) {
			storage.RunTrusted(t, db, sql)
		}
		if err := db.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := n.MayHaveTable("a", "wanted_name"); !got {
			t.Errorf("%s: got %v while there is a log, which was not read", name, got)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if got := n.MayHaveTable("a", "wanted_name"); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
}

// longColumns are columns whose definitions do not fit on a page.
func longColumns() string {
	var b strings.Builder
	for n := range 200 {
		fmt.Fprintf(&b, ", a_column_with_a_rather_long_name_%d TEXT", n)
	}
	return b.String()
}

func manyTables() (sql []string) {
	for n := range 200 {
		sql = append(sql, fmt.Sprintf("CREATE TABLE a_table_with_a_rather_long_name_%d (a)", n))
	}
	return sql
}

// The files of an older workerd have no names, and those of a namespace without alarms may have no table.
func TestAlarmStore_peekOld(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		sql  []string
		want int
	}{
		{[]string{`CREATE TABLE _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER) WITHOUT ROWID`, `INSERT INTO _cf_ALARM VALUES ('a', 1)`}, 1},
		{[]string{`CREATE TABLE other (a)`}, 0},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "worker-Class", "metadata.sqlite")
		db, err := storage.Open(storage.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range test.sql {
			storage.RunTrusted(t, db, sql)
		}
		if err := errors.Join(db.Commit(), db.Close()); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := storage.OpenNamespaceAtRest(dir, "worker-Class")
		if err != nil {
			t.Fatal(err)
		}
		if alarms, err := n.Alarms().Load(); len(alarms) != test.want || err != nil {
			t.Errorf("%s: got %v, %v, want %d alarms", test.sql, alarms, err, test.want)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		if after, err := os.ReadFile(path); string(after) != string(before) || err != nil {
			t.Errorf("%s: the file has changed, %v", test.sql, err)
		}
	}
}
