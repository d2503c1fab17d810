package adminapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/doemu/doemu/durable"
)

func alarmRoutes() []route {
	return []route{
		handleList("alarms", "All alarms, in the order in which they run next", (*api).alarms),
		handle(http.MethodPut, onePath+"/alarm", "Set an object's alarm, or move it", (*api).setAlarm),
		handle(http.MethodDelete, onePath+"/alarm", "Delete an object's alarm", (*api).deleteAlarm),
		handle(http.MethodPost, onePath+"/alarm/fire", "Run an object's alarm now, and wait for its end", (*api).fireAlarm),
	}
}

// alarm is an alarm that is due.
type alarm struct {
	Namespace string `json:"namespace"`
	Object    string `json:"object"`
	Name      string `json:"name,omitempty"`
	At        moment `json:"at" description:"What was set"`
	Next      moment `json:"next" description:"When the handler runs next: later after failures"`
	Attempt   int    `json:"attempt" description:"How many runs have failed"`
	Running   bool   `json:"running"`
	Error     string `json:"lastError,omitempty"`
}

func alarmView(n *durable.Namespace, a durable.PendingAlarm) alarm {
	return alarm{n.UniqueKey(), a.Object, a.Name, moment{a.At}, moment{a.Next}, a.Attempt, a.Running, a.Error}
}

func (a *api) alarms(_ context.Context, _ struct{}) (p page[alarm], _ error) {
	for _, n := range a.emulator.Namespaces() {
		for _, due := range n.Alarms() {
			p.items = append(p.items, alarmView(n, due))
		}
	}
	slices.SortStableFunc(p.items, func(x, y alarm) int { return x.Next.Compare(y.Next.Time) })
	return p, nil
}

type alarmRequest struct {
	objectPath
	At *instant `json:"at,omitempty"`
}

// alarmOf is an object's alarm as it is now.
type alarmOf struct {
	Alarm *alarm `json:"alarm"`
}

func alarmNow(t target) alarmOf {
	info, err := t.Find(t.id)
	if err != nil || info.Alarm == nil {
		return alarmOf{}
	}
	view := alarmView(t.Namespace, *info.Alarm)
	return alarmOf{&view}
}

func (a *api) setAlarm(ctx context.Context, in alarmRequest) (alarmOf, error) {
	t, err := a.target(in.objectPath)
	if err != nil {
		return alarmOf{}, err
	}
	if in.At == nil {
		return alarmOf{}, refuse(http.StatusBadRequest, `An alarm takes {"at": TIME}: RFC 3339, a date, or milliseconds since 1970.`)
	}
	if err := t.SetAlarm(ctx, t.id, t.name, in.At.Time); err != nil {
		return alarmOf{}, err
	}
	return alarmNow(t), nil
}

func (a *api) deleteAlarm(ctx context.Context, in objectPath) (deleted, error) {
	t, err := a.target(in)
	if err != nil {
		return deleted{}, err
	}
	err = t.DeleteAlarm(ctx, t.id)
	return deleted{err == nil}, err
}

// fired is what came of an alarm.
type fired struct {
	Object string `json:"object"`
	Error  string `json:"error,omitempty" description:"What the handler threw"`
	Alarm  *alarm `json:"alarm" description:"The retry after an error, or another alarm that was set"`
}

func (a *api) fireAlarm(ctx context.Context, in objectPath) (f fired, err error) {
	t, err := a.target(in)
	if err != nil {
		return f, err
	}
	ran, err := t.FireAlarm(ctx, t.id)
	if !ran {
		return f, err
	}
	f = fired{Object: t.id, Alarm: alarmNow(t).Alarm}
	if err != nil {
		f.Error = err.Error()
	}
	return f, nil
}
