package storage

import "time"

// Alarm returns the time of the object's alarm, which may be that of a write
// that has not been committed. What is set here does not fire by itself: see
// [AlarmStore].
//
// https://developers.cloudflare.com/durable-objects/api/alarms/#getalarm
func (d *DB) Alarm() (at time.Time, ok bool, err error) {
	at, ok, failure := d.alarm()
	if failure != nil {
		return time.Time{}, false, failure
	}
	return at, ok, nil
}

func (d *DB) alarm() (time.Time, bool, *Error) {
	nanoseconds, ok, err := d.metadataValue(fixedGetAlarm)
	if !ok || err != nil {
		return time.Time{}, false, err
	}
	return time.Unix(0, nanoseconds), true, nil
}

// SetAlarm stores the time of the alarm as part of the transaction.
//
// https://developers.cloudflare.com/durable-objects/api/alarms/#setalarm
func (d *DB) SetAlarm(at time.Time) error {
	nanoseconds := at.UnixNano()
	if err := d.setMetadata(fixedSetAlarm, &nanoseconds); err != nil {
		return err
	}
	return nil
}

// DeleteAlarm removes the alarm as part of the transaction.
//
// https://developers.cloudflare.com/durable-objects/api/alarms/#deletealarm
func (d *DB) DeleteAlarm() error {
	if _, ok, err := d.alarm(); err != nil {
		return err
	} else if !ok {
		return nil
	}
	if err := d.setMetadata(fixedSetAlarm, nil); err != nil {
		return err
	}
	return nil
}
