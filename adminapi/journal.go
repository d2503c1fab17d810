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

func journalRoutes() []route {
	return []route{
		handleList("journal", "What happened", (*api).journal),
		handleRaw("events", "What happens, as server-sent events with the numbers of the journal, which Last-Event-ID goes on from",
			eventsRequest{}, "", "text/event-stream", (*api).events),
	}
}

// event is an event of the journal.
type event struct {
	Seq        uint64       `json:"seq" description:"The number of the event"`
	Time       moment       `json:"time"`
	Kind       journal.Kind `json:"kind"`
	Generation int          `json:"generation,omitempty" description:"The build of the code"`
	Worker     string       `json:"worker,omitempty"`
	Namespace  string       `json:"namespace,omitempty"`
	Object     string       `json:"object,omitempty"`
	Name       string       `json:"name,omitempty" description:"Of the object"`
	Detail     string       `json:"detail,omitempty" description:"Method and path, RPC method, reason, or the line that was written"`
	Status     int          `json:"status,omitempty" description:"Of an HTTP response"`
	Level      string       `json:"level,omitempty" description:"Of a console line"`
	Duration   float64      `json:"duration,omitempty" description:"Milliseconds"`
	Error      string       `json:"error,omitempty" description:"With the stack in the user's own files"`
	Hint       *hintOf      `json:"hint,omitempty"`
}

// hintOf is what an event of the kind hint is about.
type hintOf struct {
	Mistake int    `json:"mistake,omitempty" description:"Its number in docs/mistakes.md"`
	Code    string `json:"code" description:"The mistake, for programs"`
	Source  string `json:"source,omitempty" description:"The place in the user's files, file:line:column from the directory of the configuration"`
	Link    string `json:"link" description:"A page of Cloudflare's documentation"`
}

func eventView(e journal.Event) event {
	return event{
		e.Seq, moment{e.Time}, e.Kind, e.Generation, e.Worker, e.Namespace, e.Object, e.Name, e.Detail, e.Status, e.Level,
		float64(e.Duration.Microseconds()) / 1000, e.Error,
		(*hintOf)(e.Hint),
	}
}

// eventFilter says which events are asked for.
type eventFilter struct {
	Namespace string   `query:"namespace" json:"-"`
	Object    string   `query:"object" json:"-"`
	Kind      []string `query:"kind" json:"-" description:"One or more, separated by commas"`
}

type eventsRequest struct {
	eventFilter
	Since *uint64 `query:"since" json:"-" description:"The number of an event; those after it are given"`
}

type journalRequest struct {
	eventsRequest
	Cursor *uint64 `query:"cursor" json:"-"`
	Limit  int     `query:"limit" json:"-" description:"1000 if not given"`
	Last   int     `query:"last" json:"-" description:"How many of the newest are given, in place of a page of the oldest"`
}

// A page of the journal.
const (
	usualPage = 1000
	mostPage  = journal.Keep
)

// filter reads what the query asks for. Kinds are separated by commas, or given more than once.
func (in eventFilter) filter() journal.Filter {
	f := journal.Filter{Namespace: in.Namespace, Object: in.Object}
	for _, kinds := range in.Kind {
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

func (a *api) journal(_ context.Context, in journalRequest) (p page[event], _ error) {
	var since uint64
	for _, n := range []*uint64{in.Since, in.Cursor} {
		if n != nil {
			since = *n
		}
	}
	limit := pageLimit(in.Limit, usualPage, mostPage)
	if in.Last > 0 {
		limit = mostPage
	}
	events, next := a.emulator.Journal().Read(in.filter(), a.since(since), limit)
	if in.Last > 0 {
		events = events[max(0, len(events)-in.Last):]
	}
	for _, e := range events {
		p.items = append(p.items, eventView(e))
	}
	if len(events) == limit && in.Last == 0 {
		p.cursor = strconv.FormatUint(next, 10)
	}
	return p, nil
}

// mostStreams is how many streams of events there may be at once: each event is told to all of them.
const mostStreams = 1000

// quietStream is how long a stream of events may be silent: then a comment shows that it lives.
const quietStream = 15 * time.Second

// events streams the journal as server-sent events: those after since or Last-Event-ID first, otherwise
// what comes from now on. The journal itself is the buffer: a client that is slow misses only what the
// journal has forgotten.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (a *api) events(w http.ResponseWriter, r *http.Request) error {
	defer a.streams.Add(-1)
	if a.streams.Add(1) > mostStreams {
		return refuse(http.StatusServiceUnavailable, "%d streams of events are open, which is the most at once. Close some of them.", mostStreams)
	}
	j := a.emulator.Journal()
	var in eventsRequest
	if err := decode(r, &in); err != nil {
		return err
	}
	at := j.Last()
	if in.Since != nil {
		at = *in.Since
	}
	if last, err := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 63); err == nil {
		at = last
	}
	at = a.since(at)
	f := in.filter()
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
			return nil
		}
		if err = out.Flush(); err != nil {
			return nil
		}
		select {
		case <-more:
		case <-alive.C:
			_, err = fmt.Fprint(w, ": alive\n\n")
		case <-r.Context().Done():
			return nil
		}
	}
	// The client that cannot be written to has gone.
	return nil
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
