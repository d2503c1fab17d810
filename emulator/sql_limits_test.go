package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/journal"
)

// endlessSource has methods whose queries take hours, or whose rows have no room.
const endlessSource = `
const steps = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) ";
export class Thing extends DurableObject {
  sql = this.ctx.storage.sql;
  ping() { this.ctx.storage.kv.put("n", (this.ctx.storage.kv.get("n") ?? 0) + 1); return this.ctx.storage.kv.get("n"); }
  count() { this.ctx.storage.kv.put("n", 100); return this.sql.exec(steps + "SELECT count(*) FROM n").one(); }
  cursor() { for (const row of this.sql.exec(steps + "SELECT i FROM n WHERE i < 0")) return row; }
  write() { this.sql.exec("CREATE TABLE IF NOT EXISTS t (i)"); this.sql.exec(steps + "INSERT INTO t SELECT i FROM n"); }
  instr() { this.ctx.storage.kv.put("n", 100); return this.sql.exec("SELECT instr(hex(zeroblob(1000000)), hex(zeroblob(500000)) || '1')").one(); }
  catching() { for (;;) { try { this.count(); } catch {} } }
  rows() { return this.sql.exec(steps + "SELECT i, hex(zeroblob(500)) AS h FROM n").toArray().length; }
  small() { return this.sql.exec(steps + "SELECT i FROM n").toArray().length; }
}
`

// failed asks the Worker, and gives the error that it answers with.
func (r *rig) failed(path string) string {
	answer := httptest.NewRecorder()
	r.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	if answer.Code != http.StatusInternalServerError {
		r.t.Errorf("GET %s: got %d %s, want an error", path, answer.Code, answer.Body)
	}
	first, _, _ := strings.Cut(answer.Body.String(), "\n")
	return first
}

// in is the rig for a test within the test that has it.
func (r *rig) in(t *testing.T) *rig { return &rig{r.Emulator, t, r.dir} }

func TestSQL_CPULimit(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{true, false} {
		r := newRig(t, endlessSource, func(o *emulator.Options) {
			o.CPU = time.Second
			if !ephemeral {
				o.Ephemeral, o.StateDir = false, t.TempDir()
			}
		})
		for _, method := range []string{"count", "cursor", "write", "instr", "catching"} {
			t.Run(fmt.Sprintf("%s ephemeral=%v", method, ephemeral), func(t *testing.T) {
				t.Parallel()
				r := r.in(t)
				r.want("/ping?name="+method, "1")
				if got, want := r.failed("/"+method+"?name="+method), "Durable Object exceeded its CPU time limit and was reset."; !strings.Contains(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				r.want("/ping?name="+method, "2")
			})
		}
	}
}

func TestSQL_MemoryLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, endlessSource, func(o *emulator.Options) { o.CPU = time.Hour })
	for _, method := range []string{"rows", "small"} {
		r.want("/ping?name="+method, "1")
		if got, want := r.failed("/"+method+"?name="+method), "Durable Object's isolate exceeded its memory limit and was reset."; !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", method, got, want)
		}
		r.want("/ping?name="+method, "2")
	}
}

// An emulator ends while queries run that nothing limits.
func TestSQL_Close(t *testing.T) {
	t.Parallel()
	r := newRig(t, endlessSource, func(o *emulator.Options) { o.Limits = emulator.NoLimits })
	done := make(chan struct{})
	for _, method := range []string{"count", "instr"} {
		go func() {
			r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost/"+method+"?name="+method, nil))
			done <- struct{}{}
		}()
	}
	for begun := 0; begun < 2; runtime.Gosched() {
		begun = 0
		for _, e := range r.Journal().Since(0) {
			if e.Kind == journal.Wake {
				begun++
			}
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		<-done
	}
}
