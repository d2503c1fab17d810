package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// ScheduledAlarm is an alarm that is to fire.
type ScheduledAlarm struct {
	// ID is the object's id in hex, Name its name or "".
	ID   string
	Name string
	At   time.Time
}

// AlarmStore holds the alarms of a namespace, in its metadata.sqlite. It
// decides what fires; what an object's own database says is what getAlarm
// tells. It may be used by several goroutines.
type AlarmStore struct {
	options Options

	mu                sync.Mutex
	db                *DB // nil until something is to be written
	load, set, delete *sqlite.Stmt
	// lower is set for a time that is not committed yet.
	lower *sqlite.Stmt
}

// damaged adds to an error of opening the file what a person can do, if there is something.
func (a *AlarmStore) damaged(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) || failure.Code != sqlite3.NOTADB && failure.Code != sqlite3.CORRUPT {
		return err
	}
	return fmt.Errorf("%w\nThe file has the alarms of its objects, and is damaged. Move it away and start again: "+
		"doemu makes it anew from what the objects have stored themselves", err)
}

// recoverAlarms makes the alarms anew of a namespace that has objects and has lost the file: each object knows its own.
func (n *Namespace) recoverAlarms() error {
	ids, err := n.IDs()
	if err != nil {
		return err
	}
	for _, id := range ids {
		db, err := n.OpenReadOnly(id, true)
		if err != nil {
			continue // whoever calls the object hears of it
		}
		at, ok, err := db.Alarm()
		if err := errors.Join(err, db.Close()); err != nil || !ok {
			continue
		}
		if err := n.alarms.store(ScheduledAlarm{ID: id, Name: n.names.get(id), At: at}); err != nil {
			return err
		}
	}
	return nil
}

// open opens the file, and makes it if there is none. The lock is held. Further calls do nothing, but tell whether
// the file has been deleted.
func (a *AlarmStore) open() error {
	if a.db != nil {
		if a.db.origin.gone() {
			return a.db.lost()
		}
		return nil
	}
	db, err := Open(a.options)
	if err != nil {
		return err
	}
	a.db = db
	if err := a.prepare(); err != nil {
		// The first failure is the one to tell.
		_ = a.end()
		return fmt.Errorf("open alarms %s: %w", a.options.Path, err)
	}
	return nil
}

const (
	loadAlarms = `SELECT actor_id, scheduled_time, actor_name FROM _cf_ALARM ORDER BY scheduled_time, actor_id`
	// noActorName is what SQLite says of a table that an older workerd made.
	noActorName = "no such column: actor_name"
)

// prepare makes the table, or completes one that an older workerd made.
func (a *AlarmStore) prepare() error {
	err := a.db.run(`CREATE TABLE IF NOT EXISTS _cf_ALARM (
		actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT) WITHOUT ROWID`)
	if err != nil {
		return err
	}
	for _, statement := range []struct {
		to   **sqlite.Stmt
		text string
	}{
		{&a.load, loadAlarms},
		{&a.set, `INSERT INTO _cf_ALARM VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
			scheduled_time = excluded.scheduled_time, actor_name = coalesce(excluded.actor_name, actor_name)`},
		{&a.lower, `INSERT INTO _cf_ALARM VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
			scheduled_time = min(scheduled_time, excluded.scheduled_time), actor_name = coalesce(excluded.actor_name, actor_name)
			RETURNING scheduled_time`},
		{&a.delete, `DELETE FROM _cf_ALARM WHERE actor_id = ?`},
	} {
		stmt, _, err := a.db.conn.Prepare(statement.text, sqlite3.PREPARE_PERSISTENT)
		if err != nil && err.Message == noActorName {
			if err := a.db.run(`ALTER TABLE _cf_ALARM ADD COLUMN actor_name TEXT`); err != nil {
				return err
			}
			stmt, _, err = a.db.conn.Prepare(statement.text, sqlite3.PREPARE_PERSISTENT)
		}
		if err != nil {
			return err
		}
		*statement.to = stmt
	}
	return nil
}

// Load returns all alarms, the earliest first.
func (a *AlarmStore) Load() (alarms []ScheduledAlarm, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.db == nil {
		alarms, err = a.peek()
	} else {
		alarms, err = readAlarms(a.load)
		a.load.Reset()
	}
	if err != nil {
		return nil, fmt.Errorf("load alarms: %w", err)
	}
	return alarms, nil
}

// peek reads a file that is not open. Nothing is made or changed for it.
func (a *AlarmStore) peek() (alarms []ScheduledAlarm, err error) {
	if _, err := os.Stat(a.options.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	options := a.options
	options.ReadOnly, options.Still = true, true
	db, err := Open(options)
	if err != nil {
		return nil, err
	}
	stmt, _, failed := db.conn.Prepare(loadAlarms, 0)
	if failed != nil && failed.Message == noActorName {
		stmt, _, failed = db.conn.Prepare(strings.Replace(loadAlarms, "actor_name", "NULL", 1), 0)
	}
	switch {
	case failed == nil:
		alarms, err = readAlarms(stmt)
		stmt.Close()
	case failed.Message != "no such table: _cf_ALARM":
		err = failed
	}
	return alarms, errors.Join(err, db.Close())
}

func readAlarms(stmt *sqlite.Stmt) (alarms []ScheduledAlarm, err error) {
	for {
		more, err := stmt.Step()
		if err != nil {
			return nil, err
		}
		if !more {
			return alarms, nil
		}
		row, err := stmt.Row()
		if err != nil {
			return nil, err
		}
		if row.Type(0) != sqlite3.TEXT || row.Type(1) != sqlite3.INTEGER {
			continue
		}
		alarm := ScheduledAlarm{ID: string(row.Bytes(0)), At: time.Unix(0, row.Int(1))}
		if row.Type(2) == sqlite3.TEXT {
			alarm.Name = string(row.Bytes(2))
		}
		alarms = append(alarms, alarm)
	}
}

// Set stores an alarm in place of the object's earlier one. Without a name
// that one's name stays.
func (a *AlarmStore) Set(alarm ScheduledAlarm) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(); err != nil {
		return err
	}
	return a.store(alarm)
}

// store stores an alarm. The file is open, and the lock is held.
func (a *AlarmStore) store(alarm ScheduledAlarm) error {
	defer a.set.Reset()
	err := bindAlarm(a.set, alarm)
	if err == nil {
		_, err = a.set.Step()
	}
	if err != nil {
		return fmt.Errorf("store alarm of object %s: %w", alarm.ID, err)
	}
	return nil
}

// Announce stores an alarm that the object has not committed yet: the earlier
// time of it and the one that is there. So whatever becomes of the commit, the
// object is woken in time. Exact tells whether the alarm's own time is stored;
// if not, Set has to follow the commit.
func (a *AlarmStore) Announce(alarm ScheduledAlarm) (exact bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(); err != nil {
		return false, err
	}
	defer a.lower.Reset()
	exact, failed := a.announce(alarm)
	if failed != nil {
		return false, fmt.Errorf("store alarm of object %s: %w", alarm.ID, failed)
	}
	return exact, nil
}

func (a *AlarmStore) announce(alarm ScheduledAlarm) (exact bool, err *sqlite.Error) {
	if err := bindAlarm(a.lower, alarm); err != nil {
		return false, err
	}
	if _, err := a.lower.Step(); err != nil {
		return false, err
	}
	row, err := a.lower.Row()
	if err != nil {
		return false, err
	}
	exact = row.Int(0) == alarm.At.UnixNano()
	_, err = a.lower.Step()
	return exact, err
}

func bindAlarm(s *sqlite.Stmt, alarm ScheduledAlarm) *sqlite.Error {
	if err := s.BindText(1, alarm.ID); err != nil {
		return err
	}
	if err := s.BindInt(2, alarm.At.UnixNano()); err != nil {
		return err
	}
	if alarm.Name == "" {
		return s.BindNull(3)
	}
	return s.BindText(3, alarm.Name)
}

// Delete removes an object's alarm, if it has one.
func (a *AlarmStore) Delete(id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(); err != nil {
		return err
	}
	defer a.delete.Reset()
	err := a.delete.BindText(1, id)
	if err == nil {
		_, err = a.delete.Step()
	}
	if err != nil {
		return fmt.Errorf("delete alarm of object %s: %w", id, err)
	}
	return nil
}

func (a *AlarmStore) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.end()
}

// end closes the file, if it is open. The lock is held.
func (a *AlarmStore) end() error {
	if a.db == nil {
		return nil
	}
	for _, stmt := range []*sqlite.Stmt{a.load, a.set, a.lower, a.delete} {
		if stmt != nil {
			stmt.Close()
		}
	}
	a.load, a.set, a.lower, a.delete = nil, nil, nil, nil
	db := a.db
	a.db = nil
	return db.Close()
}
