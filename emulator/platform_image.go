package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/doemu/doemu/bindings/service"
	"github.com/doemu/doemu/durable"
	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
)

// What every isolate consists of: the platform, Durable Objects and the bindings.
func ops() []isolate.Op          { return slices.Concat(platform.Ops(), durable.Ops(), service.Ops()) }
func events() []string           { return slices.Concat(platform.Events(), durable.Events()) }
func sources() []platform.Source { return []platform.Source{durable.Source(), service.Source()} }

// newPlatform compiles the engine and makes the heap image of the platform, or takes both from the
// cache.
func newPlatform(ctx context.Context, options Options, net *platform.Net) (*isolate.Engine, *isolate.Image, error) {
	engine, err := isolate.NewEngine(ctx, isolate.Config{
		CacheDir: options.CacheDir,
		Ops:      ops(),
		Events:   events(),
		Log:      options.Log,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("start the JavaScript engine: %w", err)
	}
	key, err := imageKey()
	if err != nil {
		return nil, nil, err
	}
	if base := cachedImage(engine, options.CacheDir, key); base != nil {
		return engine, base, nil
	}
	base, err := makePlatform(engine, options, net)
	if err != nil {
		return nil, nil, err
	}
	if err := cacheImage(base, options.CacheDir, key); err != nil {
		options.Log.Warn("the platform is not cached: every start takes longer", "err", err)
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

// imageKey names everything that the platform's image is made of.
func imageKey() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, isolate.Version())
	for _, op := range ops() {
		fmt.Fprintln(h, op.Name, op.Waits)
	}
	fmt.Fprintln(h, events())
	if err := platform.HashSources(h, sources()...); err != nil {
		return "", fmt.Errorf("read the platform's sources: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

func imageFile(dir, key string) string { return filepath.Join(dir, "images", key) }

// cachedImage is the image that an earlier start left, or nil.
func cachedImage(engine *isolate.Engine, dir, key string) *isolate.Image {
	if dir == "" {
		return nil
	}
	f, err := os.Open(imageFile(dir, key))
	if err != nil {
		return nil
	}
	defer f.Close()
	base, err := engine.LoadImage(f)
	if err != nil {
		return nil // a file that is damaged is made again
	}
	return base
}

// cacheImage writes the image under another name first: a start beside this one sees it whole or not
// at all. Images of other versions go.
func cacheImage(base *isolate.Image, dir, key string) error {
	if dir == "" {
		return nil
	}
	images := filepath.Dir(imageFile(dir, key))
	if err := os.MkdirAll(images, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(images, "new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(base.Save(f), f.Close()); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(images, "*"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if name != f.Name() && time.Since(modified(name)) > oldImage {
			os.Remove(name)
		}
	}
	return os.Rename(f.Name(), imageFile(dir, key))
}

// oldImage is the age at which an image of another version is removed.
const oldImage = 7 * 24 * time.Hour

func modified(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		return time.Now()
	}
	return info.ModTime()
}
