package storage

import (
	"github.com/ncruces/go-sqlite3"

	"github.com/doemu/doemu/durable/storage/internal/sqlite"
)

// Limits bounds what an object may store. Zero means no limit of doemu's own:
// what SQLite is built with remains.
//
// https://developers.cloudflare.com/durable-objects/platform/limits/
type Limits struct {
	// KeyBytes, ValueBytes and Pairs bound the key-value calls of a class
	// without SQLite storage: the length of a key and of a serialised value,
	// and how many keys one call may get.
	KeyBytes   int
	ValueBytes int
	Pairs      int

	// RowBytes bounds a string, a BLOB and a row.
	RowBytes int
	// StatementBytes bounds the text of a SQL statement.
	StatementBytes int
	// Columns, ExpressionDepth, CompoundTerms, Operations, FunctionArgs,
	// PatternBytes, Parameters and TriggerDepth are SQLite's limits of the
	// same meaning.
	//
	// https://sqlite.org/limits.html
	Columns         int
	ExpressionDepth int
	CompoundTerms   int
	Operations      int
	FunctionArgs    int
	PatternBytes    int
	Parameters      int
	TriggerDepth    int

	// DatabaseBytes bounds the size of the database.
	DatabaseBytes int64
}

// valueOverhead is what a serialised value may exceed its documented limit by.
const valueOverhead = 34

// ProductionLimits returns the limits of Cloudflare for a class with SQLite
// storage or for one without.
func ProductionLimits(sqlStorage bool) Limits {
	limits := WorkerdLimits()
	limits.RowBytes = 2*1024*1024 + valueOverhead
	limits.FunctionArgs = 32
	limits.DatabaseBytes = 10_000_000_000
	if !sqlStorage {
		limits.KeyBytes = 2048
		limits.ValueBytes = 128 * 1024
		limits.Pairs = 128
		limits.DatabaseBytes = 50_000_000_000
	}
	return limits
}

// WorkerdLimits returns the limits that workerd enforces on a local disk.
func WorkerdLimits() Limits {
	return Limits{
		RowBytes:        8*1024*1024 + valueOverhead,
		StatementBytes:  100_000,
		Columns:         100,
		ExpressionDepth: 100,
		CompoundTerms:   5,
		Operations:      25_000,
		FunctionArgs:    127,
		PatternBytes:    50,
		Parameters:      100,
		TriggerDepth:    10,
	}
}

func (l Limits) apply(c *sqlite.Conn) {
	for _, limit := range []struct {
		category sqlite3.LimitCategory
		value    int
	}{
		{sqlite3.LIMIT_LENGTH, l.RowBytes},
		{sqlite3.LIMIT_SQL_LENGTH, l.StatementBytes},
		{sqlite3.LIMIT_COLUMN, l.Columns},
		{sqlite3.LIMIT_EXPR_DEPTH, l.ExpressionDepth},
		{sqlite3.LIMIT_COMPOUND_SELECT, l.CompoundTerms},
		{sqlite3.LIMIT_VDBE_OP, l.Operations},
		{sqlite3.LIMIT_FUNCTION_ARG, l.FunctionArgs},
		{sqlite3.LIMIT_LIKE_PATTERN_LENGTH, l.PatternBytes},
		{sqlite3.LIMIT_VARIABLE_NUMBER, l.Parameters},
		{sqlite3.LIMIT_TRIGGER_DEPTH, l.TriggerDepth},
	} {
		if limit.value > 0 {
			c.Limit(limit.category, limit.value)
		}
	}
	c.Limit(sqlite3.LIMIT_ATTACHED, 0)
	c.Limit(sqlite3.LIMIT_WORKER_THREADS, 0)
}
