package adminapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/doemu/doemu/emulator/journal"
)

// event is an event of the journal; its duration is in milliseconds.
type event struct {
	journal.Event
	Time     moment  `json:"time"`
	Duration float64 `json:"duration,omitempty"`
}

func eventView(e journal.Event) event {
	return event{e, moment{e.Time}, float64(e.Duration.Microseconds()) / 1000}
}

// A page of the journal.
const (
	usualPage = 1000
	mostPage  = journal.Keep
)

// filter reads what the query asks for. Kinds are separated by commas, or given more than once.
func filter(r *http.Request) journal.Filter {
	q := r.URL.Query()
	f := journal.Filter{Namespace: q.Get("namespace"), Object: q.Get("object")}
	for _, kinds := range q["kind"] {
		for kind := range strings.SplitSeq(kinds, ",") {
			if kind = strings.TrimSpace(kind); kind != "" {
				f.Kinds = append(f.Kinds, kind)
			}
		}
	}
	return f
}

// since is the number of an event of this journal: one that is larger than all comes from a doemu that
// ran before, and everything is new.
func (a *api) since(n uint64) uint64 {
	if n > a.emulator.Journal().Last() {
		return 0
	}
	return n
}

func (a *api) journal(w http.ResponseWriter, r *http.Request) {
	since, ok := count[uint64](w, r, "since", 0)
	if !ok {
		return
	}
	if since, ok = count(w, r, "cursor", since); !ok {
		return
	}
	limit, ok := count(w, r, "limit", usualPage)
	if !ok {
		return
	}
	limit = min(max(limit, 1), mostPage)
	events, next := a.emulator.Journal().Read(filter(r), a.since(since), limit)
	info := resultInfo{Count: len(events)}
	if len(events) == limit {
		info.Cursor = strconv.FormatUint(next, 10)
	}
	views := make([]event, len(events))
	for n, e := range events {
		views[n] = eventView(e)
	}
	succeedList(w, views, info)
}

// quietStream is how long a stream of events may be silent: then a comment shows that it lives.
const quietStream = 15 * time.Second

// events streams the journal as server-sent events: those after since or Last-Event-ID first, otherwise
// what comes from now on. The journal itself is the buffer: a client that is slow misses only what the
// journal has forgotten.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (a *api) events(w http.ResponseWriter, r *http.Request) {
	j := a.emulator.Journal()
	at, ok := count(w, r, "since", j.Last())
	if !ok {
		return
	}
	if last, err := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 63); err == nil {
		at = last
	}
	at = a.since(at)
	f := filter(r)
	more := make(chan struct{}, 1)
	stop := j.Listen(func(journal.Event) {
		select {
		case more <- struct{}{}:
		default:
		}
	})
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	alive := time.NewTicker(quietStream)
	defer alive.Stop()
	_, err := fmt.Fprint(w, ": the journal of doemu\n\n")
	for err == nil {
		if at, err = a.stream(r.Context(), w, f, at); err != nil {
			return
		}
		if err = out.Flush(); err != nil {
			return
		}
		select {
		case <-more:
		case <-alive.C:
			_, err = fmt.Fprint(w, ": alive\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// stream writes what the journal has after a number, and gives the number to go on from.
func (a *api) stream(ctx context.Context, w http.ResponseWriter, f journal.Filter, at uint64) (uint64, error) {
	for ctx.Err() == nil {
		events, next := a.emulator.Journal().Read(f, at, usualPage)
		for _, e := range events {
			text, err := json.Marshal(eventView(e))
			if err != nil {
				return at, err
			}
			if _, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Kind, text); err != nil {
				return at, err
			}
		}
		if next == at {
			return at, nil
		}
		at = next
	}
	return at, ctx.Err()
}
