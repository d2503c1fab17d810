package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/doemu/doemu/emulator"
	"github.com/doemu/doemu/emulator/config"
)

// BenchmarkStorage measures an object's storage from its own code: everything between JavaScript and the
// file, and no HTTP. testdata/bench/node.mjs measures the same with node:sqlite.
func BenchmarkStorage(b *testing.B) {
	dir, err := filepath.Abs(filepath.Join("testdata", "bench"))
	if err != nil {
		b.Fatal(err)
	}
	e, _, err := emulator.New(b.Context(), emulator.Options{
		Workers:  []config.Options{{WorkDir: dir}},
		StateDir: b.TempDir(),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	do := func(b *testing.B, method string, n int) string {
		b.Helper()
		res := httptest.NewRecorder()
		e.ServeHTTP(res, httptest.NewRequest(http.MethodGet, fmt.Sprintf("http://localhost/%s/%d", method, n), nil))
		if res.Code != http.StatusOK {
			b.Fatalf("%s: %d %s", method, res.Code, res.Body)
		}
		return res.Body.String()
	}
	do(b, "fill", 1)
	for _, bench := range []struct {
		name, method, want string
		times              int // in one turn
	}{
		{"list of 10,000", "list", "10000", 1},
		{"select of 1,000", "select", "1000", 20},
		{"get", "get", "5000", 1000},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if got := do(b, bench.method, bench.times); got != bench.want {
					b.Fatalf("got %s, want %s", got, bench.want)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*bench.times), "µs/time")
		})
	}
}
