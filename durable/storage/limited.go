package storage

import "strings"

// rewriteLimited turns the first statement of the text, an UPDATE or DELETE
// with a LIMIT, into one without, and returns it with what follows it.
// workerd's SQLite is built to take such statements and does this inside: it
// changes the rows whose rowid is among those that a SELECT with the same
// WHERE, ORDER BY and LIMIT finds.
//
// https://sqlite.org/lang_delete.html#optional_limit_and_order_by_clauses
func rewriteLimited(text string) (statement, tail string, ok bool) {
	c, ok := limitedClauses(text)
	if !ok {
		return "", "", false
	}
	returning := text[c.returning:c.order]
	if strings.Contains(returning, "?") {
		// Parameters are numbered by their place, which would change.
		return "", "", false
	}
	statement = text[:c.where] + " WHERE rowid IN (SELECT rowid FROM " + text[c.table:c.tableEnd] + " " +
		text[c.where:c.returning] + " " + text[c.order:c.end] + ") " + returning
	return statement, text[c.tail:], true
}

// clauses are the places in a text where the parts of its first statement
// begin: WHERE, RETURNING, then ORDER BY or LIMIT. A part that is not there
// begins where the next one does.
type clauses struct {
	table, tableEnd         int
	where, returning, order int
	end, tail               int
}

func limitedClauses(text string) (c clauses, ok bool) {
	verb, hasLimit, set := "", false, false
	c = clauses{table: -1, tableEnd: -1, where: -1, returning: -1, order: -1, end: len(text), tail: len(text)}
	depth := 0
	for _, t := range tokenize(text) {
		if t.text == "(" {
			depth++
		}
		if t.text == ")" {
			depth--
		}
		if depth > 0 || t.text == ")" {
			continue
		}
		if t.text == ";" {
			c.end, c.tail = t.start, t.end
			break
		}
		keyword := strings.ToUpper(t.text)
		switch {
		case verb == "":
			if keyword == "DELETE" || keyword == "UPDATE" {
				verb = keyword
			} else if keyword == "EXPLAIN" || keyword == "SELECT" || keyword == "INSERT" || keyword == "REPLACE" {
				return c, false
			}
		case c.table < 0 && (keyword == "FROM" && verb == "DELETE"):
		case c.table < 0 && verb == "UPDATE" && updateConflict(keyword):
		case c.table < 0:
			c.table = t.start
		case keyword == "SET":
			c.tableEnd, set = t.start, true
		case keyword == "FROM" && set:
			return c, false
		case keyword == "WHERE" && c.where < 0:
			c.where = t.start
		case keyword == "RETURNING" && c.returning < 0:
			c.returning = t.start
		case keyword == "ORDER" && c.order < 0:
			c.order = t.start
		case keyword == "LIMIT":
			hasLimit = true
			if c.order < 0 {
				c.order = t.start
			}
		}
	}
	if !hasLimit || c.table < 0 || verb == "UPDATE" && !set {
		return c, false
	}
	if c.returning < 0 {
		c.returning = c.order
	}
	if c.where < 0 {
		c.where = c.returning
	}
	if c.tableEnd < 0 {
		c.tableEnd = c.where
	}
	return c, c.table < c.tableEnd && c.tableEnd <= c.where && c.where <= c.returning && c.returning <= c.order
}

// updateConflict reports whether a word belongs to UPDATE OR <what to do>.
func updateConflict(keyword string) bool {
	switch keyword {
	case "OR", "ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE":
		return true
	}
	return false
}
