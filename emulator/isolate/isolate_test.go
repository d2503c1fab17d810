package isolate

import (
	"context"
	"strings"
	"testing"
)

func TestLayout(t *testing.T) {
	var got []string
	e, err := NewEngine(context.Background(), Config{CacheDir: t.TempDir(), Ops: []Op{
		{Name: "note", Run: func(c *Call) (Value, error) {
			for n := range c.Len() {
				v := c.Value(n)
				switch v.kind {
				case kindString:
					got = append(got, v.text)
				case kindBytes:
					got = append(got, "bytes:"+string(v.bytes))
				case kindNumber:
					got = append(got, "num")
				default:
					got = append(got, "other")
				}
			}
			return Undefined(), nil
		}},
	}, Events: []string{"go"}})
	if err != nil {
		t.Fatal(err)
	}
	i, err := e.Boot(Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := i.toRaw(String("hello world"))
	t.Logf("%x", i.mem.bytes()[uint32(s):uint32(s)+48])
	b := i.toRaw(Bytes([]byte("abcdef")))
	t.Logf("%x", i.mem.bytes()[uint32(b):uint32(b)+48])
	for _, src := range []string{"new Uint8Array([1,2,3,4,5])", "'h\u20acx'", "'h\u00e9x'", "Promise.reject(5)", "'abc'+'def'.repeat(1000)"} {
		r, err := i.evalRaw("x", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s tag %d %x", src, tagOf(r), i.mem.bytes()[uint32(r):uint32(r)+48])
		if strings.Contains(src, "Promise") {
			d := i.load32(uint32(r) + 32)
			t.Logf("%x", i.mem.bytes()[d:d+40])
		}
	}
	err = i.EvalScript("a", `__doemu_kernel.on("go", (...a) => __doemu_kernel.host.note(...a, "x\u0000y", "\u00e9", "\u20ac", new Uint8Array([65,66]), {}, 1.5))`)
	if err != nil {
		t.Fatal(err)
	}
	img, err := i.Image()
	if err != nil {
		t.Fatal(err)
	}
	f, err := img.Fork(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Deliver(e.Event("go"), String("a\x00b"), Bytes([]byte("zz")), JSON([]byte("{}")), Number(3)); err != nil {
		t.Fatal(err)
	}
	t.Logf("%q", got)
	t.Log(f.EvalScript("b", "function f() { throw new TypeError('x') }\n f()"))
	t.Log(f.EvalScript("b", "function g() { g() }\n g()"))
	t.Log(f.EvalScript("b", "[1,2"))
	t.Log(f.EvalScript("b", "import('foo').catch(e => { __doemu_kernel.host.note(String(e)) })"))
	t.Logf("%q", got)
}
