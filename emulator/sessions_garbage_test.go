package emulator_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/peer"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/registry"
)

// garbler is a session that keeps to the protocol and sends values that make no sense.
type garbler struct {
	result func() (platform.Payload, error)
}

func (g *garbler) Target(platform.Address) (platform.Target, error) { return g, nil }
func (g *garbler) Admit(context.Context) error                      { return nil }
func (g *garbler) Outside(string) func()                            { return func() {} }
func (g *garbler) Call(inv *platform.Invocation, reply func(platform.Payload, error)) {
	reply(g.result())
}
func (g *garbler) Fetch(_ *platform.Request, reply func(*platform.Response, error)) {
	reply(nil, isolate.Errorf("Error", "no fetch"))
}

// What another session sends is never more than an error for who waits for it.
func TestSessions_garbage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := &garbler{}
	network, err := peer.Listen(garbage, registry.Open(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { network.Close() })
	err = network.Announce(registry.Session{PID: os.Getpid(), StartedAt: time.Now(), Workers: []registry.Worker{{Name: "b", Classes: []string{"Obj"}}}})
	if err != nil {
		t.Fatal(err)
	}
	a := newSession(t, dir, strings.Replace(callerConfig, `["nodejs_compat"]`, `["nodejs_compat", "enhanced_error_serialization"]`, 1), caller(`
		call: async ({ B }) => { const value = await B.anything(); return typeof value },
	`))

	// What comes as an answer.
	stub := func() platform.Ref { return platform.ReadableRef(platform.BytesBody([]byte("x"))) }
	for name, test := range map[string]struct {
		result platform.Payload
		err    error
		want   string // the beginning of what the caller gets
	}{
		"bytes that are no value":    {result: platform.Payload{Value: isolate.Bytes([]byte("\xff\x0fo\"\x05a"))}, want: `{"error":"`},
		"no bytes":                   {result: platform.Payload{Value: isolate.Bytes(nil)}, want: `{"error":"`},
		"another version":            {result: platform.Payload{Value: isolate.Bytes([]byte("\xff\x7f\x7f"))}, want: `{"error":"`},
		"a head that is none":        {result: platform.Payload{Value: isolate.Bytes([]byte("\xfes1,r2"))}, want: `{"error":"`},
		"a reference too many":       {result: platform.Payload{Value: isolate.Bytes([]byte("\xff\x0fT")), Refs: []platform.Ref{stub()}}, want: `"boolean"`},
		"a large length":             {result: platform.Payload{Value: isolate.Bytes([]byte("\xff\x0fB\xff\xff\xff\xff\x0f"))}, want: `{"error":"`},
		"an error that is no value":  {err: &isolate.Error{Class: "RangeError", Message: "told", Thrown: []byte("\xff\x0fo\"")}, want: `{"error":"RangeError: told"`},
		"an error of no known class": {err: &isolate.Error{Class: "\x00<script>", Message: "told", Props: `{"__proto__":1}`}, want: `{"error":"`},
	} {
		garbage.result = func() (platform.Payload, error) { return test.result, test.err }
		if _, got := a.get("/call"); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: got %s, want %s…", name, got, test.want)
		}
	}

	// What comes as a question.
	call := func(address platform.Address, inv *platform.Invocation) error {
		done := make(chan error, 1)
		network.Target(address).Call(inv, func(_ platform.Payload, err error) { done <- err })
		return <-done
	}
	to := platform.Address{Worker: "a"}
	array := isolate.Bytes([]byte("\xff\x0fA\x00$\x00\x00"))
	for name, test := range map[string]struct {
		address platform.Address
		inv     *platform.Invocation
	}{
		"arguments that are no value":   {to, &platform.Invocation{Path: "back", Args: platform.Payload{Value: isolate.Bytes([]byte("\xff\x0fA\x7f"))}}},
		"a path that is no JSON":        {to, &platform.Invocation{Path: "[1", Args: platform.Payload{Value: array}}},
		"a path of other things":        {to, &platform.Invocation{Path: `[{},null]`, Args: platform.Payload{Value: array}}},
		"a reserved name":               {to, &platform.Invocation{Path: "constructor", Args: platform.Payload{Value: array}}},
		"props that are no value":       {platform.Address{Worker: "a", Props: []byte("\xff\x0fo\"")}, &platform.Invocation{Path: "back"}},
		"an object with an id of none":  {platform.Address{Worker: "a", Class: "Main", Object: "zz"}, &platform.Invocation{Path: "back"}},
		"an entrypoint that is a field": {platform.Address{Worker: "a", Entrypoint: "__proto__"}, &platform.Invocation{Path: "back"}},
	} {
		for range 2 {
			if err := call(test.address, test.inv); err == nil {
				t.Errorf("%s: got no error", name)
			}
		}
	}
	garbage.result = func() (platform.Payload, error) { return platform.Payload{Value: isolate.Bool(true)}, nil }
	a.want("/call", `"boolean"`) // it lives
}
