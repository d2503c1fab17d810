package hint_test

import (
	"testing"
	"time"

	"github.com/doemu/doemu/emulator/hint"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/mistake"
)

// Each cause is told once: a place in the source, or where there is none a class, and there each kind of it.
func TestHints_Tell(t *testing.T) {
	t.Parallel()
	j := journal.New(time.Now)
	h := hint.New(j)
	room, hall := journal.Event{Worker: "shop", Namespace: "shop-Room"}, journal.Event{Worker: "shop", Namespace: "shop-Hall"}
	for _, test := range []struct {
		at   journal.Event
		hint hint.Hint
		told bool
	}{
		{room, hint.Hint{Mistake: mistake.TimerHolds, Source: "a.ts:1:1"}, true},
		{room, hint.Hint{Mistake: mistake.TimerHolds, Source: "a.ts:1:1"}, false},
		{hall, hint.Hint{Mistake: mistake.TimerHolds, Source: "a.ts:1:1"}, false},
		{room, hint.Hint{Mistake: mistake.TimerHolds, Source: "a.ts:2:1"}, true},
		{room, hint.Hint{Mistake: mistake.PlainAccept, Source: "a.ts:1:1"}, true},
		{room, hint.Hint{Mistake: mistake.NearLimit}, true},
		{room, hint.Hint{Mistake: mistake.NearLimit}, false},
		{hall, hint.Hint{Mistake: mistake.NearLimit}, true},
		{room, hint.Hint{Mistake: mistake.NearLimit, Of: "memory"}, true},
	} {
		before := j.Last()
		h.Tell(test.at, test.hint)
		if told := j.Last() > before; told != test.told {
			t.Errorf("%v %+v: told is %v, want %v", test.at.Namespace, test.hint, told, test.told)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	j := journal.New(time.Now)
	h := hint.New(j)
	h.Tell(journal.Event{Worker: "shop"}, hint.Hint{Mistake: mistake.BooleanBound, Text: "Say it.", Source: "a.ts:1:1"})
	h.Tell(journal.Event{Worker: "shop", Namespace: "shop-Room", Object: "01"}, hint.Hint{Mistake: mistake.CloseUnanswered, Text: "Say it."})
	events := j.Since(0)
	for n, want := range []string{
		"[HINT 16] Say it.\n    a.ts:1:1 in shop\n    " + mistake.BooleanBound.Link(),
		"[HINT] Say it.\n    shop-Room/01\n    " + mistake.CloseUnanswered.Link(),
	} {
		if got := hint.Text(events[n]); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
