package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/doemu/doemu/emulator/isolate"
	"github.com/doemu/doemu/emulator/platform/serialized"
)

// This file is for those who call a program from outside of all isolates: tools and tests.

// ThrownError is what a program threw at somebody outside.
type ThrownError struct {
	// Class is the error's name, such as TypeError; "" for a thrown value that is no error.
	Class, Message string
	// Stack are lines of where it was thrown, in the user's files; "" if nobody knows.
	Stack string
	// Properties are further properties, as a JSON object, or "".
	Properties string
	// Value is what was thrown in the structured-clone format; nil if only the above is known of it.
	Value []byte
}

func (e *ThrownError) Error() string {
	if e.Class == "" {
		return e.Message
	}
	return e.Class + ": " + e.Message
}

// Thrown is an error as those outside get it: a [*ThrownError] if a program threw it, or the platform in its
// place.
func Thrown(err error) error {
	var thrown *isolate.Error
	if !errors.As(err, &thrown) {
		return err
	}
	e := &ThrownError{Class: thrown.Class, Message: thrown.Message, Stack: thrown.Stack, Properties: thrown.Props, Value: thrown.Thrown}
	if e.Class == "" && e.Value == nil {
		e.Class = "Error"
	}
	var handler *HandlerError
	if errors.As(err, &handler) {
		if _, places, ok := strings.Cut(handler.Stack, "\n    at "); ok {
			e.Stack = "    at " + places
		}
	}
	return e
}

// Ask calls a method of an object or an entrypoint from outside, as a stub does, or gets a property of it, and waits.
// The path is as in [Invocation]. Args, which may be nil, and the result are in the structured-clone format, the
// arguments as an array. What the result holds by reference, such as functions, is let go of at once. The error is a
// [*ThrownError] if the method threw, or that of the context.
//
// https://developers.cloudflare.com/workers/runtime-apis/rpc/
func Ask(ctx context.Context, to Callable, path string, get bool, args []byte) (result []byte, err error) {
	inv := &Invocation{Path: path, Get: get}
	if args != nil {
		inv.Args.Value = isolate.Bytes(args)
	}
	type outcome struct {
		result []byte
		err    error
	}
	done := make(chan outcome, 1)
	to.Call(inv, func(p Payload, err error) {
		var out outcome
		if out.err = err; err == nil {
			out.result, out.err = p.Serialized()
		}
		p.Drop()
		done <- out
	})
	select {
	case out := <-done:
		return out.result, Thrown(out.err)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Serialized is the value in the structured-clone format, in which primitive ones are not.
func (p *Payload) Serialized() ([]byte, error) {
	v := p.Value
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
	case math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) || v.Float() == 0 && math.Signbit(v.Float()):
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

// Outcome is what code gave that may return a value or a response.
type Outcome struct {
	Result   Payload
	Response *Response // nil for a value
}

// AwaitOutcome gives the two numbers under which a program answers: with a value or an error by the ops rpc.return
// and rpc.throw, or with a response by fetch.respond. Reply is called once: for the first that comes, or when the
// realm is closed.
func (r *Realm) AwaitOutcome(ctx context.Context, reply func(Outcome, error)) (call, request int) {
	h := &handled{ctx: ctx, reply: func(res *Response, err error) {
		take(r, r.invocations, call)
		reply(Outcome{Response: res}, err)
	}}
	request = keep(r, &r.requests, h)
	call = keep(r, &r.invocations, func(p Payload, err error) {
		take(r, r.requests, request)
		reply(Outcome{Result: p}, err)
	})
	return call, request
}
