package storage

import (
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// transactionText refuses the SQL statements that begin and end transactions.
const transactionText = "To execute a transaction, please use the state.storage.transaction() or " +
	"state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT " +
	"statements. The JavaScript API is safer because it will automatically roll back on " +
	"exceptions, and because it interacts correctly with Durable Objects' automatic atomic " +
	"write coalescing."

// authorizer decides what a program's SQL may do, while SQLite compiles it.
// Statements of this package run with trusted set and may do anything.
//
// https://sqlite.org/c3ref/set_authorizer.html
type authorizer struct {
	trusted bool
	// transaction is set when the statement was refused for its own reason.
	transaction bool
	// change is what the statement may outdate.
	change change
}

// change says whether a statement outdates those that have been compiled.
type change int

const (
	changeNothing change = iota
	// changeSchema outdates them if the statement finds anything to do.
	changeSchema
	// changeSettings always does.
	changeSettings
)

// reserved reports whether a table, index, view or trigger is the runtime's.
func reserved(name string) bool {
	return len(name) >= 4 && strings.EqualFold(name[:4], "_cf_")
}

func (a *authorizer) authorize(action sqlite3.AuthorizerActionCode, name3rd, name4th, schema, _ string) sqlite3.AuthorizerReturnCode {
	if a.trusted || a.allowed(action, name3rd, name4th, schema) {
		return sqlite3.AUTH_OK
	}
	return sqlite3.AUTH_DENY
}

func (a *authorizer) allowed(action sqlite3.AuthorizerActionCode, name3rd, name4th, schema string) bool {
	switch action {
	case sqlite3.AUTH_ALTER_TABLE, sqlite3.AUTH_DETACH:
		// Only here the third name is the schema and the fourth the table.
		name3rd, name4th, schema = name4th, "", name3rd
	}
	switch strings.ToLower(schema) {
	case "", "main":
	case "temp":
		return (action == sqlite3.AUTH_READ || action == sqlite3.AUTH_UPDATE) && !reserved(name3rd)
	default:
		return false
	}

	switch action {
	case sqlite3.AUTH_SELECT, sqlite3.AUTH_RECURSIVE:
		return true
	case sqlite3.AUTH_READ, sqlite3.AUTH_UPDATE, sqlite3.AUTH_DELETE, sqlite3.AUTH_INSERT:
		return !reserved(name3rd)
	case sqlite3.AUTH_CREATE_TABLE, sqlite3.AUTH_DROP_TABLE, sqlite3.AUTH_CREATE_VIEW,
		sqlite3.AUTH_DROP_VIEW, sqlite3.AUTH_REINDEX, sqlite3.AUTH_ALTER_TABLE:
		a.change = changeSchema
		return !reserved(name3rd)
	case sqlite3.AUTH_CREATE_INDEX, sqlite3.AUTH_DROP_INDEX, sqlite3.AUTH_CREATE_TRIGGER, sqlite3.AUTH_DROP_TRIGGER:
		a.change = changeSchema
		return !reserved(name3rd) && !reserved(name4th)
	case sqlite3.AUTH_CREATE_VTABLE, sqlite3.AUTH_DROP_VTABLE:
		a.change = changeSchema
		return moduleAllowed(name4th) && !reserved(name3rd)
	case sqlite3.AUTH_ANALYZE:
		// Even of reserved tables: statistics tell nothing of what is in them,
		// and PRAGMA optimize analyses every table.
		a.change = changeSchema
		return true
	case sqlite3.AUTH_TRANSACTION, sqlite3.AUTH_SAVEPOINT:
		a.transaction = true
		return false
	case sqlite3.AUTH_PRAGMA:
		name3rd = strings.ToLower(name3rd) // it is as it is written
		if pragmaSets(name3rd, name4th) {
			a.change = changeSettings
		}
		return pragmaAllowed(name3rd, name4th)
	case sqlite3.AUTH_FUNCTION:
		return functionAllowed(name4th)
	}
	return false
}

func moduleAllowed(name string) bool {
	switch strings.ToLower(name) {
	case "fts5", "fts5vocab", "rtree", "rtree_i32":
		return true
	}
	return false
}

// pragmaAllowed decides about a PRAGMA. SQLite passes no argument as "", which
// as an argument would be quoted.
//
// https://sqlite.org/pragma.html
func pragmaAllowed(name, arg string) bool {
	none := arg == ""
	switch name {
	case "table_list":
		return true
	case "data_version", "page_size":
		return none
	case "case_sensitive_like", "foreign_keys", "defer_foreign_keys", "ignore_check_constraints",
		"legacy_alter_table", "recursive_triggers", "reverse_unordered_selects":
		return none || booleanWord(arg)
	case "foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_xinfo":
		return !none && !reserved(arg)
	case "foreign_key_check":
		return !reserved(arg)
	case "optimize":
		_, err := strconv.ParseInt(arg, 0, 32)
		return none || err == nil
	case "quick_check":
		_, err := strconv.ParseUint(arg, 0, 32)
		return none || err == nil || !reserved(arg)
	}
	return false
}

// pragmaSets reports whether a PRAGMA changes a setting that statements are
// compiled for.
func pragmaSets(name, arg string) bool {
	switch name {
	case "case_sensitive_like", "foreign_keys", "defer_foreign_keys", "ignore_check_constraints",
		"legacy_alter_table", "recursive_triggers", "reverse_unordered_selects":
		return arg != ""
	case "optimize":
		return true
	}
	return false
}

// booleanWord reports whether an argument begins with one of SQLite's words
// for true and false, perhaps quoted.
func booleanWord(arg string) bool {
	if n := len(arg); n >= 2 && (arg[0] == '\'' || arg[0] == '"') && arg[n-1] == arg[0] {
		arg = arg[1 : n-1]
	}
	for _, word := range []string{"true", "false", "yes", "no", "on", "off", "1", "0"} {
		if len(arg) >= len(word) && strings.EqualFold(arg[:len(word)], word) {
			return true
		}
	}
	return false
}
