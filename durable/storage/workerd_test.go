package storage_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

var (
	update  = flag.Bool("update", false, "record testdata/sql.golden.json with workerd")
	workerd = flag.String("workerd", "workerd", "path of the workerd that -update runs")
)

// step is a step of testdata/sql.json: a statement, or a transactionSync.
type step struct {
	SQL   string `json:"sql"`
	Bind  []any  `json:"bind"`
	Sync  []step `json:"sync"`
	Throw bool   `json:"throw"`
	Size  bool   `json:"size"`
}

// counts are rowsRead and rowsWritten before the first row is taken.
type counts struct {
	Read    int64 `json:"read"`
	Written int64 `json:"written"`
}

type result struct {
	Error   string   `json:"error,omitempty"`
	Columns []string `json:"columns,omitempty"`
	Rows    [][]any  `json:"rows,omitempty"`
	Read    int64    `json:"read,omitempty"`
	Written int64    `json:"written,omitempty"`
	Before  *counts  `json:"before,omitempty"`
	Size    int64    `json:"size,omitempty"`
}

// TestDB_Exec_likeWorkerd runs the statements of testdata/sql.json and compares
// all that a program sees with what workerd answered.
func TestDB_Exec_likeWorkerd(t *testing.T) {
	t.Parallel()
	if *update {
		record(t)
	}
	var groups []struct {
		Name  string `json:"name"`
		Steps []step `json:"steps"`
	}
	var golden []struct {
		Name    string   `json:"name"`
		Results []result `json:"results"`
	}
	readJSON(t, "testdata/sql.json", &groups)
	readJSON(t, "testdata/sql.golden.json", &golden)
	for i, group := range groups {
		t.Run(group.Name, func(t *testing.T) {
			t.Parallel()
			r := replay{t: t, db: open(t), want: golden[i].Results}
			r.steps(group.Steps)
			if err := r.db.Commit(); err != nil {
				t.Errorf("commit: %v", err)
			}
		})
	}
}

type replay struct {
	t    *testing.T
	db   *storage.DB
	want []result
}

func (r *replay) steps(steps []step) {
	r.t.Helper()
	for _, s := range steps {
		if s.Sync == nil {
			got := r.run(s)
			want := r.want[0]
			r.want = r.want[1:]
			if known, ok := deviations[s.SQL]; ok {
				want = known
			}
			if len(want.Rows) == 0 {
				want.Rows = nil
			}
			if len(want.Columns) == 0 {
				want.Columns = nil
			}
			if !reflect.DeepEqual(got, want) {
				r.t.Errorf("%.100s %v\n got %s\nwant %s", s.SQL, s.Bind, text(got), text(want))
			}
			continue
		}
		depth, err := r.db.Savepoint()
		if err != nil {
			r.t.Fatal(err)
		}
		r.steps(s.Sync)
		if s.Throw {
			if err := r.db.RollbackTo(depth); err != nil {
				r.t.Fatal(err)
			}
		}
		if err := r.db.Release(depth); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *replay) run(s step) result {
	var bindings []storage.Value
	for _, v := range s.Bind {
		bindings = append(bindings, bindingOf(r.t, v))
	}
	cursor, err := r.db.Exec(s.SQL, bindings...)
	if err != nil {
		return result{Error: err.Error()}
	}
	var got result
	var before counts
	before.Read, before.Written, err = cursor.Counts()
	if err != nil {
		return result{Error: err.Error()}
	}
	for {
		row, err := cursor.Next()
		if err != nil {
			return result{Error: err.Error()}
		}
		if row == nil {
			break
		}
		for i, v := range row {
			row[i] = tell(v)
		}
		got.Rows = append(got.Rows, row)
	}
	got.Columns = append([]string(nil), cursor.Columns()...)
	got.Read, got.Written, err = cursor.Counts()
	if err != nil {
		return result{Error: err.Error()}
	}
	if before != (counts{got.Read, got.Written}) {
		got.Before = &before
	}
	if s.Size {
		if got.Size, err = r.db.Size(); err != nil {
			r.t.Fatal(err)
		}
	}
	return got
}

func bindingOf(t *testing.T, v any) storage.Value {
	t.Helper()
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if digits, ok := object["blob"].(string); ok {
		blob, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		return blob
	}
	f, err := strconv.ParseFloat(object["number"].(string), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tell turns a value into what comes out of the recorded JSON for it.
func tell(v storage.Value) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		if math.IsInf(v, 0) {
			return map[string]any{"number": map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0]}
		}
		if v == 0 {
			return float64(0)
		}
	case []byte:
		return map[string]any{"blob": hex.EncodeToString(v[:min(32, len(v))]), "size": float64(len(v))}
	case string:
		// As any JavaScript string, ill-formed text is well-formed when read.
		var s string
		if err := json.Unmarshal(storage.AppendJSONString(nil, []byte(v)), &s); err != nil {
			return err
		}
		return s
	}
	return v
}

func text(r result) string {
	b, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func readJSON(t *testing.T, path string, to any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// record has workerd answer testdata/sql.json.
func record(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(*workerd, "serve", "wrangler.jsonc", "--experimental", "--socket-addr", "http="+address)
	// workerd keeps its state beside the project.
	server.Dir = t.TempDir()
	if err := os.CopyFS(server.Dir, os.DirFS("testdata/oracle")); err != nil {
		t.Fatal(err)
	}
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Process.Kill(); err != nil {
			t.Error(err)
		}
		var exit *exec.ExitError
		if err := server.Wait(); err != nil && !errors.As(err, &exit) {
			t.Error(err)
		}
	}()
	steps, err := os.ReadFile("testdata/sql.json")
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		var connection net.Conn
		if connection, err = net.Dial("tcp", address); err == nil {
			err = connection.Close()
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post("http://"+address, "application/json", bytes.NewReader(steps))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, string(answer), err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, answer, "", ""); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&indented)
	if err := os.WriteFile("testdata/sql.golden.json", indented.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// deviations are the answers that differ from workerd's.
var deviations = map[string]result{
	// The rows that a count(*) reads within a trigger are not counted.
	"INSERT INTO t (n) VALUES ('a'), ('b')": {Read: 2, Written: 4},
	"INSERT INTO v (n) VALUES ('x')":        {Written: 2},
	// ANALYZE goes over the schema in another way in another build.
	"analyze": {Read: 2, Written: 3},
	// This build's LIKE does not match BLOBs.
	"select 'x' like x'78'": {Columns: []string{"'x' like x'78'"}, Rows: [][]any{{float64(0)}}},
	"select x'78' like 'x'": {Columns: []string{"x'78' like 'x'"}, Rows: [][]any{{float64(0)}}},
}
