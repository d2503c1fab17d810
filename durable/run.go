package durable

import (
	"context"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/journal"
	"github.com/doemu/doemu/emulator/platform"
)

// Run calls a function from outside inside of an object: fn(instance, state, ...args), in an event of its own, whose
// writes are those of any event. Args are in the structured-clone format: an array of the function's source and its
// further arguments. The function may return what a method may, or a response. The error is a [*platform.ThrownError]
// if the function threw.
func (n *Namespace) Run(ctx context.Context, hex, name string, args []byte) (result []byte, response *platform.Response, err error) {
	if err := n.around.Clock.Work().Admit(ctx); err != nil {
		return nil, nil, err
	}
	type answer struct {
		result   []byte
		response *platform.Response
		err      error
	}
	done := make(chan answer, 1)
	n.Object(hex, name).run(ctx, args, func(out platform.Outcome, err error) {
		a := answer{response: out.Response, err: err}
		if err == nil && a.response == nil {
			a.result, a.err = out.Result.Serialized()
		}
		out.Result.Drop()
		done <- a
	})
	select {
	case a := <-done:
		return a.result, a.response, platform.Thrown(a.err)
	case <-ctx.Done():
		go func() {
			if late := <-done; late.response != nil {
				late.response.Drop()
			}
		}()
		return nil, nil, context.Cause(ctx)
	}
}

func (o *Object) run(ctx context.Context, args []byte, reply func(platform.Outcome, error)) {
	var out platform.Outcome
	trace := o.traced("rpc", func() map[string]any { return map[string]any{"rpcMethod": string(journal.Run)} })
	c, ok := o.begin(journal.Event{Kind: journal.Run}, trace, func(err error) { reply(out, err) })
	if !ok {
		return
	}
	o.post(c, platform.Lineage{}, func(t *isolate.Turn) error {
		call, request := o.instance.realm.AwaitOutcome(ctx, func(answer platform.Outcome, err error) {
			out = answer
			o.complete(c.id, err)
		})
		return t.Deliver(o.event("object.run"), isolate.Int(call), isolate.Int(request), isolate.Bytes(args))
	})
}
