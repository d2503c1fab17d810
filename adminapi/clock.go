package adminapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/doemu/doemu/emulator/clock"
)

// Clock is what GET clock gives.
type Clock struct {
	Now moment `json:"now"`
	// Mode is real or frozen.
	Mode string `json:"mode"`
	// Waiting is how many things wait for their time, Next the first of them.
	Waiting int  `json:"waiting"`
	Next    *due `json:"next"`
}

// due is a thing that waits for its time, or was done.
type due struct {
	At        moment     `json:"at"`
	Kind      clock.Kind `json:"kind"`
	Worker    string     `json:"worker,omitempty"`
	Namespace string     `json:"namespace,omitempty"`
	Object    string     `json:"object,omitempty"`
	Name      string     `json:"name,omitempty"`
	Detail    string     `json:"detail,omitempty"`
}

func dueView(d clock.Due) due {
	return due{moment{d.At}, d.Kind, d.Worker, d.Namespace, d.Object, d.Name, d.Detail}
}

func (a *api) clockView() Clock {
	s := a.emulator.Clock().Status()
	view := Clock{Now: moment{s.Now}, Mode: "real", Waiting: s.Waiting}
	if s.Frozen {
		view.Mode = "frozen"
	}
	if s.Next != nil {
		next := dueView(*s.Next)
		view.Next = &next
	}
	return view
}

func (a *api) clock(w http.ResponseWriter, _ *http.Request) { succeed(w, a.clockView()) }

func (a *api) freeze(w http.ResponseWriter, _ *http.Request) {
	a.emulator.Clock().Freeze()
	succeed(w, a.clockView())
}

func (a *api) resume(w http.ResponseWriter, _ *http.Request) {
	a.emulator.Clock().Resume()
	succeed(w, a.clockView())
}

func (a *api) advance(w http.ResponseWriter, r *http.Request) {
	var body struct {
		MS *float64 `json:"ms"`
	}
	if !read(w, r, &body) {
		return
	}
	if body.MS == nil || *body.MS < 0 || *body.MS > float64(clock.MostAdvance.Milliseconds()) {
		fail(w, http.StatusBadRequest, `advance takes {"ms": N}, the milliseconds that are to pass: not less than 0, and at most a hundred years.`)
		return
	}
	a.passed(w)(a.emulator.Clock().Advance(r.Context(), time.Duration(*body.MS*float64(time.Millisecond))))
}

func (a *api) next(w http.ResponseWriter, r *http.Request) {
	a.passed(w)(a.emulator.Clock().Next(r.Context()))
}

func (a *api) setClock(w http.ResponseWriter, r *http.Request) {
	var body struct {
		At json.RawMessage `json:"at"`
	}
	if !read(w, r, &body) {
		return
	}
	text := string(body.At)
	// A string loses its quotes; a number is milliseconds since 1970.
	_ = json.Unmarshal(body.At, &text)
	at, err := clock.ParseTime(text)
	if err != nil {
		fail(w, http.StatusBadRequest, `set takes {"at": TIME}: `+err.Error()+".")
		return
	}
	a.passed(w)(a.emulator.Clock().Set(r.Context(), at))
}

// passed answers with what happened while time passed.
func (a *api) passed(w http.ResponseWriter) func(clock.Passage, error) {
	return func(p clock.Passage, err error) {
		var stuck *clock.StuckError
		switch {
		case errors.As(err, &stuck):
			fail(w, http.StatusConflict, err.Error())
			return
		case err != nil:
			fail(w, http.StatusServiceUnavailable, "Time did not pass: "+err.Error())
			return
		}
		result := struct {
			Clock
			From    moment   `json:"from"`
			To      moment   `json:"to"`
			Count   int      `json:"count"`
			Ran     []due    `json:"ran"`
			Pending []string `json:"pending"`
		}{a.clockView(), moment{p.From}, moment{p.To}, p.Count, []due{}, append([]string{}, p.Pending...)}
		for _, d := range p.Ran {
			result.Ran = append(result.Ran, dueView(d))
		}
		succeed(w, result)
	}
}
