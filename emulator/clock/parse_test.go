package clock

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-01-02T03:04:05Z":          start,
		"2026-01-02T04:04:05.250+01:00": start.Add(250 * time.Millisecond),
		"2026-01-02":                    time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		"1767323045000":                 start,
		"yesterday":                     {}, "": {}, "-1": {}, "1e300": {}, "NaN": {}, "2300-01-01": {}, "1969-12-31": {},
	} {
		got, err := ParseTime(text)
		if !got.Equal(want) && !want.IsZero() || (err != nil) != want.IsZero() {
			t.Errorf("ParseTime(%q): got %v, %v, want %v", text, got, err, want)
		}
	}
	c, _ := frozen()
	if _, err := c.Advance(t.Context(), MostAdvance+1); err == nil {
		t.Error("a hundred years and more: got no error")
	}
}
