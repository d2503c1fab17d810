package emulator

import (
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
	script, err := platform.Bundle(sources()...)
	if err != nil {
		return nil, err
	}
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
	if err := builder.Install(i, script); err != nil {
		return nil, err
	}
	return i.Image()
}
