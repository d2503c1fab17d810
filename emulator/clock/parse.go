package clock

import (
	"fmt"
	"strconv"
	"time"
)

// MostAdvance is the longest time by which a clock can be advanced at once: a hundred years, as the
// longest timer.
const MostAdvance = 100 * 365 * 24 * time.Hour

// The years that the clock can show: alarms take none beyond.
const (
	firstYear = 1970
	lastYear  = 2189
)

// ParseTime reads a time: RFC 3339 as in 2026-01-02T03:04:05Z, a date, or milliseconds since 1970.
func ParseTime(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		if ms, number := strconv.ParseFloat(text, 64); number == nil && ms >= 0 && ms < 1e16 {
			at, err = time.UnixMilli(int64(ms)), nil
		}
	}
	if err != nil {
		return at, fmt.Errorf("%q is no time: give RFC 3339 as in 2026-01-02T03:04:05Z, a date, or milliseconds since 1970", text)
	}
	if at = at.UTC(); at.Year() < firstYear || at.Year() > lastYear {
		return at, fmt.Errorf("the clock shows the years from %d to %d, not %d", firstYear, lastYear, at.Year())
	}
	return at, nil
}
