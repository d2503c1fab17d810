package storage

import "strings"

// allowedFunctions are the SQL functions that a program may use, in lower case.
//
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#supported-sqlite-features
var allowedFunctions = wordSet(
	// https://sqlite.org/lang_corefunc.html
	`abs changes char coalesce concat concat_ws format glob hex ifnull iif instr last_insert_rowid
	length like likelihood likely load_extension lower ltrim nullif octet_length printf quote random
	randomblob replace round rtrim sign substr substring total_changes trim typeof unhex
	unicode unlikely upper zeroblob`,
	// https://sqlite.org/lang_datefunc.html
	`date time datetime julianday unixepoch strftime timediff current_date current_time
	current_timestamp`,
	// https://sqlite.org/lang_aggfunc.html, and the scalar min and max
	`avg count group_concat max min string_agg sum total`,
	// https://sqlite.org/windowfunctions.html
	`row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value
	nth_value`,
	// https://sqlite.org/lang_mathfunc.html
	`acos acosh asin asinh atan atan2 atanh ceil cos cosh degrees exp floor ln log log2 mod pi pow
	radians sin sinh sqrt tan tanh trunc`,
	// https://sqlite.org/json1.html
	`json jsonb json_array jsonb_array json_array_length json_extract jsonb_extract -> ->>
	json_insert jsonb_insert json_object jsonb_object json_patch jsonb_patch json_remove
	jsonb_remove json_replace jsonb_replace json_set jsonb_set json_type json_valid json_quote
	json_group_array jsonb_group_array json_group_object jsonb_group_object json_each json_tree`,
	// https://sqlite.org/fts5.html, https://sqlite.org/rtree.html
	`match highlight bm25 snippet rtreecheck`,
	// What ALTER TABLE uses inside.
	`sqlite_rename_column sqlite_rename_table sqlite_rename_test sqlite_drop_column
	sqlite_rename_quotefix`,
)

// foreignFunctions are functions that this build of SQLite has and workerd's
// has not: a program gets the error that they do not exist.
var foreignFunctions = wordSet(
	`soundex uuid uuid_str uuid_blob base64 regexp regexpi decimal decimal_cmp decimal_add decimal_sub
	decimal_mul decimal_pow2 decimal_exp decimal_sum ieee754 ieee754_mantissa ieee754_exponent
	ieee754_to_blob ieee754_from_blob ieee754_to_int ieee754_from_int ieee754_inc`,
)

// functionAllowed decides about a function. SQLite asks for what DEFAULT and generated columns call as it is written.
func functionAllowed(name string) bool {
	_, ok := allowedFunctions[strings.ToLower(name)]
	return ok
}

func wordSet(lists ...string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, list := range lists {
		for _, word := range strings.Fields(list) {
			set[word] = struct{}{}
		}
	}
	return set
}
