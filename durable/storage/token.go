package storage

import "strings"

// token is a word, a quoted name, a literal or a single character of SQL.
type token struct {
	text string
	// start and end are the token's place in the text.
	start, end int
}

// is reports whether the token is the keyword.
func (t token) is(keyword string) bool { return strings.EqualFold(t.text, keyword) }

// name returns what an identifier means, without its quotes.
func (t token) name() string {
	n := len(t.text)
	if n < 2 {
		return t.text
	}
	switch quote := t.text[0]; quote {
	case '"', '\'', '`':
		return strings.ReplaceAll(t.text[1:n-1], string([]byte{quote, quote}), string(quote))
	case '[':
		return t.text[1 : n-1]
	}
	return t.text
}

// tokenize cuts SQL that SQLite has already accepted, or may accept, into
// tokens, without spaces and comments.
//
// https://sqlite.org/lang_keywords.html
func tokenize(sql string) []token {
	var tokens []token
	for i := 0; i < len(sql); {
		start := i
		switch c := sql[i]; {
		case strings.HasPrefix(sql[i:], "--"):
			i = after(sql, i, "\n")
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			i = after(sql, i+2, "*/")
			continue
		case c == '"' || c == '\'' || c == '`':
			i = quoted(sql, i)
		case c == '[':
			i = after(sql, i, "]")
		case wordByte(c):
			for i < len(sql) && wordByte(sql[i]) {
				i++
			}
		default:
			i++
			if strings.IndexByte(" \t\n\r\v\f", c) >= 0 {
				continue
			}
		}
		tokens = append(tokens, token{sql[start:i], start, i})
	}
	return tokens
}

// after returns the place behind the next occurrence of mark, or the end.
func after(sql string, from int, mark string) int {
	if n := strings.Index(sql[from:], mark); n >= 0 {
		return from + n + len(mark)
	}
	return len(sql)
}

// quoted returns the place behind a quoted token, in which the quote is
// written twice.
func quoted(sql string, i int) int {
	quote := sql[i]
	for i++; i < len(sql); i++ {
		if sql[i] != quote {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == quote {
			i++
			continue
		}
		return i + 1
	}
	return len(sql)
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 ||
		c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// renamesToReserved reports whether a statement is an ALTER TABLE ... RENAME TO
// with a new name that belongs to the runtime. SQLite does not tell its
// authorizer the new name; workerd patches SQLite so that it does.
//
// https://sqlite.org/lang_altertable.html
func renamesToReserved(statement string) bool {
	tokens := tokenize(statement)
	for i := range len(tokens) - 2 {
		if tokens[i].is("RENAME") && tokens[i+1].is("TO") {
			return tokens[0].is("ALTER") && reserved(tokens[i+2].name())
		}
	}
	return false
}
