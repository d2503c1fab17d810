package storage

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// authorize decides what a program's statement may do, by workerd's list. doemu's own statements may
// do anything.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
func (db *DB) authorize(action sqlite3.AuthorizerActionCode, third, fourth, schema, _ string) sqlite3.AuthorizerReturnCode {
	if !db.user || allowed(action, third, fourth, schema) {
		return sqlite3.AUTH_OK
	}
	return sqlite3.AUTH_DENY
}

func reserved(name string) bool { return len(name) >= 4 && strings.EqualFold(name[:4], "_cf_") }

func allowed(action sqlite3.AuthorizerActionCode, third, fourth, schema string) bool {
	switch action {
	case sqlite3.AUTH_SELECT, sqlite3.AUTH_RECURSIVE:
		return true
	case sqlite3.AUTH_READ, sqlite3.AUTH_UPDATE, sqlite3.AUTH_INSERT, sqlite3.AUTH_DELETE, sqlite3.AUTH_CREATE_TABLE,
		sqlite3.AUTH_CREATE_VIEW, sqlite3.AUTH_DROP_TABLE, sqlite3.AUTH_DROP_VIEW, sqlite3.AUTH_ANALYZE, sqlite3.AUTH_REINDEX:
		return !reserved(third) && (schema != "temp" || third == "sqlite_temp_master" && action == sqlite3.AUTH_READ)
	case sqlite3.AUTH_CREATE_INDEX, sqlite3.AUTH_CREATE_TRIGGER, sqlite3.AUTH_DROP_INDEX, sqlite3.AUTH_DROP_TRIGGER:
		return !reserved(third) && !reserved(fourth)
	case sqlite3.AUTH_ALTER_TABLE:
		return !reserved(fourth)
	case sqlite3.AUTH_CREATE_VTABLE, sqlite3.AUTH_DROP_VTABLE:
		return !reserved(third) && slices.Contains(modules, strings.ToLower(fourth))
	case sqlite3.AUTH_FUNCTION:
		return functions[strings.ToLower(fourth)]
	case sqlite3.AUTH_PRAGMA:
		return pragma(strings.ToLower(third), fourth)
	}
	return false
}

var modules = []string{"fts5", "fts5vocab", "rtree", "rtree_i32"}

var functions = func() map[string]bool {
	names := `abs changes char coalesce concat concat_ws format glob hex ifnull iif instr last_insert_rowid length like
		likelihood likely load_extension lower ltrim max min nullif octet_length printf quote random randomblob replace round
		rtrim sign soundex substr substring total_changes trim typeof unhex unicode unlikely upper zeroblob
		date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp
		avg count group_concat string_agg sum total
		row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
		acos acosh asin asinh atan atan2 atanh ceil cos cosh degrees exp floor ln log log2 mod pi pow radians sin sinh sqrt tan
		tanh trunc
		json jsonb json_array jsonb_array json_array_length json_extract jsonb_extract -> ->> json_insert jsonb_insert
		json_object jsonb_object json_patch jsonb_patch json_remove jsonb_remove json_replace jsonb_replace json_set jsonb_set
		json_type json_valid json_quote json_group_array jsonb_group_array json_group_object jsonb_group_object json_each
		json_tree
		match highlight bm25 snippet rtreecheck
		sqlite_rename_column sqlite_rename_table sqlite_rename_test sqlite_rename_quotefix sqlite_drop_column`
	set := map[string]bool{}
	for _, name := range strings.Fields(names) {
		set[name] = true
	}
	return set
}()

var truth = regexp.MustCompile(`(?i)^['"]?(true|false|yes|no|on|off|1|0)`)

// pragma tells whether a program may use a pragma with this argument.
func pragma(name, arg string) bool {
	switch name {
	case "data_version", "page_size":
		return arg == ""
	case "case_sensitive_like", "foreign_keys", "defer_foreign_keys", "ignore_check_constraints", "legacy_alter_table",
		"recursive_triggers", "reverse_unordered_selects":
		return arg == "" || truth.MatchString(arg)
	case "foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_xinfo":
		return arg != "" && !reserved(arg)
	case "foreign_key_check", "quick_check", "optimize", "table_list":
		return !reserved(arg)
	}
	return false
}
