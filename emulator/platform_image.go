package emulator

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"slices"

	"github.com/doemu/doemu/bindings/service"
	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// What every isolate consists of: the platform, Durable Objects and the bindings.
func ops() []isolate.Op          { return slices.Concat(platform.Ops(), durable.Ops(), service.Ops()) }
func events() []string           { return slices.Concat(platform.Events(), durable.Events()) }
func sources() []platform.Source { return []platform.Source{durable.Source(), service.Source()} }

// newPlatform makes the engine, and the heap image of the platform.
func newPlatform(options Options, net *platform.Net) (*isolate.Engine, *isolate.Image, error) {
	engine, err := isolate.NewEngine(isolate.Config{Ops: ops(), Events: events()})
	if err != nil {
		return nil, nil, fmt.Errorf("start the JavaScript engine: %w", err)
	}
	base, err := makePlatform(engine, options, net)
	if err != nil {
		return nil, nil, fmt.Errorf("make the platform: %w", err)
	}
	return engine, base, nil
}

// makePlatform evaluates the platform in a fresh heap.
func makePlatform(engine *isolate.Engine, options Options, net *platform.Net) (*isolate.Image, error) {
	builder := platform.NewBuilder(&platform.Realm{
		Clock: options.Clock, Random: options.Random.Stream("platform"), Net: net,
		Console:  func(level, text string) { options.Log.Debug("platform wrote", "level", level, "text", text) },
		Uncaught: func(text string) { options.Log.Error("platform failed", "text", text) },
	})
	i, err := engine.Boot(isolate.Options{Owner: builder})
	if err != nil {
		return nil, err
	}
	defer i.Close()
	if err := evalPlatform(i); err != nil {
		return nil, err
	}
	if err := builder.Install(i); err != nil {
		return nil, err
	}
	return i.Image()
}

// compiledPlatform is the platform's script as TestCompiledPlatform -update compiles it, behind the key of what it was
// made of. It saves a start the time to bundle and to compile.
//
//go:embed platform.code
var compiledPlatform []byte

// evalPlatform evaluates the platform's script: compiled, or from its sources where they are newer.
func evalPlatform(i *isolate.Isolate) error {
	key, err := platformKey()
	if err != nil {
		return err
	}
	if code, ok := bytes.CutPrefix(compiledPlatform, key); ok {
		return i.EvalCode(code)
	}
	script, err := platform.Bundle(sources()...)
	if err != nil {
		return err
	}
	return i.EvalScript(platform.ScriptName, string(script))
}

// compilePlatform makes what compiledPlatform is.
func compilePlatform(i *isolate.Isolate) ([]byte, error) {
	key, err := platformKey()
	if err != nil {
		return nil, err
	}
	script, err := platform.Bundle(sources()...)
	if err != nil {
		return nil, err
	}
	code, err := i.Compile(platform.ScriptName, string(script))
	return append(key, code...), err
}

// platformKey names all that the compiled platform depends on.
func platformKey() ([]byte, error) {
	h := sha256.New()
	fmt.Fprintln(h, isolate.Version())
	if err := platform.HashSources(h, sources()...); err != nil {
		return nil, fmt.Errorf("read the platform's sources: %w", err)
	}
	return h.Sum(nil), nil
}
