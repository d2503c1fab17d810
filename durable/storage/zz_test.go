package storage_test

import (
	"fmt"
	"testing"
)

func TestZZ(t *testing.T) {
	db := open(t)
	for _, q := range []struct {
		s string
		b []any
	}{
		{"create table t (id integer primary key, n)", nil}, {"insert into t values (3,103), (2,4)", nil},
		{"delete from t where rowid in (select rowid from t where n > ? order by n limit ?) returning *", []any{0.0, 1.0}},
		{"delete from t where n > ? order by n limit ? returning *", []any{0.0, 1.0}},
		{"delete from t where n > ? order by n limit ?", []any{0.0, 1.0}},
		{"select * from t", nil},
		{"delete from t where n > 0 order by n limit 1", nil},
		{"select * from t", nil},
	} {
		c, err := db.Exec(q.s, q.b...)
		if err != nil {
			fmt.Println(q.s, err)
			continue
		}
		out, _, _, err := c.AppendJSON(nil, 100, false)
		fmt.Println(q.s, string(out), err)
	}
}
