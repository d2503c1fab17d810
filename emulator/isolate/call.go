package isolate

import (
	"bytes"
	"errors"
	"fmt"
)

// Op is a function that JavaScript can call, as kernel.host[Name].
type Op struct {
	Name string
	// Waits makes the call give a promise: Run takes a [Resolver] from [Call.Resolver] and settles
	// it later, from any goroutine.
	Waits bool
	// Run does it. An error becomes an exception; see [Error].
	Run func(c *Call) (Value, error)
}

// Error is a Go error with the class, message and further properties that it has in JavaScript.
type Error struct {
	Class   string // TypeError, RangeError, …; "" is Error
	Message string
	Props   string // JSON object of further properties, or ""
	Thrown  []byte // what was thrown, serialized; nil if only the above is known of it
	Stack   string // lines of where it was thrown, if that was elsewhere
	Cause   error  // what it came from, for Go; may be nil
}

func (e *Error) Error() string { return e.Message }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf is an error of a JavaScript class.
func Errorf(class, format string, args ...any) *Error {
	return &Error{Class: class, Message: fmt.Sprintf(format, args...)}
}

// Call is a call from JavaScript. It and the bytes it gives are valid until Run returns.
type Call struct {
	isolate *Isolate
	op      *Op
	argv    uint32
	argc    int
	promise float64 // the number of the promise that a waiting op gave
}

// Isolate is where the call comes from.
func (c *Call) Isolate() *Isolate { return c.isolate }

// Owner is the isolate's owner.
func (c *Call) Owner() any { return c.isolate.owner }

// Turn is the turn in which the call happens; nil while an image is made, where nothing may wait.
func (c *Call) Turn() *Turn { return c.isolate.turn }

// Len is the number of arguments.
func (c *Call) Len() int { return c.argc }

func (c *Call) raw(n int) uint64 {
	if n >= c.argc {
		return tagged(tagUndefined, 0)
	}
	return c.isolate.load64(c.argv + uint32(n)*8)
}

// IsUndefined tells whether argument n is undefined or missing.
func (c *Call) IsUndefined(n int) bool { return tagOf(c.raw(n)) == tagUndefined }

// IsNull tells whether argument n is null.
func (c *Call) IsNull(n int) bool { return tagOf(c.raw(n)) == tagNull }

// IsString tells whether argument n is a string.
func (c *Call) IsString(n int) bool { return isString(c.raw(n)) }

// String is argument n, or "" if it is not a string.
func (c *Call) String(n int) string {
	if raw := c.raw(n); isString(raw) {
		return c.isolate.text(raw)
	}
	return ""
}

// Number is argument n, or 0 if it is not a number.
func (c *Call) Number(n int) float64 {
	f, _ := numberOf(c.raw(n))
	return f
}

// Int is argument n cut to an integer, or 0 if it is not a number.
func (c *Call) Int(n int) int { return int(c.Number(n)) }

// Bool is argument n if it is true.
func (c *Call) Bool(n int) bool { return c.raw(n) == tagged(tagBool, 1) }

// View is the bytes of argument n, an ArrayBuffer or Uint8Array, in place: Go may read and write
// them until it calls into the isolate. ok is false for other values.
func (c *Call) View(n int) (b []byte, ok bool) { return c.isolate.view(c.raw(n)) }

// Bytes is a copy of the bytes of argument n, or nil if it has none.
func (c *Call) Bytes(n int) []byte {
	b, _ := c.View(n)
	return bytes.Clone(b)
}

// Class is the number that the engine has for the class of argument n, an object; 0 for other values.
// Unlike prototypes and Symbol.toStringTag it cannot be forged, and a proxy has one of its own.
func (c *Call) Class(n int) int { return c.isolate.class(c.raw(n)) }

// ViewState is how a view lies on its buffer.
type ViewState int

// A view has a length of its own, or that of its buffer; a buffer that has shrunk leaves views outside.
const (
	ViewFixed ViewState = iota
	ViewTracks
	ViewOutOfBounds
)

// ViewState is how argument n, a typed array or DataView, lies on its buffer.
func (c *Call) ViewState(n int) ViewState { return c.isolate.viewState(c.raw(n)) }

// Value is argument n. An object that is not bytes becomes a handle, which must be released.
func (c *Call) Value(n int) Value { return c.isolate.fromRaw(c.raw(n)) }

// ASCII is argument n in place, if that is a string of ASCII characters only: like a View it is valid until
// Go calls into the isolate.
func (c *Call) ASCII(n int) (s string, ok bool) {
	if raw := c.raw(n); isString(raw) {
		return c.isolate.ascii(raw)
	}
	return "", false
}

// IsBool tells whether argument n is a boolean.
func (c *Call) IsBool(n int) bool { return tagOf(c.raw(n)) == tagBool }

// IsNumber tells whether argument n is a number.
func (c *Call) IsNumber(n int) bool {
	_, ok := numberOf(c.raw(n))
	return ok
}

// Forward calls a function with all arguments of the call. What it returns is for [Op.Run] to return at
// once: it stands for an exception, too.
func (c *Call) Forward(f Handle) Value {
	return Handle{c.isolate.call(f.raw, uint32(c.argc), c.argv)}.Value()
}

// Stack is the JavaScript that makes the call, innermost function first: lines of "    at function
// (file:line:column)", those of the platform among them; "" if it cannot be told. It takes as long as
// throwing an error does.
func (c *Call) Stack() string {
	raw := c.isolate.errorValue(&Error{})
	if isException(raw) {
		c.isolate.free(c.isolate.pending())
		return ""
	}
	defer c.isolate.free(raw)
	var e *Exception
	if errors.As(c.isolate.describe(raw), &e) {
		return e.Stack
	}
	return ""
}

// Hold keeps argument n alive after the call.
func (c *Call) Hold(n int) Handle { return c.isolate.hold(c.raw(n)) }

// callHost runs the op that JavaScript calls.
func (i *Isolate) callHost(number int, argc, argv uint32) (result uint64) {
	if i.turn.ending() {
		return i.throwUncatchable()
	}
	call := Call{isolate: i, argv: argv, argc: int(argc)}
	if number == len(i.engine.ops) {
		return i.hostFunction(call.Int(0), call.String(1))
	}
	op := &i.engine.ops[number]
	call.op = op
	if op.Waits {
		call.promise = call.Number(0)
		call.argv += 8
		call.argc--
	}
	v, err := op.Run(&call)
	if i.turn.ending() {
		return i.throwUncatchable()
	}
	if err != nil {
		return i.throw(err)
	}
	return i.toRaw(v)
}

// hostFunction makes a function that calls the op with a number, or, with the number behind those of all
// ops, one that makes such functions of a number and a name: the kernel gets it.
func (i *Isolate) hostFunction(number int, name string) uint64 {
	at := i.lend(name)
	function := i.newFunction(number, at)
	i.giveBack(at)
	return function
}

// errorValue makes the JavaScript form of an error.
func (i *Isolate) errorValue(err error) uint64 {
	var js *Error
	if !errors.As(err, &js) {
		js = &Error{Message: err.Error()}
	}
	class, props := js.Class, Undefined()
	if class == "" {
		class = "Error"
	}
	if js.Props != "" {
		props = JSON([]byte(js.Props))
	}
	thrown := Undefined()
	if js.Thrown != nil {
		thrown = Bytes(js.Thrown)
	}
	stack := Undefined()
	if js.Stack != "" {
		stack = String(js.Stack)
	}
	return i.callRaw(i.roots.MakeError, scratchInner, i.toRaw(String(class)), i.toRaw(String(js.Message)), i.toRaw(props), i.toRaw(thrown), i.toRaw(stack))
}

func (i *Isolate) throw(err error) uint64 {
	v := i.errorValue(err)
	if isException(v) {
		return v
	}
	return i.throwValue(v, true)
}

// throwUncatchable unwinds JavaScript: no catch and no finally runs.
func (i *Isolate) throwUncatchable() uint64 {
	v := i.errorValue(&Error{Class: "InternalError", Message: "stopped"})
	return i.throwValue(v, false)
}

// UTF16 is the code units of argument n, a string, with lone surrogates as they are.
func (c *Call) UTF16(n int) []uint16 {
	if raw := c.raw(n); isString(raw) {
		return c.isolate.units(raw)
	}
	return nil
}
