package machine

import "testing"

func TestMemAvailable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want uint64
		ok   bool
	}{
		{"MemTotal:       16000 kB\nMemFree: 1 kB\nMemAvailable:   12345 kB\n", 12345 << 10, true},
		{"MemTotal:       16000 kB\n", 0, false},
		{"MemAvailable:   much kB\n", 0, false},
	} {
		if got, ok := memAvailable([]byte(test.text)); got != test.want || ok != test.ok {
			t.Errorf("of %q: got %d, %v, want %d, %v", test.text, got, ok, test.want, test.ok)
		}
	}
}
