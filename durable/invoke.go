package durable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

// ThrownError is what a method of an object threw.
type ThrownError struct{ Class, Message string }

func (e *ThrownError) Error() string { return e.Class + ": " + e.Message }

// Invoke calls a method of an object from outside, as a stub does. Args, which may be nil, and the result are in the
// structured-clone format, the arguments as an array. What the result holds by reference, such as functions,
// is let go of at once. The error is a [*ThrownError] if the method threw.
//
// https://developers.cloudflare.com/workers/runtime-apis/rpc/
func (n *Namespace) Invoke(ctx context.Context, hex, name, method string, args []byte) (result []byte, err error) {
	if err := n.around.Clock.Work().Admit(ctx); err != nil {
		return nil, err
	}
	inv := &platform.Invocation{Path: method}
	if args != nil {
		inv.Args.Value = isolate.Bytes(args)
	}
	type outcome struct {
		result []byte
		err    error
	}
	done := make(chan outcome, 1)
	n.Object(hex, name).Call(inv, func(p platform.Payload, err error) {
		var out outcome
		if out.err = err; err == nil {
			out.result, out.err = serializedValue(p.Value)
		}
		p.Drop()
		done <- out
	})
	select {
	case out := <-done:
		var thrown *isolate.Error
		if errors.As(out.err, &thrown) {
			return nil, &ThrownError{thrown.Class, thrown.Message}
		}
		return out.result, out.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// serializedValue is the value of a payload in the structured-clone format, in which primitive ones are not.
func serializedValue(v isolate.Value) ([]byte, error) {
	var plain any
	switch {
	case v.IsBytes():
		return v.Data(), nil
	case v.IsUndefined():
		return serialized.Undefined(), nil
	case v.IsNull():
	case v.IsString():
		plain = v.Text()
	case v.IsBool():
		plain = v.Truth()
	case math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0):
		return serialized.Number(v.Float()), nil
	default:
		plain = v.Float()
	}
	text, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("serialize a result: %w", err)
	}
	return serialized.FromJSON(text)
}
