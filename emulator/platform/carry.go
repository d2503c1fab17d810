package platform

import (
	"io"

	"github.com/doemu/doemu/emulator/isolate"
)

// This file is for those who carry refs out of the process and into it: they take a ref apart with Carry,
// and make one for what is on the other side.

// Carrier takes what refs stand for. What it is given belongs to it.
type Carrier interface {
	// Service is given an entrypoint or an object.
	Service(t Target)
	// Stub is given a ref that can be called; see CallStub.
	Stub(s Stub)
	// Readable is given a stream that the receiver reads.
	Readable(b *Body)
	// Writable is given a stream that the receiver writes.
	Writable(w *io.PipeWriter)
}

// Carry gives a ref to a carrier.
func Carry(ref Ref, to Carrier) {
	switch ref := ref.(type) {
	case serviceRef:
		to.Service(ref.to)
	case Stub:
		to.Stub(ref)
	case readRef:
		to.Readable(ref.body)
	case writeRef:
		to.Writable(ref.to.pipe)
	}
}

// Stub is a ref to a value that can be called.
type Stub interface {
	Ref
	callable() Callable
}

// CallStub calls what a stub leads to. Until the reply has come the value stays, whatever becomes of the
// stub.
func CallStub(s Stub, inv *Invocation, reply func(Payload, error)) {
	held := s.share()
	s.callable().Call(inv, func(result Payload, err error) {
		reply(result, err)
		held.drop()
	})
}

// Share makes another ref to the same, which is let go of for itself.
func Share(ref Ref) Ref { return ref.share() }

// Drop lets go of a ref.
func Drop(ref Ref) { ref.drop() }

// Distant is a value of another process that stubs here lead to.
type Distant interface {
	Callable
	// Share makes another holder of the same value.
	Share() Distant
	// Release lets go of this holder.
	Release()
}

// StubRef is a ref to a value of another process. It becomes the value's holder.
func StubRef(d Distant) Ref { return distantRef{d} }

// DistantOf is what a stub leads to if that is in another process, or nil.
func DistantOf(s Stub) Distant {
	if d, ok := s.(distantRef); ok {
		return d.to
	}
	return nil
}

type distantRef struct{ to Distant }

func (d distantRef) enter(r *Realm) (byte, int) { return 's', keep(r, &r.refs, Ref(d)) }
func (d distantRef) share() Ref                 { return distantRef{d.to.Share()} }
func (d distantRef) drop()                      { d.to.Release() }
func (d distantRef) callable() Callable         { return d.to }

// ReadableRef is a ref to a stream that the receiver reads.
func ReadableRef(b *Body) Ref { return readRef{b} }

// WritableRef is a ref to a stream that the receiver writes; what it writes can be read from the result.
func WritableRef() (Ref, *io.PipeReader) {
	reader, pipe := io.Pipe()
	return writeRef{&writer{pipe: pipe, gone: errWriterGone}}, reader
}

// CloseWith tells the sender of a body that nobody reads on, and why if it asks for that: what writes into
// a pipe gets the error.
func (b *Body) CloseWith(why *isolate.Error) {
	if pipe, ok := b.stream.(failing); ok && why != nil {
		b.tellEnded(why)
		_ = pipe.CloseWithError(why) // it never fails
		return
	}
	b.Close()
}
