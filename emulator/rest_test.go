package emulator_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator"
)

const resting = `
export class Thing extends DurableObject {
  put(value) { this.ctx.storage.kv.put("value", value); }
  get() { return this.ctx.storage.kv.get("value"); }
  wake(at) { return this.ctx.storage.setAlarm(at); }
  alarm() { this.ctx.storage.kv.put("value", "fired"); }
}`

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

func openAtRest(t *testing.T, state string) *emulator.Emulator {
	t.Helper()
	e, err := emulator.OpenAtRest(t.Context(), emulator.RestOptions{StateDir: state})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestOpenAtRest(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	running := func() *rig {
		return newRig(t, resting, func(o *emulator.Options) { o.Ephemeral, o.StateDir = false, state })
	}
	if _, err := emulator.OpenAtRest(t.Context(), emulator.RestOptions{StateDir: state}); !errors.Is(err, emulator.ErrNoState) {
		t.Errorf("of a directory without state: got %v", err)
	}
	if entries, err := os.ReadDir(state); len(entries) != 0 || err != nil {
		t.Errorf("got %v, %v, want that nothing is made", entries, err)
	}
	r := running()
	r.get("/put?name=a&arg=1")
	r.get("/put?name=b&arg=2")
	r.get("/wake?name=b&arg=" + strconv.FormatInt(start.Add(time.Hour).UnixMilli(), 10))
	var locked *storage.LockedError
	if _, err := emulator.OpenAtRest(t.Context(), emulator.RestOptions{StateDir: state}); !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("while it runs: got %v, want who holds the lock", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	// The alarm is overdue by the machine's clock, and stays.
	before := stateFiles(t, state)
	e := openAtRest(t, state)
	n := e.Namespace("test-Thing")
	all, _, err := n.Objects(durable.Query{})
	var got []string
	for _, o := range all {
		got = append(got, o.Name+" "+string(o.State))
	}
	if err != nil || strings.Join(got, ",") != "a evicted,b evicted" && strings.Join(got, ",") != "b evicted,a evicted" {
		t.Errorf("got %q, %v", got, err)
	}
	if alarms := n.Alarms(); len(alarms) != 1 || alarms[0].Name != "b" || !alarms[0].At.Equal(start.Add(time.Hour)) {
		t.Errorf("got alarms %+v", alarms)
	}
	if info, err := n.Info(); err != nil || info.Worker != "test" || info.Class != "Thing" || !info.SQL || info.Objects != 2 || info.Alarms != 1 {
		t.Errorf("got %+v, %v", info, err)
	}
	b, _, err := n.Resolve("name:b")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Look(t.Context(), b, func(db *storage.DB) error { _, err := db.CountKeys(); return err }); err != nil {
		t.Error(err)
	}
	if _, err := n.Invoke(t.Context(), b, "b", "get", false, nil); !errors.Is(err, durable.ErrAtRest) {
		t.Errorf("a call: got %v", err)
	}
	if _, err := n.FireAlarm(t.Context(), b); err != durable.ErrAtRest {
		t.Errorf("an alarm: got %v", err)
	}
	if err := n.Evict(t.Context(), b, durable.HibernateSockets); err != durable.ErrNotRunning {
		t.Errorf("eviction: got %v", err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	after := stateFiles(t, state)
	for path, text := range after {
		if before[path] != text {
			t.Errorf("%s was made or changed by looking", path)
		}
	}

	// What is changed is there when the code runs again.
	e = openAtRest(t, state)
	n = e.Namespace("test-Thing")
	a, _, err := n.Resolve("name:a")
	if err != nil {
		t.Fatal(err)
	}
	changes := []error{
		n.Delete(t.Context(), a),
		n.SetAlarm(t.Context(), b, "b", start.Add(2*time.Hour)),
		n.Edit(t.Context(), b, "b", "sql", func(e *durable.Edit) error {
			_, err := e.DB.Exec("CREATE TABLE lines (text)")
			return err
		}),
	}
	if err := errors.Join(append(changes, e.Close())...); err != nil {
		t.Fatal(err)
	}
	r = running()
	r.want("/get?name=a", "null")
	r.get("/put?name=b&arg=3")
	r.advance(90 * time.Minute)
	r.want("/get?name=b", "3")
	r.advance(time.Hour)
	r.want("/get?name=b", `"fired"`)
}
