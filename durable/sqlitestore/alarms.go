package storage

import (
	"fmt"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Alarms are the alarms of a namespace as its metadata.sqlite keeps them. They are safe for use by
// many goroutines.
type Alarms struct {
	mu   sync.Mutex
	conn *sqlite3.Conn
}

// Alarm is one object's alarm.
type Alarm struct {
	ID, Name string
	At       time.Time
}

func openAlarms(path string) (*Alarms, error) {
	name := path
	if name == "" {
		name = ":memory:"
	}
	conn, err := sqlite3.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open alarms %s: %w", path, err)
	}
	err = conn.Exec(`PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64;
		CREATE TABLE IF NOT EXISTS _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT) WITHOUT ROWID`)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open alarms %s: %w", path, err)
	}
	a := &Alarms{conn: conn}
	return a, a.addName()
}

// addName brings files of older workerds up to date: they have no names.
func (a *Alarms) addName() error {
	_, _, _, _, _, err := a.conn.TableColumnMetadata("main", "_cf_ALARM", "actor_name")
	if err == nil {
		return nil
	}
	return a.conn.Exec(`ALTER TABLE _cf_ALARM ADD COLUMN actor_name TEXT`)
}

// All lists the alarms that are set.
func (a *Alarms) All() ([]Alarm, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	stmt, _, err := a.conn.Prepare(`SELECT actor_id, scheduled_time, COALESCE(actor_name, '') FROM _cf_ALARM ORDER BY scheduled_time, actor_id`)
	if err != nil {
		return nil, fmt.Errorf("read alarms: %w", err)
	}
	defer stmt.Close()
	var all []Alarm
	for stmt.Step() {
		all = append(all, Alarm{stmt.ColumnText(0), stmt.ColumnText(2), time.Unix(0, stmt.ColumnInt64(1))})
	}
	return all, stmt.Err()
}

// Set sets an object's alarm; a name that is known stays.
func (a *Alarms) Set(alarm Alarm) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	stmt, _, err := a.conn.Prepare(`INSERT INTO _cf_ALARM VALUES(?, ?, ?) ON CONFLICT DO UPDATE
		SET scheduled_time = excluded.scheduled_time, actor_name = COALESCE(excluded.actor_name, actor_name)`)
	if err != nil {
		return fmt.Errorf("set alarm: %w", err)
	}
	defer stmt.Close()
	if err := stmt.BindText(1, alarm.ID); err != nil {
		return err
	}
	if err := stmt.BindInt64(2, alarm.At.UnixNano()); err != nil {
		return err
	}
	if alarm.Name != "" {
		if err := stmt.BindText(3, alarm.Name); err != nil {
			return err
		}
	}
	return stmt.Exec()
}

// Delete removes an object's alarm.
func (a *Alarms) Delete(id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	stmt, _, err := a.conn.Prepare(`DELETE FROM _cf_ALARM WHERE actor_id = ?`)
	if err != nil {
		return fmt.Errorf("delete alarm: %w", err)
	}
	defer stmt.Close()
	if err := stmt.BindText(1, id); err != nil {
		return err
	}
	return stmt.Exec()
}

func (a *Alarms) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.conn.Close()
}
