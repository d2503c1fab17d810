package emulator

import (
	"context"
	"fmt"
	"slices"

	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// newPlatform compiles the engine and makes the heap image of the platform.
func newPlatform(ctx context.Context, options Options, net *platform.Net) (*isolate.Engine, *isolate.Image, error) {
	engine, err := isolate.NewEngine(ctx, isolate.Config{
		CacheDir: options.CacheDir,
		Ops:      slices.Concat(platform.Ops(), durable.Ops()),
		Events:   slices.Concat(platform.Events(), durable.Events()),
		Log:      options.Log,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("start the JavaScript engine: %w", err)
	}
	script, err := platform.Bundle(durable.Source())
	if err != nil {
		return nil, nil, err
	}
	builder := platform.NewBuilder(&platform.Realm{
		Clock: options.Clock, Random: options.Random, Net: net,
		Console:  func(level, text string) { options.Log.Debug("platform wrote", "level", level, "text", text) },
		Uncaught: func(text string) { options.Log.Error("platform failed", "text", text) },
	})
	i, err := engine.Boot(isolate.Options{Owner: builder})
	if err != nil {
		return nil, nil, err
	}
	defer i.Close()
	if err := builder.Install(i, script); err != nil {
		return nil, nil, err
	}
	base, err := i.Image()
	return engine, base, err
}
