package journal

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func numbers(events []Event) (out []uint64) {
	for _, e := range events {
		out = append(out, e.Seq)
	}
	return out
}

// A journal forgets the oldest events, and tells listeners of all.
func TestJournal(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	j := New(func() time.Time { return now })
	heard := 0
	stop := j.Listen(func(Event) { heard++ })
	for n := range Keep + 5 {
		j.Record(Event{Kind: Console, Detail: fmt.Sprint(n)})
	}
	stop()
	j.Record(Event{Kind: Console, Detail: "last"})
	all := j.Since(0)
	if len(all) != Keep || all[0].Seq != 7 || all[Keep-1].Detail != "last" || !all[0].Time.Equal(now) {
		t.Errorf("got %d events from %+v to %+v", len(all), all[0], all[len(all)-1])
	}
	if heard != Keep+5 {
		t.Errorf("heard %d events, want %d", heard, Keep+5)
	}
	if got := numbers(j.Since(Keep + 4)); !slices.Equal(got, []uint64{Keep + 5, Keep + 6}) {
		t.Errorf("since: got %v", got)
	}
	if got := j.Since(Keep + 100); len(got) != 0 {
		t.Errorf("since a number to come: got %v", got)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	j := New(time.Now)
	for _, e := range []Event{
		{Kind: SocketOpen, Namespace: "w-A", Object: "01", Name: "a"},
		{Kind: SocketClose, Namespace: "w-A", Object: "02", Name: "b"},
		{Kind: Alarm, Namespace: "w-A", Object: "01", Name: "a"},
		{Kind: AlarmSet, Namespace: "w-B", Object: "03", Name: "a"},
		{Kind: Request, Worker: "w"},
	} {
		j.Record(e)
	}
	for _, test := range []struct {
		name  string
		f     Filter
		since uint64
		limit int
		want  []uint64
		next  uint64
	}{
		{"all", Filter{}, 0, 10, []uint64{1, 2, 3, 4, 5}, 5},
		{"a page", Filter{}, 1, 2, []uint64{2, 3}, 3},
		{"a namespace", Filter{Namespace: "w-A"}, 0, 10, []uint64{1, 2, 3}, 5},
		{"an id", Filter{Object: "01"}, 0, 10, []uint64{1, 3}, 5},
		{"a name", Filter{Object: "name:a", Namespace: "w-B"}, 0, 10, []uint64{4}, 5},
		{"no name", Filter{Object: "name:"}, 0, 10, nil, 5},
		{"a group", Filter{Kinds: []string{"socket"}}, 0, 10, []uint64{1, 2}, 5},
		{"kinds", Filter{Kinds: []string{"alarm.set", "request"}}, 0, 10, []uint64{4, 5}, 5},
		{"half a name", Filter{Kinds: []string{"alar"}}, 0, 10, nil, 5},
	} {
		got, next := j.Read(test.f, test.since, test.limit)
		if !slices.Equal(numbers(got), test.want) || next != test.next {
			t.Errorf("%s: got %v, next %d, want %v, next %d", test.name, numbers(got), next, test.want, test.next)
		}
	}
}

// The newest event of an object is known when the journal has forgotten it.
func TestJournal_Latest(t *testing.T) {
	t.Parallel()
	j := New(time.Now)
	j.Record(Event{Kind: Wake, Namespace: "n", Object: "a"})
	j.Record(Event{Kind: Evict, Namespace: "n", Object: "a"})
	j.Record(Event{Kind: Wake, Namespace: "other", Object: "a"})
	for range Keep {
		j.Record(Event{Kind: Console})
	}
	if e, ok := j.Latest("n", "a"); !ok || e.Kind != Evict || e.Seq != 2 {
		t.Errorf("got %+v, %v", e, ok)
	}
	if e, ok := j.Latest("n", "b"); ok {
		t.Errorf("of an object to which nothing happened: got %+v", e)
	}
}

// Texts are bounded, each and all together, and the newest event is there in any case.
func TestJournal_texts(t *testing.T) {
	t.Parallel()
	j := New(time.Now)
	for n := range 3000 {
		j.Record(Event{Kind: Console, Detail: strings.Repeat("x", 100_000), Error: fmt.Sprint(n)})
	}
	all := j.Since(0)
	if got, want := len(all), KeepBytes/100_004; got != want || all[got-1].Error != "2999" || all[0].Seq != uint64(3001-want) {
		t.Errorf("got %d events, the last %q, want %d", got, all[len(all)-1].Error, want)
	}
	j.Record(Event{Kind: Console, Namespace: "n", Object: "o", Detail: strings.Repeat("é", MostText)})
	last := j.Since(j.Last() - 1)
	if got, want := last[0].Detail[MostText-2:], "é… (cut: 524288 bytes in all)"; len(last) != 1 || got != want {
		t.Errorf("got %d events, %.60q, want one that ends in %q", len(last), got, want)
	}
	if e, ok := j.Latest("n", "o"); !ok || len(e.Detail) > latestText+100 || e.Seq != 3001 {
		t.Errorf("got %d bytes kept of an object's newest event", len(e.Detail))
	}
	for range 2 * Keep {
		j.Record(Event{Kind: Request, Detail: "small"})
	}
	if got := len(j.Since(0)); got != Keep || j.bytes != Keep*len("small") {
		t.Errorf("got %d events of %d bytes, want %d", got, j.bytes, Keep)
	}
}
