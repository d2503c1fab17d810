package random

import (
	"bytes"
	"io"
	"testing"
)

func read(t *testing.T, s *Source, place ...string) []byte {
	t.Helper()
	b := make([]byte, 32)
	if _, err := io.ReadFull(s.Stream(place...), b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSource(t *testing.T) {
	t.Parallel()
	a, same, other := Seeded(1), Seeded(1), Seeded(2)
	if !bytes.Equal(read(t, a, "x", "y"), read(t, same, "x", "y")) || a.Uint64("x") != same.Uint64("x") {
		t.Error("the same seed and place: got different randomness")
	}
	for name, got := range map[string][]byte{
		"another seed": read(t, other, "x", "y"), "another place": read(t, a, "x", "z"), "the same letters": read(t, a, "xy"),
		"no seed": read(t, System(), "x", "y"),
	} {
		if bytes.Equal(got, read(t, a, "x", "y")) {
			t.Errorf("%s: got the same randomness", name)
		}
	}
	for n := range 100 {
		if f := a.Float64(string(rune(n))); f < 0 || f >= 1 {
			t.Errorf("Float64: got %v", f)
		}
	}
	if !a.Seeded() || System().Seeded() {
		t.Error("Seeded: got it the wrong way round")
	}
}
