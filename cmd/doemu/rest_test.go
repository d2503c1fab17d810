package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/durable/storage"
)

// When nothing runs, the verbs that need no code work on the state directory.
func TestVerbs_atRest(t *testing.T) {
	t.Parallel()
	dir, state := counterProject(t), t.TempDir()
	_, stop := runDev(t, dir, state, "--clock", "frozen", "--at", "2026-01-02T03:04:05Z")
	wantVerbs(t, state, []verbTest{
		{"objects rpc Counter lobby add 5", "", 0, `^5\n$`},
		{"alarm set Counter lobby 2090-01-01", "", 0, `^set for`},
		{"objects rpc Counter lobby part 3", "", 0, `^undefined\n$`},
	})
	if code, out := stop(); code != exitDone {
		t.Fatalf("doemu dev: got %d %s", code, out)
	}
	before := stateFiles(t, state)
	wantVerbs(t, state, []verbTest{
		{"objects ls", "", 0, `(?m)^counters-Counter +lobby +evicted +0 +2090-01-01 00:00:00.000 +\d+ +-$`},
		{"objects ls Counter --state active --json", "", 0, `^\[\]\n$`},
		{"objects ls Nothing", "", 1, `there is no namespace Nothing; there are: counters-Counter`},
		{"objects get Counter lobby", "", 0, `(?s)^namespace +counters-Counter\nid +[0-9a-f]{64}\nname +lobby\nstate +evicted\nalarm +2090-.*keys +1\nfacet +part, .*\n$`},
		{"objects get Counter nobody", "", 1, `there is no such object`},
		{"storage ls Counter lobby", "", 0, `^KEY +TYPE +VALUE\nvalue +number +5\n$`},
		{"storage get Counter lobby value", "", 0, `^5\n$`},
		{"storage get Counter lobby n --facet part", "", 0, `^3\n$`},
		{"sql Counter lobby --readonly", "SELECT 1 AS one", 0, `^one\n1\n`},
		{"alarm ls --json", "", 0, `^\[{"namespace":"counters-Counter","object":"[0-9a-f]{64}","name":"lobby","at":"2090-01-01T00:00:00.000Z",`},

		{"objects rpc Counter lobby add 5", "", exitNotRunning, `no doemu runs on the state in .*: start one with doemu dev`},
		{"objects evict Counter lobby", "", exitNotRunning, `start one with doemu dev`},
		{"alarm fire Counter lobby", "", exitNotRunning, `start one with doemu dev`},
		{"clock advance 1h", "", exitNotRunning, `start one with doemu dev`},
		{"health", "", exitNotRunning, `start one with doemu dev`},
	})
	for path, text := range stateFiles(t, state) {
		if before[path] != text {
			t.Errorf("%s was made or changed by looking", path)
		}
	}
	wantVerbs(t, state, []verbTest{
		{"storage put Counter lobby value 7", "", 0, `^stored\n$`},
		{"storage put Counter new x [1]", "", 0, `^stored\n$`},
		{"storage rm Counter new none", "", 0, `^there was no such key\n$`},
		{"sql Counter new", "CREATE TABLE t (n); INSERT INTO t VALUES (1)", 0, `^0 rows read, 1 written\n$`},
		{"alarm rm Counter lobby", "", 0, `^deleted\n$`},
		{"alarm set Counter new +1h", "", 0, `^set for`},
		{"objects ls --prefix new", "", 0, `(?m)^counters-Counter +new +evicted `},
	})
	archive := filepath.Join(t.TempDir(), "packed.tar.gz")
	wantVerbs(t, state, []verbTest{
		{"snapshot save before", "", 0, `^saved before: 2 objects, `},
		{"storage put Counter lobby value 100", "", 0, `^stored\n$`},
		{"alarm rm Counter new", "", 0, `^deleted\n$`},
		{"snapshot diff before", "", 0, `    - "value": 7\n    \+ "value": 100\n`},
		{"snapshot export before " + archive, "", 0, `^$`},
		{"snapshot restore before", "", 0, `^2 objects restored, 0 deleted\n$`},
	})
	_, stop = runDev(t, dir, state)
	wantVerbs(t, state, []verbTest{
		{"objects rpc Counter lobby add 1", "", 0, `^8\n$`},
		{"sql Counter new SELECT(n)FROM(t)", "", 0, `^n\n1\n`},
		{"alarm ls", "", 0, `^NAMESPACE.*\ncounters-Counter +new +20.*\n$`},
	})
	stop()
	wantVerbs(t, state, []verbTest{
		{"objects rm Counter lobby", "", 0, `^deleted\n$`},
		{"reset --yes", "", 0, `^1 object deleted\n$`},
		{"objects ls --json", "", 0, `^\[\]\n$`},
		{"alarm ls --json", "", 0, `^\[\]\n$`},
	})
}

// stateFiles are the files of a state directory with their content, the lock's aside.
func stateFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), "doemu.lock") {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What wrangler has left is read with its names, its alarms and its logs, and changed.
func TestVerbs_wranglersState(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	if err := os.CopyFS(filepath.Join(state, "v3", "do"), os.DirFS(filepath.Join("testdata", "wrangler"))); err != nil {
		t.Fatal(err)
	}
	before := stateFiles(t, state)
	wantVerbs(t, state, []verbTest{
		{"objects ls", "", 0, `^NAMESPACE.*\n` +
			`counters-Counter +lobby +evicted +0 +2090-01-02 03:04:05.000 +\d+ +-\n` +
			`counters-Counter +[0-9a-f]{64} +evicted +0 +2090-01-02 03:04:05.000 +\d+ +-\n$`},
		{"objects ls --prefix lob --json", "", 0, `^\[{"namespace":"counters-Counter","id":"[0-9a-f]{64}","name":"lobby"`},
		{"objects get Counter lobby", "", 0, `(?s)name +lobby\n.*keys +3\ntable +lines, 1 rows\n`},
		{"storage ls Counter lobby", "", 0, `^KEY +TYPE +VALUE\nmap +Map +Map {"a" => 1n}\nvalue +number +5\nwhen +Date +1970-01-01T00:00:00.000Z\n$`},
		{"sql Counter lobby SELECT(text)FROM(lines)", "", 0, `^text\nfrom wrangler\n`},
		{"alarm ls", "", 0, `(?m)^counters-Counter +lobby +2090-01-02 03:04:05.000`},
	})
	for path, text := range stateFiles(t, state) {
		// SQLite makes the index of a log anew.
		if before[path] != text && !strings.HasSuffix(path, "-shm") {
			t.Errorf("%s was made or changed by looking", path)
		}
	}
	wantVerbs(t, state, []verbTest{
		{"storage put Counter lobby value 6", "", 0, `^stored\n$`},
		{"sql Counter lobby", "INSERT INTO lines (text) VALUES ('from doemu')", 0, `^0 rows read, 1 written\n$`},
		{"alarm rm Counter lobby", "", 0, `^deleted\n$`},
		{"sql Counter lobby SELECT(count(*))FROM(lines)", "", 0, `\n2\n`},
		{"alarm ls --json", "", 0, `^\[{"namespace":"counters-Counter",[^{]*}\]\n$`},
	})
}

// A state that another command works on is waited for; one that is held for long is told with its holder.
func TestVerbs_locked(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	if err := os.CopyFS(filepath.Join(state, "v3", "do"), os.DirFS(filepath.Join("testdata", "wrangler"))); err != nil {
		t.Fatal(err)
	}
	release, err := storage.LockDir(filepath.Join(state, "v3"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	code, _, text := doemu(t, "objects", "ls", "--persist-to", state)
	if want := "is in use by another doemu (process " + strconv.Itoa(os.Getpid()); code != exitFailed || !strings.Contains(text, want) {
		t.Errorf("got %d %s, want %q", code, text, want)
	}
	time.AfterFunc(3*lockInterval, func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	})
	wantVerbs(t, state, []verbTest{{"objects ls", "", exitDone, `lobby`}})
}
