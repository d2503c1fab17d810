package main

import (
	"os"
	"os/exec"
	"testing"
)

// asDoemu makes the test binary be doemu, for tests of what only a process of its own has: signals.
const asDoemu = "TEST_BINARY_IS_DOEMU"

func TestMain(m *testing.M) {
	if os.Getenv(asDoemu) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is a doemu of its own, with more in its environment.
func process(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(append(os.Environ(), asDoemu+"=1"), environ...)
	return cmd
}
