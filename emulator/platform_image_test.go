package emulator

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/doemu/doemu/emulator/isolate"
)

var update = flag.Bool("update", false, "write the generated files anew")

// What is compiled is what the sources are.
func TestCompiledPlatform(t *testing.T) {
	t.Parallel()
	engine, err := isolate.NewEngine(isolate.Config{Ops: ops(), Events: events()})
	if err != nil {
		t.Fatal(err)
	}
	i, err := engine.Boot(isolate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	want, err := compilePlatform(i)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("platform.code", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(compiledPlatform, want) {
		t.Error("platform.code is not what its sources are: go test ./emulator -run TestCompiledPlatform -update")
	}
}
