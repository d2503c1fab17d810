package isolate

import (
	"context"
	"testing"
)

func benchEngine(b testing.TB) *Engine {
	e, err := NewEngine(context.Background(), Config{CacheDir: "/tmp/wz", Ops: []Op{
		{Name: "note", Run: func(c *Call) (Value, error) { return Undefined(), nil }},
	}, Events: []string{"empty", "host", "awaits"}})
	if err != nil {
		b.Fatal(err)
	}
	return e
}
func benchImage(b testing.TB) *Image {
	i, err := benchEngine(b).Boot(Options{})
	if err != nil {
		b.Fatal(err)
	}
	err = i.EvalScript("a", `{const k = __doemu_kernel; k.on("empty", () => {}); k.on("host", () => {k.host.note(1)}); k.on("awaits", async () => { for (let i = 0; i < 10; i++) await null })}`)
	if err != nil {
		b.Fatal(err)
	}
	img, err := i.Image()
	if err != nil {
		b.Fatal(err)
	}
	return img
}
func BenchmarkFork(b *testing.B) {
	img := benchImage(b)
	for b.Loop() {
		i, err := img.Fork(Options{})
		if err != nil {
			b.Fatal(err)
		}
		i.Close()
	}
}
func BenchmarkForkCall(b *testing.B) {
	img := benchImage(b)
	for b.Loop() {
		i, err := img.Fork(Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := i.Deliver(2); err != nil {
			b.Fatal(err)
		}
		i.Close()
	}
}
func BenchmarkTurn(b *testing.B) {
	img := benchImage(b)
	for _, n := range []string{"empty", "host", "awaits"} {
		b.Run(n, func(b *testing.B) {
			i, _ := img.Fork(Options{})
			ev := img.engine.Event(n)
			for b.Loop() {
				if err := i.Deliver(ev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
