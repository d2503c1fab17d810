package isolate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/doemu/doemu/emulator/isolate/internal/quickjs"
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
	b, err := newImageBytes(i.mem.bytes())
	if err != nil {
		return nil, err
	}
	return &Image{engine: i.engine, bytes: share(b), roots: i.roots}, nil
}

// Size is the image's size in bytes.
func (img *Image) Size() int { return img.bytes.size }

// sharedBytes are the bytes of images that share them.
type sharedBytes struct {
	*imageBytes
	images atomic.Int64
}

func share(b *imageBytes) *sharedBytes {
	s := &sharedBytes{imageBytes: b}
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
	return img.bytes.close()
}

// Fork makes an isolate that begins as the image. What it does not write it shares with all others.
func (img *Image) Fork(opts Options) (*Isolate, error) {
	limit := opts.memoryLimit()
	if limit < uint64(img.Size()) {
		return nil, fmt.Errorf("the heap image of %d bytes is larger than the memory limit of %d", img.Size(), limit)
	}
	mem, err := newLinearMemory(limit)
	if err != nil {
		return nil, err
	}
	mod, err := img.engine.instance(mem)
	if err != nil {
		mem.Free()
		return nil, err
	}
	if pages := uint32(img.Size()/quickjs.PageSize - quickjs.MinPages); pages > 0 {
		// wazero learns of the size by growing; the bytes come from the image.
		if _, ok := mod.Memory().Grow(pages); !ok {
			mem.Free()
			return nil, fmt.Errorf("grow a new isolate to %d bytes", img.Size())
		}
	}
	if err := img.mapOnto(mem.reserved); err != nil {
		mem.Free()
		return nil, fmt.Errorf("map heap image: %w", err)
	}
	i := newIsolate(img.engine, mod, mem, opts)
	i.roots = img.roots
	// All forks would throw the same dice.
	i.store64(i.roots.Context+quickjs.ContextRandom, i.seed|1)
	return i, nil
}

// mapOnto fills memory from the image, which cannot be closed meanwhile: its file's number would be
// another's.
func (img *Image) mapOnto(memory []byte) error {
	img.mu.RLock()
	defer img.mu.RUnlock()
	if img.closed {
		return ErrImageClosed
	}
	return img.bytes.mapOnto(memory)
}

// Save writes the image so that another process with the same engine, ops and events can load it.
func (img *Image) Save(w io.Writer) error {
	b, err := img.bytes.read()
	if err != nil {
		return fmt.Errorf("read heap image: %w", err)
	}
	if err := binary.Write(w, binary.LittleEndian, img.roots); err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// LoadImage reads an image that Save wrote. It must come from an engine with the same ops and events
// in the same order: numbers of them are in the heap.
func (e *Engine) LoadImage(r io.Reader) (*Image, error) {
	img := &Image{engine: e}
	if err := binary.Read(r, binary.LittleEndian, &img.roots); err != nil {
		return nil, fmt.Errorf("load heap image: %w", err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("load heap image: %w", err)
	}
	if len(b) < quickjs.MinPages*quickjs.PageSize || len(b)%quickjs.PageSize != 0 {
		return nil, fmt.Errorf("load heap image: %d bytes are not whole pages", len(b))
	}
	bytes, err := newImageBytes(b)
	if err != nil {
		return nil, err
	}
	img.bytes = share(bytes)
	return img, nil
}
