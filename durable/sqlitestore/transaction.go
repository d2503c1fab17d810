package storage

import (
	"errors"

	"github.com/ncruces/go-sqlite3"
)

// write begins the implicit transaction, which the end of the turn commits.
func (db *DB) write() error {
	if db.failed != nil {
		return db.failed
	}
	if db.open {
		return nil
	}
	if err := db.run("BEGIN"); err != nil {
		return err
	}
	db.open = true
	return nil
}

// Dirty tells whether there is something to commit. While a transaction of the program is open there
// is not: it commits when that ends.
func (db *DB) Dirty() bool { return db.open && db.depth == 0 }

// Commit makes what was written durable.
func (db *DB) Commit() error {
	err := db.failed
	if err == nil {
		err = db.run("COMMIT")
	}
	if err == nil {
		db.open, db.mark = false, false
		return nil
	}
	var e *Error
	if errors.As(err, &e) && e.Constraint {
		err = &Error{Message: "Durable Object was reset and rolled back to its last known good state because the application " +
			"left the database in a state where constraints were violated: " + e.Message, Constraint: true, Err: err}
	}
	return errors.Join(err, db.rollBackAll())
}

// Mark begins a part of the transaction that RollBack can drop alone.
func (db *DB) Mark() error {
	if db.mark {
		if err := db.run("RELEASE _cf_turn"); err != nil {
			return err
		}
		db.mark = false
	}
	if err := db.run("SAVEPOINT _cf_turn"); err != nil {
		return err
	}
	db.mark = true
	return nil
}

// RollBack drops what was written since the last Mark, or everything that is not committed.
func (db *DB) RollBack() error {
	db.kv, db.meta = tableUnknown, tableUnknown
	db.depth = 0
	if !db.mark {
		return db.rollBackAll()
	}
	if err := db.run("ROLLBACK TO _cf_turn"); err != nil {
		return err
	}
	db.mark = false
	return db.run("RELEASE _cf_turn")
}

func (db *DB) rollBackAll() error {
	db.kv, db.meta = tableUnknown, tableUnknown
	db.open, db.mark, db.depth = false, false, 0
	if db.conn.GetAutocommit() {
		return nil
	}
	return db.run("ROLLBACK")
}

// Savepoint opens a transaction of the program, inside the one that is open.
func (db *DB) Savepoint() error {
	if err := db.write(); err != nil {
		return err
	}
	if err := db.run("SAVEPOINT " + db.savepoint(db.depth)); err != nil {
		return err
	}
	db.depth++
	return nil
}

func (db *DB) savepoint(n int) string { return "_cf_savepoint_" + itoa(n) }

// Release ends the innermost transaction of the program and keeps what it wrote.
func (db *DB) Release() error {
	if db.depth == 0 {
		return errors.New("no transaction is open")
	}
	if db.failed != nil {
		return failure("Cannot commit transaction due to an earlier SQL critical error")
	}
	db.depth--
	return db.run("RELEASE " + db.savepoint(db.depth))
}

// RollbackTo ends the innermost transaction of the program and drops what it wrote.
func (db *DB) RollbackTo() error {
	if db.depth == 0 {
		return errors.New("no transaction is open")
	}
	db.depth--
	db.kv, db.meta = tableUnknown, tableUnknown
	if db.failed != nil {
		return nil
	}
	name := db.savepoint(db.depth)
	if err := db.run("ROLLBACK TO " + name); err != nil {
		return err
	}
	return db.run("RELEASE " + name)
}

// noticed keeps a failure that ended the transaction: nothing can be written any more.
func (db *DB) noticed(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Critical && db.open && db.conn.TxnState("main") != sqlite3.TXN_WRITE && db.conn.GetAutocommit() {
		db.failed = err
	}
	return err
}
