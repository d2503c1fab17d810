package storage

import (
	"testing"
	"time"
)

// An alarm that is announced never moves the time that is stored to a later one.
func TestAlarmStore_announce(t *testing.T) {
	t.Parallel()
	n, err := OpenNamespace(t.TempDir(), "w-A")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	for _, step := range []struct {
		announce  int64
		exact     bool
		want      int64
		thenStore bool
	}{
		{50, true, 50, false}, {60, false, 50, false}, {40, true, 40, false}, {70, false, 70, true}, {70, true, 70, false},
	} {
		alarm := ScheduledAlarm{ID: "a", Name: "name", At: at(step.announce)}
		exact, err := n.Alarms().Announce(alarm)
		if err != nil || exact != step.exact {
			t.Errorf("announce %d: got %v, %v, want %v", step.announce, exact, err, step.exact)
		}
		if step.thenStore {
			if err := n.Alarms().Set(alarm); err != nil {
				t.Fatal(err)
			}
		}
		all, err := n.Alarms().Load()
		if err != nil || len(all) != 1 || !all[0].At.Equal(at(step.want)) || all[0].Name != "name" {
			t.Errorf("after %d: got %+v, %v, want one at %d", step.announce, all, err, step.want)
		}
	}
}
