package platform

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator/clock"
	"github.com/doemu/doemu/emulator/isolate"
)

func TestInstall(t *testing.T) {
	script, err := Bundle()
	if err != nil {
		t.Fatal(err)
	}
	e, err := isolate.NewEngine(context.Background(), isolate.Config{CacheDir: "/tmp/wz", Ops: Ops(), Events: Events()})
	if err != nil {
		t.Fatal(err)
	}
	realm := &Realm{Clock: clock.Real{}, Random: rand.Reader, Net: NewNet(), Console: func(l, s string) { t.Log(l, s) }, Uncaught: func(s string) { t.Log("uncaught", s) }}
	b := NewBuilder(realm)
	i, err := e.Boot(isolate.Options{Owner: b})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := b.Install(i, script); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(begin), len(script), i.MemoryBytes())
	err = i.EvalScript("t", `
	console.log("hello", {a:1,b:[1,2,{c:3}]}, new Map([[1,2]]), new Error("x").message, new URL("http://a.b/c?d=1#x").searchParams.get("d"));
	console.log(structuredClone({a:[1,2,"x€",new Date(5), new Map([[1,{b:2}]])], u: new Uint8Array([1,2,3])}));
	(async () => { try { const r = new Response("hi"); console.log(r.status, await r.text(), [...new Headers({b:"1",a:"2"})]);
	 console.log(await new Response(new ReadableStream({start(c){c.enqueue(new Uint8Array([65]));c.close()}})).text());
	 } catch (e) { console.log(e) } })();
	`)
	if err != nil {
		t.Fatal(err)
	}
}
