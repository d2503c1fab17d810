package platform

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/doemu/doemu/emulator/isolate"
)

func TestBody_Recoded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 1 << 10, chunkSize - 1, chunkSize, chunkSize + 1, 1 << 20} {
		content := []byte(strings.Repeat("a body. ", size/8+1)[:size])
		for _, first := range []Coding{Identity, Gzip, Brotli} {
			for _, then := range []Coding{Identity, Gzip, Brotli} {
				stored := BytesBody(content).Recoded(first)
				stored.coding = first
				left := stored.Recoded(then)
				left.coding = then
				got, err := io.ReadAll(left.Reader())
				if err != nil || !bytes.Equal(got, content) {
					t.Errorf("%d bytes in %q, left in %q: got %d bytes and %v", size, first, then, len(got), err)
				}
			}
		}
	}
}

// Each part leaves at once, in every coding.
func TestBody_Recoded_parts(t *testing.T) {
	t.Parallel()
	for _, coding := range []Coding{Gzip, Brotli} {
		in, pipe := io.Pipe()
		body := StreamBody(in, -1).Recoded(coding)
		body.coding = coding
		out := body.Reader()
		for _, part := range []string{"one", "two", "three"} {
			go func() { _, _ = pipe.Write([]byte(part)) }() // the reader closes nothing
			got := make([]byte, len(part))
			if _, err := io.ReadFull(out, got); err != nil || string(got) != part {
				t.Errorf("%s: got %q and %v, want %q", coding, got, err, part)
			}
		}
		pipe.CloseWithError(errors.New("the sender failed"))
		if _, err := out.Read(make([]byte, 1)); err == nil || err.Error() != "the sender failed" {
			t.Errorf("%s: got %v, want the sender's error", coding, err)
		}
		if err := out.Close(); err != nil {
			t.Errorf("%s: close: %v", coding, err)
		}
	}
}

// Whatever bytes come, they decode or fail, with the words of workerd.
func FuzzDecompress(f *testing.F) {
	for _, coding := range []Coding{Gzip, Brotli} {
		b, err := io.ReadAll(BytesBody([]byte("hello, hello and hello")).Recoded(coding).Reader())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, coding == Brotli)
		f.Add(b[:len(b)-3], coding == Brotli)
		f.Add(append(b, b...), coding == Brotli)
		f.Add([]byte("plain"), coding == Brotli)
	}
	f.Fuzz(func(t *testing.T, b []byte, brotli bool) {
		body := BytesBody(b)
		body.coding = Gzip
		if brotli {
			body.coding = Brotli
		}
		r := io.LimitReader(body.Reader(), 1<<20)
		_, err := io.Copy(io.Discard, r)
		var thrown *isolate.Error
		if err != nil && (!errors.As(err, &thrown) || thrown.Class != "TypeError") {
			t.Errorf("got %v, want a TypeError", err)
		}
	})
}
