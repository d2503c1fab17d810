package storage

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// transaction is the state of the one transaction that a database may have.
// The first write opens it, [DB.Commit] ends it. It may span several turns of
// the object: the first write of each further turn sets a savepoint, so that
// [DB.Abort] can drop what that turn wrote and keep what the earlier ones did.
type transaction struct {
	open bool
	// dirty is set once something may have been written.
	dirty bool
	// turn counts the object's turns, first is the one that opened the
	// transaction, and mark the one whose savepoint is set, 0 for none.
	turn, first, mark int
	// async is set while one of the savepoints is that of a transaction over several turns.
	async bool
	// savepoints are those of transaction() and transactionSync(), outermost
	// first, with the turn that each was set in.
	savepoints []int
}

const markName = "_cf_turn"

// BeginTurn tells that another turn of the object begins. It costs nothing
// until the turn writes.
func (d *DB) BeginTurn() { d.txn.turn++ }

// InTransaction reports whether a transaction is open.
func (d *DB) InTransaction() bool { return d.txn.open }

// Dirty reports whether there are writes that have not been committed, or that
// a critical error has lost, as Commit will say.
func (d *DB) Dirty() bool { return d.txn.dirty || d.broken != nil || d.doomed != nil }

// Depth returns how many savepoints are set.
func (d *DB) Depth() int { return len(d.txn.savepoints) }

// beginWrite makes sure that a write belongs to a transaction.
func (d *DB) beginWrite() *Error {
	if err := d.begin(); err != nil {
		return err
	}
	d.txn.dirty = true
	return nil
}

func (d *DB) begin() *Error {
	t := &d.txn
	if d.broken != nil {
		return d.broken
	}
	if !t.open {
		if d.origin.gone() {
			return d.lost()
		}
		if err := d.do(fixedBegin); err != nil {
			return err
		}
		t.open, t.first, t.mark = true, t.turn, 0
		return nil
	}
	if t.turn == t.first || t.turn == t.mark || len(t.savepoints) > 0 {
		return nil
	}
	if t.mark != 0 {
		if err := d.exec("RELEASE " + markName); err != nil {
			return err
		}
		t.mark = 0
	}
	if err := d.exec("SAVEPOINT " + markName); err != nil {
		return err
	}
	t.mark = t.turn
	return nil
}

// Savepoint sets a savepoint and returns the depth that [DB.Release] and
// [DB.RollbackTo] take. While one is set, Commit does nothing, so that an
// asynchronous transaction stays open over its turns. Before such a one the
// caller commits what came earlier, as workerd does.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#transaction
func (d *DB) Savepoint() (depth int, err error) {
	if err := d.begin(); err != nil {
		return 0, err
	}
	depth = len(d.txn.savepoints)
	if err := d.exec("SAVEPOINT " + savepointName(depth)); err != nil {
		return 0, err
	}
	d.txn.savepoints = append(d.txn.savepoints, d.txn.turn)
	return depth, nil
}

// Begin sets the savepoint of a transaction over several turns, after a commit of what came before.
func (d *DB) Begin() error {
	if err := d.Commit(); err != nil {
		return err
	}
	if _, err := d.Savepoint(); err != nil {
		return err
	}
	d.txn.async = true
	return nil
}

// doom notes that a savepoint could not be ended. Either SQLite has rolled back the whole transaction, as a conflict may
// ask for, and what follows is outside of any; or a statement still writes. The turn goes on, as in workerd, and the object
// is reset with its end.
func (d *DB) doom(err *Error) {
	if d.doomed == nil {
		d.doomed = d.internalError(err)
		d.doomed.ResetProperty = d.txn.async
	}
}

// internalError is what a program gets when a transaction could not be ended, with the reason for people.
func (d *DB) internalError(err *Error) *Error {
	failure := internalError(d.options.Random)
	failure.Code, failure.Reason = err.Code, strings.TrimPrefix(err.Message, "NOSENTRY ")
	if d.conn.Autocommit() {
		failure.Reason += " (ON CONFLICT ROLLBACK or RAISE(ROLLBACK) has ended the transaction)"
	}
	for cursor := range d.cursors {
		if cursor.Writes() {
			failure.Reason += fmt.Sprintf(" (nothing can be committed while a statement that writes has rows to be read: %.200s)", cursor.entry.text)
			break
		}
	}
	return failure
}

// Release keeps what was written since the savepoint, as part of the
// transaction around it.
func (d *DB) Release(depth int) error {
	if d.broken != nil {
		return plainError("Cannot commit transaction due to an earlier SQL critical error")
	}
	if depth >= len(d.txn.savepoints) {
		return plainError("no such savepoint: " + savepointName(depth))
	}
	err := d.exec("RELEASE " + savepointName(depth))
	if err != nil {
		d.doom(err)
	}
	d.txn.savepoints = d.txn.savepoints[:depth]
	d.txn.async = d.txn.async && depth > 0
	if err != nil {
		return err
	}
	return nil
}

// RollbackTo drops what was written since the savepoint, which stays set until
// it is released.
func (d *DB) RollbackTo(depth int) error {
	if d.broken != nil {
		return nil
	}
	if depth >= len(d.txn.savepoints) {
		return plainError("no such savepoint: " + savepointName(depth))
	}
	d.forget()
	if err := d.exec("ROLLBACK TO " + savepointName(depth)); err != nil {
		d.doom(err)
		d.txn.savepoints = d.txn.savepoints[:depth]
		return err
	}
	d.txn.savepoints = d.txn.savepoints[:depth+1]
	return nil
}

// Undo drops what was written since the savepoint, and the savepoint. After a
// critical error there is nothing left to drop.
func (d *DB) Undo(depth int) error {
	if err := d.RollbackTo(depth); err != nil || d.broken != nil {
		return err
	}
	return d.Release(depth)
}

// earlierWrites reports whether what earlier turns wrote waits for its commit,
// and nothing else does. Some settings have no effect while a transaction is
// open: whether one is must not depend on when the commit happens to come.
//
// https://sqlite.org/pragma.html#pragma_foreign_keys
func (d *DB) earlierWrites() bool {
	t := &d.txn
	return t.open && t.first != t.turn && t.mark != t.turn && len(t.savepoints) == 0
}

func savepointName(depth int) string { return "_cf_savepoint_" + strconv.Itoa(depth) }

// Commit makes all writes durable. It does nothing while a savepoint is set. A
// failure means that the writes are lost and the object must be reset.
func (d *DB) Commit() error {
	if d.broken != nil {
		return d.broken
	}
	if d.doomed != nil {
		d.broken = d.doomed
		d.rollback()
		return d.broken
	}
	if !d.txn.open || len(d.txn.savepoints) > 0 {
		return nil
	}
	if d.timeline != nil && d.timeline.failure == nil {
		d.timeline.begin()
	}
	err := d.do(fixedCommit)
	if err == nil {
		d.txn = transaction{turn: d.txn.turn}
		d.committed()
		return nil
	}
	if d.broken == nil {
		broken := *err
		broken.Reset = true
		switch {
		case err.Code == sqlite3.CONSTRAINT:
			broken.Message = "Durable Object was reset and rolled back to its last known good state because the " +
				"application left the database in a state where constraints were violated: " + err.Message
		case critical(err.Code):
			broken.ResetProperty = true
		default:
			broken = *d.internalError(err)
		}
		d.broken = &broken
	}
	d.rollback()
	return d.broken
}

// Transact does f as a transaction of its own, and commits. If f fails or is
// interrupted, nothing of it remains and the database goes on as it was; the
// caller has committed what came before. An error of the commit itself leaves
// the database broken, as with [DB.Commit].
func (d *DB) Transact(f func() error) error {
	if d.broken != nil {
		return d.broken
	}
	if d.txn.open {
		return errors.New("a transaction is open")
	}
	d.BeginTurn()
	if err := f(); err != nil {
		// What SQLite rolled back by itself was of this transaction alone.
		if !d.conn.Lost() {
			d.broken = nil
		}
		d.rollback()
		return err
	}
	if d.broken != nil {
		// A statement was rolled back whose failure f has passed over.
		err := d.broken
		d.broken = nil
		return err
	}
	return d.Commit()
}

// committed does what follows a commit: its state is noted, and the log copied
// into the database from time to time.
func (d *DB) committed() {
	if d.timeline == nil {
		return
	}
	d.timeline.commit()
	if d.file != nil {
		d.checkpoint()
	}
}

// Abort drops what the current turn has written, and all of an asynchronous
// transaction that is under way. The writes of earlier turns stay for
// [DB.Commit].
func (d *DB) Abort() {
	t := &d.txn
	switch {
	case !t.open:
	case t.first == t.turn, len(t.savepoints) > 0 && t.savepoints[0] != t.turn:
		d.rollback()
	case t.mark == t.turn:
		d.forget()
		if d.exec("ROLLBACK TO "+markName) != nil || d.exec("RELEASE "+markName) != nil {
			d.rollback()
			return
		}
		t.mark = 0
		t.savepoints = nil
	}
}

// rollback ends the transaction without its writes. SQLite may have done so
// already, in which case the statement fails and nothing is left to do.
func (d *DB) rollback() {
	d.forget()
	if !d.conn.Autocommit() {
		if err := d.do(fixedRollback); err != nil && d.broken == nil {
			d.broken = err
		}
	}
	d.txn = transaction{turn: d.txn.turn}
}

// exec runs one of the statements that name a savepoint.
func (d *DB) exec(text string) *Error {
	stmt, _, err := d.conn.Prepare(text, 0)
	if err != nil {
		return fromSQLite(err)
	}
	defer stmt.Close()
	if _, err := stmt.Step(); err != nil {
		return d.failed(err)
	}
	return nil
}

// forget drops what is known about tables that a rollback may have removed.
func (d *DB) forget() {
	d.keyValue, d.metadata = tableUnknown, tableUnknown
	d.schema++
}
