package durable

import (
	"strconv"
	"time"

	"github.com/doemu/doemu/durable/storage"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// alarmTime is what getAlarm gives: nothing while the handler runs.
func (o *Object) alarmTime() (time.Time, error) {
	if o.alarming != nil {
		return time.Time{}, nil
	}
	at, _, err := o.storedAlarm()
	return at, err
}

// storedAlarm is the alarm in the object's own storage.
func (o *Object) storedAlarm() (at time.Time, has bool, err error) {
	db, err := o.storage()
	if err != nil {
		return time.Time{}, false, err
	}
	return db.Alarm()
}

// deleteStoredAlarm removes it.
func (o *Object) deleteStoredAlarm() error {
	db, err := o.storage()
	if err != nil {
		return err
	}
	return db.DeleteAlarm()
}

// sender lets things leave once what was written is durable: a turn, or an edit.
type sender interface{ Send(f func()) }

// setAlarm sets the alarm with the turn's other writes. The namespace's file learns of an earlier time
// before they are committed, and of a later one afterwards: a crash in between wakes the object once
// for nothing, and loses no alarm.
func (o *Object) setAlarm(t sender, at time.Time) error {
	db, err := o.storage()
	if err != nil {
		return err
	}
	if err := db.SetAlarm(at); err != nil {
		return err
	}
	if o.facet != nil {
		o.facet.alarmed = true // the commit fails
		return nil
	}
	o.alarming = nil
	alarm := storage.ScheduledAlarm{ID: o.id, Name: o.Name(), At: at}
	exact, err := o.namespace.files.Alarms().Announce(alarm)
	if err != nil {
		return err
	}
	change := o.alarmChanges.Add(1)
	t.Send(func() {
		if !exact && o.alarmChanges.Load() == change {
			o.storeAlarm(alarm)
		}
		o.namespace.alarms.schedule(alarm)
		o.record(journal.Event{Kind: journal.AlarmSet, Detail: at.UTC().Format(timeFormat)})
	})
	return nil
}

func (o *Object) deleteAlarm(t sender) error {
	_, had, err := o.storedAlarm()
	if err != nil {
		return err
	}
	if err := o.deleteStoredAlarm(); err != nil {
		return err
	}
	if o.facet != nil {
		return nil
	}
	o.alarming = nil
	change := o.alarmChanges.Add(1)
	t.Send(func() {
		o.namespace.alarms.cancel(o.id)
		o.removeAlarm(change)
		if had {
			o.record(journal.Event{Kind: journal.AlarmDelete})
		}
	})
	return nil
}

// removeAlarm takes the alarm out of the namespace's file, unless a later turn has set one: its commit
// may be the same.
func (o *Object) removeAlarm(change uint64) {
	if o.alarmChanges.Load() == change {
		o.namespace.alarms.remove(o.id)
	}
}

// dropAlarm forgets the alarm whose handler runs: it is not tried again.
func (o *Object) dropAlarm() {
	if d := o.alarming; d != nil && o.namespace.alarms.forget(d) {
		o.removeAlarm(o.alarmChanges.Load())
	}
}

// clearAlarm removes an alarm that was given up from the object's own storage.
func (o *Object) clearAlarm(at time.Time) {
	o.loop.Post(isolate.Task{Run: func(*isolate.Turn) error {
		stored, _, err := o.storedAlarm()
		if err != nil || !stored.Equal(at) {
			return err
		}
		return o.deleteStoredAlarm()
	}})
}

// alarmLimit is how long an alarm handler may take.
// https://developers.cloudflare.com/durable-objects/api/alarms/
const alarmLimit = 15 * time.Minute

// runAlarm calls the alarm handler, if the object still has this alarm.
func (o *Object) runAlarm(d *dueAlarm) {
	all := o.namespace.alarms
	entry := journal.Event{Kind: journal.Alarm, Detail: "attempt " + strconv.Itoa(d.retries+1)}
	var change uint64 // of the alarm, when the handler ended
	trace := o.traced("alarm", func() map[string]any { return map[string]any{"scheduledTime": d.At.UnixMilli()} })
	c, ok := o.begin(entry, trace, func(err error) {
		switch {
		case err != nil:
			all.failed(d, err)
		case all.forget(d):
			o.removeAlarm(change)
		}
		d.tell(err)
		all.ended(d)
	})
	if !ok {
		return
	}
	c.settle = func(_ *isolate.Turn, err error) error {
		mine := o.alarming == d
		if mine {
			o.alarming = nil
		}
		change = o.alarmChanges.Load()
		if mine && err == nil {
			return o.deleteStoredAlarm()
		}
		return nil
	}
	o.post(c, platform.Lineage{}, func(t *isolate.Turn) error {
		stored, has, err := o.storedAlarm()
		if err != nil {
			return err
		}
		if !has || !stored.Equal(d.At) {
			// The file knew of an alarm that was never committed, or of one that was deleted.
			change = o.alarmChanges.Load()
			t.Send(func() {
				c.entry.Detail = "not set any more"
				o.complete(c.id, nil)
				if has {
					o.realignAlarm(stored)
				}
			})
			return nil
		}
		o.alarming = d
		c.limit = o.limit(t, alarmLimit, "an alarm handler", func() bool { return o.open(c.id) }, errAlarmTime)
		return t.Deliver(o.event("object.alarm"), isolate.Number(float64(c.id)), isolate.Number(float64(d.told.UnixMilli())), isolate.Int(d.retries))
	})
}

// realignAlarm makes the namespace's alarm that of the object's own storage.
func (o *Object) realignAlarm(at time.Time) {
	alarm := storage.ScheduledAlarm{ID: o.id, Name: o.Name(), At: at}
	o.storeAlarm(alarm)
	o.namespace.alarms.schedule(alarm)
}

func (o *Object) storeAlarm(alarm storage.ScheduledAlarm) {
	if err := o.namespace.files.Alarms().Set(alarm); err != nil {
		o.namespace.around.Log.Error("store alarm", "namespace", o.namespace.UniqueKey(), "object", o.id, "err", err)
	}
}
