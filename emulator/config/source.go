package config

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Position is a place in a file. Line and Column count from 1, the column in
// bytes; a zero Line means that the place is not known.
type Position struct {
	File   string
	Line   int
	Column int
}

// String returns "file:line:column", or only the file where the place is not
// known.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// source is the text of one file with the start of each of its lines.
type source struct {
	file  string
	text  []byte
	lines []int
}

func newSource(file string, text []byte) *source {
	s := &source{file: file, text: text, lines: []int{0}}
	for i, b := range text {
		if b == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// at returns the position of a byte offset.
func (s *source) at(offset int) Position {
	offset = min(max(offset, 0), len(s.text))
	low, high := 0, len(s.lines)
	for high-low > 1 {
		mid := (low + high) / 2
		if s.lines[mid] <= offset {
			low = mid
		} else {
			high = mid
		}
	}
	return Position{File: s.file, Line: low + 1, Column: offset - s.lines[low] + 1}
}

// line returns the text of a line, without its end.
func (s *source) line(number int) string {
	if number < 1 || number > len(s.lines) {
		return ""
	}
	rest := s.text[s.lines[number-1]:]
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	return strings.TrimSuffix(strings.ToValidUTF8(string(rest), string(utf8.RuneError)), "\r")
}
