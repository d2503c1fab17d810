package adminapi

import (
	"context"
	"net/http"
	"time"

	"github.com/doemu/doemu/emulator/clock"
)

func clockRoutes() []route {
	return []route{
		handle(http.MethodGet, "clock", "What the clock shows", (*api).clock),
		handle(http.MethodPost, "clock/freeze", "Stop the clock", (*api).freeze),
		handle(http.MethodPost, "clock/resume", "Let the clock run on", (*api).resume),
		handle(http.MethodPost, "clock/advance", "Let time pass on a clock that stands, and wait until all is done that falls due", (*api).advance),
		handle(http.MethodPost, "clock/set", "Move the clock without passing through the time between", (*api).setClock),
		handle(http.MethodPost, "clock/next", "Let time pass up to what falls due next", (*api).next),
		handle(http.MethodPost, "settle", "Wait until nothing is being done that does not wait for time or for the outside", (*api).settle),
	}
}

// Clock is what GET clock gives.
type Clock struct {
	Now     moment `json:"now"`
	Mode    string `json:"mode" enum:"real,frozen"`
	Waiting int    `json:"waiting" description:"How many things wait for their time"`
	Next    *due   `json:"next" description:"The first of them"`
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

// passed is what happened while time passed.
type passed struct {
	Clock
	From    moment   `json:"from"`
	To      moment   `json:"to"`
	Count   int      `json:"count" description:"How many things were done"`
	Ran     []due    `json:"ran" description:"The first of them, in order"`
	Pending []string `json:"pending" description:"What outside had not ended"`
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

func (a *api) clock(context.Context, struct{}) (Clock, error) { return a.clockView(), nil }

func (a *api) freeze(context.Context, struct{}) (Clock, error) {
	a.emulator.Clock().Freeze()
	return a.clockView(), nil
}

func (a *api) resume(context.Context, struct{}) (Clock, error) {
	a.emulator.Clock().Resume()
	return a.clockView(), nil
}

type advanceRequest struct {
	MS *float64 `json:"ms,omitempty" description:"The milliseconds that are to pass"`
}

func (a *api) advance(ctx context.Context, in advanceRequest) (passed, error) {
	if in.MS == nil || *in.MS < 0 || *in.MS > float64(clock.MostAdvance.Milliseconds()) {
		return passed{}, refuse(http.StatusBadRequest, `advance takes {"ms": N}, the milliseconds that are to pass: not less than 0, and at most a hundred years.`)
	}
	return a.passed(a.emulator.Clock().Advance(ctx, time.Duration(*in.MS*float64(time.Millisecond))))
}

func (a *api) next(ctx context.Context, _ struct{}) (passed, error) {
	return a.passed(a.emulator.Clock().Next(ctx))
}

func (a *api) settle(ctx context.Context, _ struct{}) (Clock, error) {
	if err := a.emulator.Settle(ctx); err != nil {
		return Clock{}, err
	}
	return a.clockView(), nil
}

type setClockRequest struct {
	At *instant `json:"at,omitempty"`
}

func (a *api) setClock(ctx context.Context, in setClockRequest) (passed, error) {
	if in.At == nil {
		return passed{}, refuse(http.StatusBadRequest, `set takes {"at": TIME}: RFC 3339, a date, or milliseconds since 1970.`)
	}
	return a.passed(a.emulator.Clock().Set(ctx, in.At.Time))
}

// passed tells what happened while time passed.
func (a *api) passed(p clock.Passage, err error) (passed, error) {
	if err != nil {
		return passed{}, err
	}
	result := passed{a.clockView(), moment{p.From}, moment{p.To}, p.Count, []due{}, append([]string{}, p.Pending...)}
	for _, d := range p.Ran {
		result.Ran = append(result.Ran, dueView(d))
	}
	return result, nil
}
