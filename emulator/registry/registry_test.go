package registry

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

func session(id string, started int, workers ...string) Session {
	s := Session{
		ID: id, PID: os.Getpid(), Protocol: 1, Address: "127.0.0.1:1", Secret: "00", StartedAt: time.Unix(int64(started), 0).UTC(),
	}
	for _, name := range workers {
		s.Workers = append(s.Workers, Worker{Name: name, Classes: []string{"Class"}})
	}
	return s
}

func ids(sessions []Session) string {
	var all []string
	for _, s := range sessions {
		all = append(all, s.ID)
	}
	return strings.Join(all, " ")
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "when", "needed")
	r := Open(dir)
	r.Sweep()
	if got := r.Sessions(); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
	old, young := session("01", 100, "a", "b"), session("02", 200, "b")
	for _, s := range []Session{old, young} {
		if err := r.Announce(s); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := r.Sessions(), []Session{young, old}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if w := old.Worker("b"); w == nil || !w.Implements("Class") || w.Implements("Other") || old.Worker("c") != nil {
		t.Errorf("got the Worker %+v, want b with the class Class", w)
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "01.json"): 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: got %v, %v; want mode %v", path, info, err, want)
			}
		}
	}

	// What is no session is passed over: other files, damaged ones, one under another's name, and those of
	// processes that have gone.
	dead := session("03", 300, "a")
	dead.PID = 1 << 30
	if err := r.Announce(dead); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(young)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"04.json": "{", "05.json": string(text), "06.txt": string(text), "07.json": strings.Repeat(" ", mostBytes) + string(text), "08.json": `{"id":"08","pid":-1}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "09.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, want := ids(r.Sessions()), "02 01"; got != want {
		t.Errorf("got the sessions %s, want %s", got, want)
	}
	r.Sweep()
	if _, err := os.Stat(filepath.Join(dir, "03.json")); !os.IsNotExist(err) {
		t.Errorf("the file of a process that has gone: got %v, want it to be removed", err)
	}

	// A session may tell of other Workers later, and goes.
	young.Workers = []Worker{{Name: "c"}}
	if err := r.Announce(young); err != nil {
		t.Fatal(err)
	}
	if got := r.Sessions()[0].Worker("c"); got == nil {
		t.Error("got no Worker c")
	}
	for range 2 {
		if err := r.Withdraw("02"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := ids(r.Sessions()), "01"; got != want {
		t.Errorf("got the sessions %s, want %s", got, want)
	}
}

func TestRegistry_watch(t *testing.T) {
	t.Parallel()
	r := Open(filepath.Join(t.TempDir(), "sessions"))
	changes := make(chan struct{}, 100)
	stop, err := r.Watch(func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	wait := func(want string) {
		t.Helper()
		for ids(r.Sessions()) != want {
			select {
			case <-changes:
			case <-time.After(20 * time.Second):
				t.Fatalf("nobody told that the sessions are %q", want)
			}
		}
	}
	if err := r.Announce(session("01", 1, "a")); err != nil {
		t.Fatal(err)
	}
	<-changes
	wait("01")
	if err := r.Withdraw("01"); err != nil {
		t.Fatal(err)
	}
	wait("")
	stop()
}

func FuzzParse(f *testing.F) {
	text, err := json.Marshal(session("01", 1, "a"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"id":"01","workers":[null,{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parse("01", b)
		if err != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Skip() // a time that has no text
		}
		if got, err := parse("01", again); err != nil || !got.StartedAt.Equal(s.StartedAt) || len(got.Workers) != len(s.Workers) {
			t.Errorf("%s: got %+v, %v; want %+v", b, got, err, s)
		}
	})
}
