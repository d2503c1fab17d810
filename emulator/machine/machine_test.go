package machine_test

import (
	"testing"

	"github.com/doemu/doemu/emulator/machine"
)

// Where the tests run there is enough of everything.
func TestMachine(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func() (string, error){"open files": machine.OpenFiles, "memory": machine.Memory} {
		if detail, err := check(); err != nil || detail == "" {
			t.Errorf("%s: got %q, %v, want what there is", name, detail, err)
		}
	}
}
