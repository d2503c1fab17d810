package adminapi_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/doemu/doemu/adminapi"
	"github.com/doemu/doemu/emulator"
)

// What is broken is told, and all else is looked at nevertheless.
func TestDiagnose_failures(t *testing.T) {
	t.Parallel()
	open, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	shut, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	shut.Close()
	state := t.TempDir()
	r := newRigOf(t, everything, func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, state })
	api := adminapi.New(r.Emulator, adminapi.Options{Listeners: map[string]string{"admin": open.Addr().String(), "test": shut.Addr().String()}})
	ask := func() (ok bool, failed []string) {
		t.Helper()
		res := httptest.NewRecorder()
		api.ServeHTTP(res, newRequest(http.MethodGet, "http://localhost/api/v1/diagnose", nil))
		var answer struct {
			Result struct {
				OK     bool
				Checks []struct {
					Name, Detail string
					OK           bool
				}
			}
		}
		if err := json.Unmarshal(res.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s: %v", res.Body, err)
		}
		var names []string
		for _, c := range answer.Result.Checks {
			names = append(names, c.Name)
			if !c.OK {
				failed = append(failed, c.Name+": "+c.Detail)
			}
		}
		want := []string{"workers", "storage", "engine", "clock", "journal", "open files", "memory", "listener of admin", "listener of test"}
		if !slices.Equal(names, want) {
			t.Errorf("checked %v, want %v", names, want)
		}
		return answer.Result.OK, failed
	}
	if ok, failed := ask(); ok || len(failed) != 1 || !strings.HasPrefix(failed[0], "listener of test: nothing answers") {
		t.Errorf("got %v, %v, want the listener that is shut", ok, failed)
	}
	if left, err := os.ReadDir(r.StateDir()); err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.Contains(e.Name(), "diagnose") }) {
		t.Errorf("the check of the storage has left %v, %v", left, err)
	}
	// The directory goes, as when a disk is taken away.
	if err := os.Rename(r.StateDir(), r.StateDir()+".gone"); err != nil {
		t.Fatal(err)
	}
	ok, failed := ask()
	if ok || len(failed) != 2 || !strings.HasPrefix(failed[0], "storage: ") {
		t.Errorf("got %v, %v, want the storage and the listener", ok, failed)
	}
	if err := os.Rename(r.StateDir()+".gone", r.StateDir()); err != nil {
		t.Fatal(err)
	}
}
