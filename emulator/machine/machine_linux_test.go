package machine

import (
	"net"
	"os"
	"testing"
)

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

func TestListener(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if pid, name := Listener(l.Addr().(*net.TCPAddr).Port); pid != os.Getpid() || name == "" {
		t.Errorf("got process %d, %q, want this one, %d", pid, name, os.Getpid())
	}
	if pid, name := Listener(0); pid != 0 {
		t.Errorf("on no port: got process %d, %q", pid, name)
	}
}
