package isolate

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/doemu/doemu/emulator/isolate/internal/linear"
)

// Image is a heap at rest. It is safe for use by many goroutines.
type Image struct {
	engine *Engine
	bytes  *sharedBytes
	roots  roots

	mu     sync.RWMutex // held for writing while it is closed
	closed bool
}

// ErrImageClosed is for a fork of an image that was closed.
var ErrImageClosed = errors.New("the heap image is closed")

// Image copies the isolate's heap. No turn may be under way.
func (i *Isolate) Image() (*Image, error) {
	if i.broken != nil {
		return nil, fmt.Errorf("take heap image: %w", i.broken)
	}
	var err error
	if err = i.freeze(); err != nil {
		return nil, fmt.Errorf("take heap image: %w", err)
	}
	b, err := linear.NewImage(i.mem.Bytes())
	if err != nil {
		return nil, err
	}
	return &Image{engine: i.engine, bytes: share(b), roots: i.roots}, nil
}

// Size is the image's size in bytes.
func (img *Image) Size() int { return img.bytes.Size() }

// sharedBytes are the bytes of images that share them.
type sharedBytes struct {
	*linear.Image
	images atomic.Int64
}

func share(b *linear.Image) *sharedBytes {
	s := &sharedBytes{Image: b}
	s.images.Store(1)
	return s
}

// Share gives another image of the same bytes, which has to be closed by itself.
func (img *Image) Share() (*Image, error) {
	img.mu.RLock()
	defer img.mu.RUnlock()
	if img.closed {
		return nil, ErrImageClosed
	}
	img.bytes.images.Add(1)
	return &Image{engine: img.engine, bytes: img.bytes, roots: img.roots}, nil
}

// Close frees the image. Isolates made from it live on. Further calls do nothing.
func (img *Image) Close() error {
	img.mu.Lock()
	defer img.mu.Unlock()
	if img.closed {
		return nil
	}
	img.closed = true
	if img.bytes.images.Add(-1) > 0 {
		return nil
	}
	return img.bytes.Close()
}

// Fork makes an isolate that begins as the image. What it does not write it shares with all others.
func (img *Image) Fork(opts Options) (*Isolate, error) {
	limit := opts.memoryLimit() + uint64(img.roots.Lost)
	if limit < uint64(img.Size()) {
		return nil, fmt.Errorf("the heap image of %d bytes is larger than the memory limit of %d", img.Size(), opts.memoryLimit())
	}
	mem, err := linear.New(limit)
	if err != nil {
		return nil, err
	}
	if err := img.mapOnto(mem); err != nil {
		mem.Free()
		return nil, fmt.Errorf("map heap image: %w", err)
	}
	i := newIsolate(img.engine, mem, opts)
	i.roots = img.roots
	// All forks would throw the same dice.
	i.code.Xset_random(i.roots.Context, int64(i.seed|1))
	return i, nil
}

// mapOnto fills memory from the image, which cannot be closed meanwhile: its file's number would be
// another's.
func (img *Image) mapOnto(memory *linear.Memory) error {
	img.mu.RLock()
	defer img.mu.RUnlock()
	if img.closed {
		return ErrImageClosed
	}
	return memory.Map(img.bytes.Image)
}
