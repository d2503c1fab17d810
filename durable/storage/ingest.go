package storage

import "strconv"

// Ingested is what [DB.Ingest] did: the text that is left because its statement
// is not complete, and the counts of the statements that ran.
type Ingested struct {
	Remainder   string
	RowsRead    int64
	RowsWritten int64
	Statements  int
}

// Ingest runs all complete statements at the beginning of a text, so that SQL
// can be executed as it arrives in pieces: what is left goes before the next
// piece. It is workerd's sql.ingest(), which programs have with the
// compatibility flag experimental.
func (d *DB) Ingest(text string) (Ingested, error) {
	var sum Ingested
	for {
		end := completeStatement(text)
		if end < 0 {
			sum.Remainder = text
			return sum, nil
		}
		cursor, err := d.Exec(text[:end])
		if err != nil {
			return sum, err
		}
		for !cursor.Done() {
			if _, err := cursor.Next(); err != nil {
				return sum, err
			}
		}
		read, written, err := cursor.Counts()
		if err != nil {
			return sum, err
		}
		sum.RowsRead += read
		sum.RowsWritten += written
		sum.Statements++
		text = text[end:]
	}
}

// completeStatement returns the place behind the first complete statement of a
// text, or -1. The semicolons inside a trigger do not end it.
//
// https://sqlite.org/c3ref/complete.html
func completeStatement(text string) int {
	tokens := tokenize(text)
	trigger := false
	for i, t := range tokens {
		if t.is("TRIGGER") && tokens[0].is("CREATE") && (i == 1 || i == 2 && (tokens[1].is("TEMP") || tokens[1].is("TEMPORARY"))) {
			trigger = true
		}
		if t.text != ";" || i == 0 && trigger {
			continue
		}
		if !trigger || i > 1 && tokens[i-1].is("END") && tokens[i-2].text == ";" {
			return t.end
		}
	}
	return -1
}

// LimitPages bounds the database to a number of pages, so that tests can fill
// it. It is workerd's sql.setMaxPageCountForTest().
func (d *DB) LimitPages(pages int) error {
	return d.run("PRAGMA max_page_count=" + strconv.Itoa(pages))
}
